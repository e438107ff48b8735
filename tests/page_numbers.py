"""Every number on README and the pages, with the claim that backs it or the mark that nothing does.

Written into ``docs/numbers.md``. Numbers are those with a unit, with a decimal point, with an exponent or of four
digits and more, outside of code. One is backed where a row of ``docs/validation.md`` has the same value in the same
unit, to the digits that are printed, and speaks of the same thing: two words in common with the paragraph, one of
them with the sentence.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "numbers.md"
VALIDATION: Final = ROOT / "docs" / "validation.md"
LEFT_OUT: Final = {"validation.md", "numbers.md", "reference", "security-asvs.md"}  # generated; numbers of rules
NOT_CHECKED: Final = "not independently checked"
UNITS: Final = (
    "km/s", "m/s", "mm/s", "km", "m", "cm", "mm", "au", "AU", "°", "rad", "s", "ms", "µs", "min", "h", "d", "days",
    "years", "yr", "kg", "t", "Mt", "%", "USD", "M$", "k$", "bn", "MB", "GB", "GiB", "MiB", "kB", "W", "kW",
    "MW", "ppm", "million", "billion", "asteroids", "bodies", "cores", "core", "cases", "trips", "problems", "orbits",
)  # fmt: skip
UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
WHOLE: Final = r"\d{1,3}(?:[,  ]\d{3})+"  # with separators
NUMBER: Final = re.compile(
    rf"(?<![\w.,/-])(?:(?P<value>{WHOLE}(?:\.\d+)?|\d+(?:\.\d+)?(?:e-?\d+)?)[  ]?(?P<unit>{UNIT})(?![\w/²³-])"
    rf"|(?P<bare>{WHOLE}(?:\.\d+)?|\d+\.\d+(?:e-?\d+)?|\d+e-?\d+)(?![\w.-]))"
)
CODE: Final = re.compile(
    r"```.*?```|`[^`\n]*`|<!--.*?-->|\]\([^)]*\)|\b\d{4}s\b|(?:Python|ASVS|API|version|chapter|section) \d+\.\d+",
    re.S,
)
SAME: Final = {"AU": "au", "years": "yr", "days": "d"}
COMMON: Final = {"with", "than", "that", "from", "this", "least", "most", "each", "within", "after", "over", "under",
                 "their", "which", "where", "other", "every", "there", "into", "only", "when"}  # fmt: skip


class Number(NamedTuple):
    """A number on a page: what is printed, its value and unit, its sentence, and what the paragraph speaks of."""

    printed: str
    value: str
    unit: str
    sentence: str
    about: frozenset[str]


class Claim(NamedTuple):
    """A row of the validation page: its text, its oracle, and the figures in it as (value, unit)."""

    text: str
    oracle: str
    measured: str
    figures: tuple[tuple[float, str], ...]
    words: frozenset[str]


def pages() -> list[Path]:
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if not LEFT_OUT & set(page.relative_to(ROOT).parts)]


def numbers(text: str) -> Iterator[Number]:
    """What stands outside of code: blocks are printed by the program and compared by other tests."""
    heading = ""
    for paragraph in re.split(r"\n\s*\n", CODE.sub(" ", text)):
        heading = paragraph if paragraph.startswith("#") else heading
        about = words(f"{heading} {paragraph}")
        for sentence in re.split(r"(?<=[.;:?!])\s+|\n(?=[|#*-])", paragraph):
            for found in NUMBER.finditer(sentence):
                value, unit = re.sub(r"[,  ]", "", found["value"] or found["bare"]), found["unit"] or ""
                yield Number(found[0].strip(), value, SAME.get(unit, unit), " ".join(sentence.split()), about)


def claims(lines: list[str] | None = None) -> list[Claim]:
    """Rows of the validation page, or these."""
    if lines is None:
        lines = [line for line in VALIDATION.read_text().splitlines() if line.startswith("| ")][1:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [
        Claim(
            f"{area}: {text}",
            oracle,
            measured,
            tuple(_figures(text, gate, measured)),
            words(f"{area} {text} {oracle}"),
        )
        for area, text, oracle, gate, measured, _ in rows
    ]


def _figures(text: str, gate: str, measured: str) -> Iterator[tuple[float, str]]:
    yield from ((float(number.value), number.unit) for number in numbers(text))
    for cell in (gate, measured):
        value, _, unit = cell.lstrip("≤≥ ").partition(" ")
        yield float(value), SAME.get(unit, unit)


def words(text: str) -> frozenset[str]:
    """What a text speaks of: its longer words, without their endings."""
    return frozenset(word[:6] for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in COMMON)


def backing(number: Number, known: list[Claim]) -> Claim | None:
    """The claim of the same figure with most words in common with the sentence, then with the paragraph."""
    spoken, said = words(number.sentence), number.about
    same = [
        one
        for one in known
        if len(one.words & said) >= 2 and one.words & spoken and any(_agrees(number, *f) for f in one.figures)
    ]
    return max(same, key=lambda one: (len(one.words & spoken), len(one.words & said)), default=None)


def _agrees(number: Number, value: float, unit: str) -> bool:
    digits = len(number.value.lower().partition("e")[0].replace(".", "").strip("0")) or 1
    return unit == number.unit and f"{value:.{digits - 1}e}" == f"{float(number.value):.{digits - 1}e}"


HEAD: Final = """# Numbers on the pages

Every number that README and the hand-written pages print outside of code (with a unit, a decimal point or more than
three digits), and what stands behind it: a row of the [claims](validation.md), which has the gate too, or nothing.
Generated (`make docs`, `make validation`); a test compares it with the pages. The match is made by value, unit and
words, so read both sides.

What a code block shows is what the program printed, compared by the tests; the screen of a whole hunt in README comes
from a run. Those are estimates of the models behind them, **not independently checked** but for the claims.

"""


def report() -> str:
    """The text of ``docs/numbers.md``."""
    known, summary, parts = claims(), [], []
    for page in pages():
        name = str(page.relative_to(ROOT))
        found = list(numbers(f"# {page.stem}\n\n{page.read_text()}"))
        pairs = [(number, backing(number, known)) for number in found]
        backed = [(number, row) for number, row in pairs if row]
        bare = list(dict.fromkeys(number.printed for number, row in pairs if not row))
        if found:
            summary.append(f"| {name} | {len(found)} | {len(backed)} |")
            parts.append("\n".join([f"## {name}\n", *_backed(backed), *_bare(bare)]))
    table = "\n".join(["| page | numbers | with a claim |", "|---|---|---|", *summary])
    return f"{HEAD}{table}\n\n" + "\n".join(parts)


def _backed(rows: list[tuple[Number, Claim]]) -> Iterator[str]:
    if rows:
        yield "| number | on the page | claim | oracle | measured |\n|---|---|---|---|---|"
        for number, row in rows:
            place = number.sentence.strip("|#*- ").replace("|", "∣")
            short = place if len(place) <= 90 else f"{place[:90]}…"
            yield f"| {number.printed} | {short} | {row.text} | {row.oracle} | {row.measured} |"
        yield ""


def _bare(printed: list[str]) -> Iterator[str]:
    if printed:
        yield f"{NOT_CHECKED.capitalize()}: {' · '.join(printed)}.\n"


def write() -> None:
    PAGE.write_text(report())
