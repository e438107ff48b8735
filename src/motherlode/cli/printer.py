"""The one printer: tables and bars for people, one JSON document for programs, plain lines when nobody looks.

``--json`` puts one JSON document on standard output and nothing else; ``--quiet`` silences everything but errors.
Colours and bars appear on a terminal only, and never where ``NO_COLOR`` is set.
"""

import json
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

WIDE: Final = 200  # columns of a table that goes into a pipe
LINE_EVERY_S: Final = 5.0  # plain progress lines are no closer than this


@dataclass
class Printer:
    """Where a command's answer goes."""

    as_json: bool = False
    quiet: bool = False
    _bar: Any = field(default=None, repr=False)

    def document(self, answer: Any) -> bool:
        """Print the answer as JSON where that was asked; returns whether it did."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(answer), indent=2, allow_nan=False, ensure_ascii=False) + "\n")
        return self.as_json

    def line(self, text: str = "") -> None:
        """One line for people."""
        if not (self.as_json or self.quiet):
            self._console().print(text, markup=False, highlight=False, soft_wrap=True)

    def heading(self, text: str) -> None:
        """The line above a table."""
        if not (self.as_json or self.quiet):
            self._console().print(text, style="bold", markup=False, highlight=False)

    def table(
        self, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str] | None = None, title: str = ""
    ) -> None:
        """A table of rows; ``columns`` maps keys to headings and picks their order, all keys where it is None."""
        if self.as_json or self.quiet:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        heads = dict(columns) if columns else {key: heading(key) for key in (rows[0] if rows else {})}
        grid = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, header_style="bold")
        for key, head in heads.items():
            numeric = any(
                isinstance(row.get(key), int | float) and not isinstance(row.get(key), bool) for row in rows
            )
            grid.add_column(Text(head), justify="right" if numeric else "left")
        for row in rows:
            grid.add_row(*(Text(shown(row.get(key), key)) for key in heads))
        self._console().print(grid)

    def facts(self, pairs: Mapping[str, Any], title: str = "") -> None:
        """A two-column list of what is known."""
        rows = [{"what": heading(key), "value": shown(value, key)} for key, value in pairs.items()]
        if self.as_json or self.quiet:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        grid = Table(title=title or None, title_justify="left", box=box.SIMPLE, show_header=False)
        for row in rows:
            grid.add_row(Text(row["what"], style="dim"), Text(row["value"]))
        self._console().print(grid)

    def progress(self) -> "Progress":
        """A bar with a true total and time left on a terminal, plain lines elsewhere, nothing when quiet."""
        silent = self.quiet or (self.as_json and not sys.stderr.isatty())
        return Silent() if silent else Bar() if sys.stderr.isatty() else Lines()

    def _console(self) -> Any:
        from rich.console import Console

        piped = not sys.stdout.isatty()
        return Console(width=int(os.environ.get("COLUMNS", WIDE)) if piped else None, no_color=no_color() or None)


def no_color() -> bool:
    """Whether the user asked for no colours anywhere: https://no-color.org."""
    return bool(os.environ.get("NO_COLOR"))


class Progress:
    """How a long command tells how far it is: ``update(stage, done, total)`` any number of times, then ``close``."""

    def update(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` pieces of a stage are finished."""

    def close(self) -> None:
        """End the display."""


class Silent(Progress):
    """Says nothing."""


class Lines(Progress):
    """Plain lines on standard error: one when a stage begins, one when it ends, few between."""

    def __init__(self) -> None:
        self._stage, self._told = "", 0.0

    def update(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage or done == total or now - self._told >= LINE_EVERY_S:
            print(f"{stage}: {done} of {total}", file=sys.stderr, flush=True)
            self._stage, self._told = stage, now


class Bar(Progress):
    """A bar for each stage on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Live

        columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn())
        self._live = Live(
            *columns,
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True, no_color=no_color() or None),
        )
        self._tasks: dict[str, Any] = {}
        self._live.start()

    def update(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._live.add_task(stage, total=total)
        self._live.update(self._tasks[stage], completed=done, total=total)

    def close(self) -> None:
        self._live.stop()


UNITS: Final = {  # endings of keys and how people write them
    "km2_s2": "km²/s²",
    "km_s": "km/s",
    "m_s": "m/s",
    "kg_d_kg": "kg/d per kg",
    "kg_m3": "kg/m³",
    "g_cm3": "g/cm³",
    "usd_kg": "USD/kg",
    "usd": "USD",
    "km": "km",
    "kg": "kg",
    "pa": "Pa",
    "au": "au",
    "deg": "°",
    "rad": "rad",
    "tdb": "TDB",
    "arcsec": "″",
    "mag": "mag",
    "year": "",
    "t": "t",
    "d": "d",
    "h": "h",
    "m": "m",
    "s": "s",
}


def heading(key: str) -> str:
    """A key as a heading with its unit: ``min_delta_v_km_s`` becomes ``min Δv, km/s``."""
    for ending, unit in UNITS.items():
        if key.endswith("_" + ending):
            words = key.removesuffix("_" + ending)
            return _words(words) + (f", {unit}" if unit and unit != "TDB" else "")
    return _words(key)


def _words(key: str) -> str:
    words = "H" if key == "h" else key  # the absolute magnitude; "h" reads like hours
    return words.replace("_", " ").replace("delta v", "Δv").replace("v infinity", "v∞").replace(" p50", "").strip()


def shown(value: Any, key: str = "") -> str:
    """A value as people read it: four figures, dates as dates, nothing as a dash."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.endswith("_tdb") and isinstance(value, int | float):
        from motherlode import epochs  # NumPy: not needed to print help

        return epochs.iso(float(value))
    if isinstance(value, float) and "_jd_" in key:
        return f"{value:.1f}"
    if isinstance(value, float):
        return _money(value) if "usd" in key and "usd_kg" not in key else _figure(value)
    if isinstance(value, int):
        return (
            f"{value:,}" if abs(value) >= 100_000 and not key.endswith(("number", "year", "vintage")) else str(value)
        )
    if isinstance(value, Mapping) and "p50" in value:
        middle, low, high = (shown(value.get(part), key) for part in ("p50", "p05", "p95"))
        return f"{middle} ({low} … {high})"
    if isinstance(value, Mapping):
        return "; ".join(f"{_words(str(name))} {shown(part, str(name))}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(shown(part) for part in value) or "–"
    return str(value)


def _money(usd: float) -> str:
    """Dollars with M, bn and tn: G and T are for grams and tonnes."""
    size, sign = abs(usd), "-" if usd < 0 else ""
    for limit, letter in ((1e15, " quadrillion"), (1e12, " tn"), (1e9, " bn"), (1e6, " M")):
        if size >= limit:
            return f"{sign}{size / limit:.3g}{letter}"
    return f"{sign}{size:,.0f}"


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    size = abs(value)
    for limit, factor, letter in (
        (1e15, 1e15, " quadrillion"),
        (1e12, 1e12, " T"),
        (1e9, 1e9, " G"),
        (1e6, 1e6, " M"),
    ):
        if size >= limit:
            return f"{value / factor:.3g}{letter}"
    return f"{value:,.0f}" if size >= 1000 else f"{value:.4g}" if size >= 1 or size == 0 else f"{value:.3g}"


def plain(value: Any) -> Any:
    """The same with plain Python values, NaN and infinity as null: what JSON can say."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
