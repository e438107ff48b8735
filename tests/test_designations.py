"""Names in every usual spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motherlode.catalogue import designations, snapshot
from motherlode.errors import UnknownAsteroid
from motherlode.tables import Table


@pytest.fixture(scope="module")
def catalogue() -> Table:
    return snapshot.load()


@pytest.mark.parametrize(
    "spelling",
    ["Bennu", "bennu", "BENNU", "101955", "(101955)", "(101955) Bennu", "101955 Bennu", "101955 Bennu (1999 RQ36)",
     "101955 (1999 RQ36)", "Bennu (1999 RQ36)", "1999 RQ36", "1999RQ36", "1999 rq36", "1999rq36", "(1999 RQ36)",
     "A1955", "J99R36Q", "j99r36q", "20101955", "2101955", "  101955   Bennu "],
)  # fmt: skip
def test_bennu_in_every_spelling(spelling: str, catalogue: Table) -> None:
    assert catalogue["full_name"][designations.find(spelling, catalogue)] == "101955 Bennu (1999 RQ36)"


def test_other_designations_lead_to_the_same_body(catalogue: Table) -> None:
    assert designations.find("1956 PC", catalogue) == designations.find("Eros", catalogue)
    assert designations.find("A898 PA", catalogue) == designations.find("1898 PA", catalogue)
    assert designations.find("I98P00A", catalogue) == designations.find("433", catalogue)


def test_many_names_keep_their_order(catalogue: Table) -> None:
    rows = designations.find_all(["Itokawa", "Eros", "2000 SG344"], catalogue)
    assert catalogue["designation"][rows].tolist() == ["25143", "433", "2000 SG344"]


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [("Benu", "Bennu"), ("Apofis", "Apophis"), ("1999 RQ37", "1999 RQ36"), ("101956", "101955"), ("A1956", "101955")],
)
def test_unknown_name_is_answered_with_the_nearest(wrong: str, nearest: str, catalogue: Table) -> None:
    with pytest.raises(UnknownAsteroid) as caught:
        designations.find(wrong, catalogue)
    assert caught.value.nearest[0] == nearest
    assert f"no asteroid called {wrong!r} in the catalogue; did you mean {nearest}" in str(caught.value)


def test_number_and_name_must_agree(catalogue: Table) -> None:
    with pytest.raises(UnknownAsteroid):
        designations.find("101955 Apophis", catalogue)


@pytest.mark.parametrize(
    ("readable", "packed"),  # Minor Planet Center, "Packed provisional and permanent designations"
    [("1995 XA", "J95X00A"), ("1995 XL1", "J95X01L"), ("1995 FB13", "J95F13B"), ("1998 SQ108", "J98SA8Q"),
     ("1998 SV127", "J98SC7V"), ("1998 SS162", "J98SG2S"), ("2099 AZ193", "K99AJ3Z"), ("2008 AA360", "K08Aa0A"),
     ("2007 TA418", "K07Tf8A"), ("2040 P-L", "PLS2040"), ("3138 T-1", "T1S3138"), ("1010 T-2", "T2S1010"),
     ("4101 T-3", "T3S4101"), ("3202", "03202"), ("50000", "50000"), ("100345", "A0345"), ("360017", "a0017"),
     ("203289", "K3289"), ("620000", "~0000"), ("620061", "~000z"), ("3140113", "~AZaz"), ("15396335", "~zzzz")],
)  # fmt: skip
def test_packing_as_the_minor_planet_center_gives_it(readable: str, packed: str) -> None:
    assert designations.unpack(packed) == readable
    assert designations.pack(readable) == packed


@pytest.mark.parametrize(
    ("readable", "packed"),  # the scheme for crowded half-months of the 2020s
    [("2016 EZ999", None), ("2023 RE620", "_NR0004"), ("2024 AA620", "_OA0000")],
)
def test_packing_of_crowded_half_months(readable: str, packed: str | None) -> None:
    if packed is not None:
        assert designations.pack(readable) == packed
    assert designations.unpack(designations.pack(readable)) == readable


@given(number=st.integers(1, 620_000 + 62**4 - 1))
def test_packed_numbers_round_trip(number: int) -> None:
    assert designations.unpack(designations.pack(str(number))) == str(number)


@given(
    year=st.integers(1925, 2061),
    half_month=st.sampled_from("ABCDEFGHJKLMNOPQRSTUVWXY"),
    order=st.sampled_from("ABCDEFGHJKLMNOPQRSTUVWXYZ"),
    cycle=st.integers(0, 619),
)
def test_packed_provisionals_round_trip(year: int, half_month: str, order: str, cycle: int) -> None:
    text = f"{year} {half_month}{order}{cycle or ''}"
    assert designations.unpack(designations.pack(text)) == text
    assert designations.provisional(text.replace(" ", "").lower()) == text


def test_every_provisional_designation_of_the_catalogue_packs(catalogue: Table) -> None:
    for text in catalogue["provisional"].tolist():
        assert designations.unpack(designations.pack(text)) == text


@given(st.text(max_size=40))
def test_any_text_finds_a_row_or_teaches(text: str) -> None:
    table = snapshot.load().take(range(300))
    try:
        assert 0 <= designations.find(text, table) < len(table)
    except UnknownAsteroid as error:
        assert str(error).startswith("no asteroid called")
