"""Names of asteroids in every usual spelling, and the row of the catalogue that they mean.

``Bennu``, ``101955``, ``(101955) Bennu``, ``1999 RQ36``, ``1999rq36``, packed ``A1955`` and ``J99R36Q``, SPK-IDs of
both schemes. Packing rules: Minor Planet Center, "Packed provisional and permanent designations".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.errors import UnknownAsteroid
from motherlode.tables import Table

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SURVEYS: Final = {"PLS": "P-L", "T1S": "T-1", "T2S": "T-2", "T3S": "T-3"}
SPK_BASES: Final = (20_000_000, 2_000_000)  # SPK-ID = base + number; the first since 2023, the second before

_PROVISIONAL = re.compile(r"([12]\d{3})\s*([A-HJ-Y])([A-HJ-Z])\s*(\d*)")
_SURVEY = re.compile(r"(\d{4})\s*(P-L|T-[123])")
_BEFORE_1925 = re.compile(r"A([89]\d{2})\s*([A-HJ-Y])([A-HJ-Z])")
_NUMBER_FIRST = re.compile(r"\(?(\d+)\)?(?:\s+(.*))?")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
_PACKED = re.compile(r"([I-K])(\d{2})([A-HJ-Y])([0-9A-Za-z])(\d)([A-HJ-Z])")
_PACKED_SURVEY = re.compile(r"(PLS|T1S|T2S|T3S)(\d{4})")
_PACKED_LONG = re.compile(r"_([0-9A-Za-z])([A-HJ-Y])([0-9A-Za-z]{4})")
_PACKED_NUMBER = re.compile(r"([0-9A-Za-z])(\d{4})|~([0-9A-Za-z]{4})")


def provisional(text: str) -> str | None:
    """The usual spelling of a provisional designation, ``provisional("1999rq36")``: 1999 RQ36; None if it is none."""
    letters = " ".join(text.upper().split())
    if found := _PROVISIONAL.fullmatch(letters):
        year, half_month, order, cycle = found.groups()
        return _readable(int(year), half_month, order, int(cycle or 0))
    if found := _BEFORE_1925.fullmatch(letters):
        return _readable(1000 + int(found[1]), found[2], found[3], 0)
    found = _SURVEY.fullmatch(letters)
    return f"{found[1]} {found[2]}" if found else None


def _readable(year: int, half_month: str, order: str, cycle: int) -> str:
    # Designations given later to finds of the years before 1925 are written A898 PA, so that no older one is meant.
    return f"{f'A{year % 1000}' if year < 1925 else year} {half_month}{order}{cycle or ''}"


def unpack(text: str) -> str | None:
    """The readable designation of a packed one, as number or provisional text; None if it is not packed."""
    if found := _PACKED.fullmatch(text):
        century, year, half_month, tens, unit, order = found.groups()
        cycle = 10 * DIGITS.index(tens) + int(unit)
        return _readable(100 * DIGITS.index(century) + int(year), half_month, order, cycle)
    if found := _PACKED_SURVEY.fullmatch(text):
        return f"{found[2]} {SURVEYS[found[1]]}"
    if found := _PACKED_LONG.fullmatch(text):
        # The extended scheme of 2023 starts at the 15 501st designation of a half-month, 620 cycles of 25 letters.
        cycle, order = divmod(_base_62(found[3]) + 15_500, 25)
        return f"20{DIGITS.index(found[1]):02d} {found[2]}{'ABCDEFGHJKLMNOPQRSTUVWXYZ'[order]}{cycle}"
    if found := _PACKED_NUMBER.fullmatch(text):
        head, rest, beyond = found.groups()
        return str(_base_62(beyond) + 620_000 if beyond else DIGITS.index(head) * 10_000 + int(rest))
    return None


def pack(designation: str) -> str:
    """The packed form of a number or a provisional designation; inverse of ``unpack``."""
    if designation.isdigit():
        number = int(designation)
        head, rest = divmod(number, 10_000)
        return f"{DIGITS[head]}{rest:04d}" if number < 620_000 else "~" + _to_base_62(number - 620_000)
    if found := _SURVEY.fullmatch(designation):
        return {readable: packed for packed, readable in SURVEYS.items()}[found[2]] + found[1]
    readable = re.sub(r"^A", "1", designation)
    if not (found := _PROVISIONAL.fullmatch(readable)):
        raise ValueError(f"{designation!r} is neither a number nor a provisional designation")
    year, half_month, order, cycle = int(found[1]), found[2], found[3], int(found[4] or 0)
    if cycle >= 620:
        place = cycle * 25 + "ABCDEFGHJKLMNOPQRSTUVWXYZ".index(order) - 15_500
        return f"_{DIGITS[year - 2000]}{half_month}{_to_base_62(place)}"
    return f"{DIGITS[year // 100]}{year % 100:02d}{half_month}{DIGITS[cycle // 10]}{cycle % 10}{order}"


def _base_62(text: str) -> int:
    value = 0
    for digit in text:
        value = value * 62 + DIGITS.index(digit)
    return value


def _to_base_62(value: int, width: int = 4) -> str:
    return "".join(DIGITS[value // 62**place % 62] for place in reversed(range(width)))


@dataclass(frozen=True)
class Spelling:
    """What a written name can mean: numbers, provisional designations, names; in the order to try them."""

    numbers: tuple[int, ...] = ()
    provisionals: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    beside: str = ""  # what stands next to a number: "Bennu" in "101955 Bennu"


def read(text: str) -> Spelling:
    """Everything that a spelling can mean, most literal first."""
    plain = " ".join(text.split())
    if (inner := plain.removeprefix("(").removesuffix(")")) and len(plain) - len(inner) == 2:
        plain = inner if "(" not in inner and ")" not in inner else plain
    if designation := provisional(plain) or unpack_provisional(plain):
        return Spelling(provisionals=(designation,))
    if (packed := unpack(plain)) and not plain.isdigit():
        return Spelling(numbers=(int(packed),), names=(plain.casefold(),))
    if found := _NUMBER_FIRST.fullmatch(plain):
        number = int(found[1]) if len(found[1]) < 12 else -1
        schemes = tuple(number - base for base in SPK_BASES if number > base)
        return Spelling(numbers=(number, *schemes), beside=found[2] or "")
    if found := _IN_BRACKETS.search(plain):
        inside = provisional(found[1])
        outside = plain[: found.start()].strip()
        return Spelling(provisionals=(inside,) if inside else (), names=(outside.casefold(),) if outside else ())
    return Spelling(names=(plain.casefold(),))


def unpack_provisional(text: str) -> str | None:
    """The provisional designation of its packed form in any case; packed numbers are case-sensitive, so not here."""
    for letters in (text, text.upper()):
        readable = unpack(letters)
        if readable and not readable.isdigit():
            return readable
    return None


def find(name: str, table: Table) -> int:
    """Row of an asteroid in the catalogue.

    name     any usual spelling
    table    catalogue
    returns  index of its row
    raises   UnknownAsteroid, with the nearest names
    """
    return int(find_all([name], table)[0])


def find_all(names: Iterable[str], table: Table) -> NDArray[np.int64]:
    """Row of each of many asteroids, in order; raises UnknownAsteroid for the first that is not there."""
    return np.array([_find(name, read(name), table) for name in names], dtype=np.int64)


def _find(name: str, spelling: Spelling, table: Table) -> int:
    for number in spelling.numbers:
        rows = np.flatnonzero((table["number"] == number) & (number > 0))
        if rows.size and _agrees(spelling.beside, table["full_name"][rows[0]]):
            return int(rows[0])
    for designation in spelling.provisionals:
        if (row := _row_of_provisional(designation, table)) is not None:
            return row
    folded = _folded(table["name"]) if spelling.names else np.empty(0, object)
    for wanted in spelling.names:
        if wanted and (rows := np.flatnonzero(folded == wanted)).size:
            return int(rows[0])
    raise UnknownAsteroid(name, nearest(name, table))


def _agrees(beside: str, full_name: str) -> bool:
    """Whether the words next to a number belong to it: 101955 Bennu does, 101955 Apophis does not."""
    words = _IN_BRACKETS.sub("", beside).strip().casefold()
    return words in full_name.casefold()


def _row_of_provisional(designation: str, table: Table) -> int | None:
    if (rows := np.flatnonzero(table["provisional"] == designation)).size:
        return int(rows[0])
    others = table["other_designations"]
    return next((int(row) for row in np.flatnonzero(others != "") if designation in others[row].split("; ")), None)


def _folded(names: NDArray[Any]) -> NDArray[Any]:
    return np.array([name.casefold() for name in names.tolist()] or [""], dtype=object)


def nearest(name: str, table: Table, n: int = 3) -> list[str]:
    """The names in the catalogue that look most like a spelling, best first."""
    spelling = read(name)
    if spelling.numbers:
        numbers = table["number"][table["number"] > 0]
        order = np.argsort(np.abs(numbers - spelling.numbers[0]), kind="stable")[:n]
        return [str(number) for number in numbers[order]]
    if spelling.provisionals:
        year = spelling.provisionals[0][:6]
        same_half_month = [text for text in table["provisional"].tolist() if text.startswith(year)]
        return get_close_matches(spelling.provisionals[0], same_half_month, n, 0.5)
    return _alike(spelling.names[0] if spelling.names else name.casefold(), table["name"].tolist(), n)


def _alike(wanted: str, names: Sequence[str], n: int) -> list[str]:
    candidates = {text.casefold(): text for text in names if text}
    return [candidates[text] for text in get_close_matches(wanted, candidates, n, 0.5)]
