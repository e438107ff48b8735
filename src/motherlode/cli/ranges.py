"""Ranges on the command line: ``2003-01-01..2003-12-31`` and ``100..350``."""

from motherlode.errors import BadInput


def ends(text: str, what: str, example: str) -> tuple[str, str]:
    """Both ends of a written range. Raises BadInput."""
    first, dots, last = text.partition("..")
    if not dots or not first.strip() or not last.strip():
        raise BadInput(f"cannot read the {what} {text!r}; expected first..last, such as {example}")
    return first.strip(), last.strip()


def dates(text: str) -> tuple[float, float]:
    """A range of dates in TDB s past J2000. Raises BadEpoch, and BadInput where it runs backwards."""
    from motherlode import epochs

    first, last = ends(text, "range of dates", "2028-01-01..2030-12-31")
    begin, end = epochs.parse(first), epochs.parse(last)
    if end < begin:
        raise BadInput(f"the dates {text} run backwards; write the earlier one first: {last}..{first}")
    return begin, end


def days(text: str) -> tuple[float, float]:
    """A range of days. Raises BadInput."""
    first, last = ends(text, "range of flight times", "100..350")
    try:
        short, long = float(first), float(last)
    except ValueError:
        raise BadInput(f"cannot read the flight times {text!r}; expected days, such as 100..350") from None
    if long < short:
        raise BadInput(f"the flight times {text} run backwards; write the shorter one first: {last}..{first}")
    return short, long
