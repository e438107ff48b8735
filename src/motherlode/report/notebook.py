"""The program from Python: the same questions as on the command line, answered with objects that show themselves.

In a notebook an answer is drawn as a chart or a table; ``.result`` is the object behind it and its attributes are the
answer's own: ``ml.porkchop("earth", "mars", ...).best()``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from motherlode import epochs
from motherlode.capture.plans import Retrieval
from motherlode.catalogue import snapshot
from motherlode.errors import BadInput
from motherlode.figures import spreads, transfers
from motherlode.figures.theme import Figure
from motherlode.report import words
from motherlode.study import answers, launch_windows, named
from motherlode.study import hunt as job
from motherlode.study.config import Study
from motherlode.study.named import SAMPLES, SEED
from motherlode.tables import Table

PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True)
class Answer:
    """A result with its display.

    result  what the stage found; its attributes are reached through the answer
    data    the same as plain values with units in the keys, as ``--json`` prints it
    """

    result: Any
    data: Any
    draw: Callable[[], Figure] | None = field(default=None, repr=False)

    @property
    def figure(self) -> Figure:
        """The chart as Plotly's JSON. Raises BadInput where an answer has none."""
        if self.draw is None:
            raise BadInput("this answer has no chart; its .data is a table")
        return self.draw()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.result, name)

    def __iter__(self) -> Any:
        return iter(self.result)

    def __len__(self) -> int:
        return len(self.result)

    def __getitem__(self, key: Any) -> Any:
        return self.result[key]

    def _repr_html_(self) -> str:
        return table_html(self.data)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        return bundle | ({PLOTLY: words.plain(self.figure)} if self.draw else {})


def table_html(data: Any, most: int = 40) -> str:
    """Plain values as an HTML table: a list of rows with headings, a mapping as two columns."""
    if isinstance(data, list) and data and isinstance(data[0], dict):
        heads = list(data[0])
        rows = [[row.get(head) for head in heads] for row in data[:most]]
    else:
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        heads, rows = ["", ""], [[key, value] for key, value in pairs]
    head = "".join(f"<th>{escape(str(name))}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(value, str(name)))}</td>" for name, value in zip(heads, row)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any, name: str) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_cell(part, key)}" for key, part in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return " | ".join(_cell(part, name) for part in value)
    return words.value(value, name)


def catalogue() -> Table:
    """Every asteroid of the packaged catalogue, one row each; columns in ``catalogue.schema``."""
    return snapshot.load()


def asteroid(name: str) -> Answer:
    """One asteroid in every respect, as ``motherlode show``. Raises UnknownAsteroid with the nearest names."""
    return Answer(named.asteroid(name), answers.show(name))


def roundtrip(*names: str, rules: str = "nhats", port: str = "earth-400km") -> Answer:
    """Round trips of some asteroids, a row each, in order. Raises UnknownAsteroid, UnknownName."""
    found = answers.roundtrips(names, rules=rules, port=port)
    return Answer(found, found)


def porkchop(
    origin: str, target: str, depart: tuple[str, str], flight_d: tuple[float, float], *, step_d: float | None = None
) -> Answer:
    """The grid of two movers by name, with its best windows.

    depart    first and last departure, ISO dates
    flight_d  shortest and longest flight, days
    raises    BadInput, OutsideEphemeris, UnknownAsteroid
    """
    window = epochs.parse(depart[0]), epochs.parse(depart[1])
    chart = launch_windows.grid(origin, target, window, flight_d, step_d=step_d)
    return Answer(chart, launch_windows.answer(chart), lambda: transfers.porkchop(chart))


def capture(name: str, to: str = "any", *, depart: tuple[str, str] = ("2028-01-01", "2050-01-01")) -> Answer:
    """Ways to bring a whole asteroid to a destination, cheapest first. Raises NoSolution, UnknownName."""
    found: Any = answers.capture(name, to, span=depart)
    options: Sequence[Retrieval | dict[str, Any]] = found["options"]
    return Answer(options, found)


def deposit(name: str, *, samples: int = SAMPLES, seed: int = SEED) -> Answer:
    """Samples of size, mass, spin and every resource. Raises UnknownAsteroid."""
    one = named.asteroid(name)
    held = one.deposit(samples, seed)
    draw = lambda: spreads.deposit(held.percentiles(), str(one.facts["full_name"]))  # noqa: E731
    return Answer(held, answers.deposit_answer(name, samples=samples, seed=seed), draw)


def value(name: str, *, product: str = "water", to: str = "eml1", port: str = "earth-400km") -> Answer:
    """The four values of one business. Raises NoSolution where no trip meets the rules."""
    (worth,) = answers.values(name, businesses=[(product, to)], port=port)
    draw = lambda: spreads.values({f"{product} to {to}": worth.percentiles()}, name)  # noqa: E731
    return Answer(worth, answers.value_answer(worth), draw)


def hunt(
    study: Study | str | Path = "first-light", *, runs: str | Path = "runs", workers: int | None = None
) -> Answer:
    """The whole line for a study, resumed where it stopped; the ranked table.

    study  a Study, the path of a TOML file, or the name of a packaged one
    """
    from motherlode.study import config

    text = config.to_toml(study) if isinstance(study, Study) else config.text_named(study)
    done = job.start(text, Path(runs), processes=workers).run()
    return Answer(done, [answers.dated(row) for row in done.ranked.rows()])
