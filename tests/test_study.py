"""A study file: every assumption in one place, refused in one clear line where it is wrong."""

from pathlib import Path

import pytest

from motherlode.errors import BadStudy, MotherlodeError
from motherlode.study import config, steps
from motherlode.study.config import Study

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", config.EXAMPLES)
def test_examples_are_packaged_as_they_stand_in_the_repository(name: str) -> None:
    (file,) = (ROOT / "examples").rglob(f"{name}.toml")
    assert file.read_text() == config.example_text(name)
    steps.check(Study.example(name))


@pytest.mark.parametrize("name", config.EXAMPLES)
def test_a_study_survives_being_written_and_read(name: str) -> None:
    study = Study.example(name)
    assert Study.parse(config.to_toml(study)) == study


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = 'x'\n[acces]\n", "unknown key 'acces'; did you mean 'access'?"),
        ("name = 'x'\n[access]\nport = 'earth-400km'\n", "unknown key 'access.port'; did you mean 'ports'?"),
        ("name = 'x'\n[access.window]\nfrist = '2030-01-01'\n",
         "unknown key 'access.window.frist'; did you mean 'first'?"),
        ("name = 'x'\nzzz = 1\n", "unknown key 'zzz'; the keys are: name, title, seed"),
        ("seed = 1\n", "the key 'name' is missing"),
        ("name = 'x", "is not TOML"),
        ("name = 'x'\nsamples = 'many'\n", "samples: input should be a valid integer"),
        ("name = 'x'\nsamples = 1\n", "samples: input should be greater than or equal to 50; got 1"),
        ("name = '../x'\n", "name: string should match pattern"),
        ("name = 'x'\n[access]\nwindow = { first = '2031-01-01', last = '2030-01-01' }\n",
         "the window ends (2030-01-01) before it begins (2031-01-01); swap them"),
        ("name = 'x'\n[access]\nwindow = { first = 'soon' }\n", "cannot read the date 'soon'"),
        ("name = 'x'\n[economy]\nbusinesses = [['gold', 'earth']]\n", "input should be 'water', "),
    ],
)  # fmt: skip
def test_a_wrong_study_is_refused_in_one_line(text: str, told: str) -> None:
    with pytest.raises(BadStudy) as refusal:
        Study.parse(text)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[access]\nports = ['moon']", "no port called 'moon'; choose one of: earth-400km"),
        ("[access]\nports = ['depot']", "port 'depot' has no planet"),
        ("[access]\nwindow = { first = '2090-01-01', last = '2099-12-31' }", "is outside the ephemeris"),
        ("[capture]\ndestinations = ['moon-base']", "no destination called 'moon-base'"),
        ("[capture]\ntug = 'warp'", "no tug called 'warp'"),
        ("[catalogue]\nasteroids = ['Benu']", "no asteroid called 'Benu' in the catalogue; did you mean"),
        ("[access]\nduration_below_d = 5.0", "no trip fits into 5 d"),
    ],
)
def test_what_does_not_exist_is_refused_before_any_work(text: str, told: str) -> None:
    with pytest.raises(MotherlodeError) as refusal:
        steps.check(Study.parse(f"name = 'x'\n{text}\n"))
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "no study file"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"#" * (1 << 20) + b"##", "a study is at most"),
    ],
)
def test_a_file_that_is_no_study(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "study.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadStudy, match=told):
        Study.load(path)


def test_deep_nesting_is_refused_not_crashed() -> None:
    with pytest.raises(BadStudy):
        Study.parse("name = " + "[" * 5000 + "]" * 5000)


def test_every_key_says_what_it_means() -> None:
    rows = config.keys()
    assert len(rows) > 20
    assert not [row["key"] for row in rows if not row["meaning"]]


def test_schema_is_json_schema() -> None:
    schema = config.schema()
    assert schema["type"] == "object"
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
