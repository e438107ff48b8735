"""The report: one file that opens from disk with no network, sorts, turns, and keeps secrets when asked to."""

import json
import re
import shutil
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.studies import SMALL

from motherlode.errors import MotherlodeError, UnknownName
from motherlode.report import page, words
from motherlode.study import hunt, store

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = hunt.start(SMALL, tmp_path_factory.mktemp("runs"), processes=1).run().folder
    page.write(folder)
    return folder


@pytest.fixture(scope="module")
def text(run: Path) -> str:
    return (run / "report.html").read_text()


def test_it_goes_by_mail(run: Path, claim: Callable[..., None]) -> None:
    size = (run / "report.html").stat().st_size / 1e6
    claim("Size of a report", oracle="limit for mail", measured=size, at_most=5.0, unit="MB", status="modelled")


def test_it_fetches_nothing(text: str) -> None:
    body = text[: text.index("<script>")]  # what follows is the chart library, which names its licence's address
    assert not re.findall(r'(?:src|href)="(?!#)', body)
    assert "default-src &#39;none&#39;" in text
    assert "url(" not in body


def test_the_policy_allows_these_scripts_and_no_other(text: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1].replace("&#39;", "'")  # type: ignore[index]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(scripts) == 2
    for script in scripts:
        assert b64encode(sha256(script.encode()).digest()).decode() in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy


def test_what_it_must_show_is_there(text: str, run: Path) -> None:
    for part in ("ranked", "funnel", "sky", "best-0", "assumptions", "sources"):
        assert f'id="{part}"' in text
    ranked = store.table(run, "ranked")
    for name in ranked["full_name"]:
        assert name in text
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])  # type: ignore[index]
    assert {"funnel", "porkchop-0", "deposit-0", "value-0"} <= set(data["figures"])
    assert [body["name"] for body in data["sky"]["bodies"]][:4] == ["Mercury", "Venus", "Earth", "Mars"]


def test_figures_say_their_units(text: str) -> None:
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])  # type: ignore[index]
    for name, figure in data["figures"].items():
        titles = [figure["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")]
        assert any(titles), name
        if name.startswith("porkchop"):
            assert titles == ["departure (TDB)", "flight time, d"]


def test_redacted_it_holds_no_price(run: Path) -> None:
    path = page.write(run, redact="economics")
    content = path.read_text()
    body = content[: content.index("<script>")]
    assert path.name == "report-without-economics.html"
    for secret in ("NPV", "USD", "gross in situ", "break_even", "$", "market pays", "economy."):
        assert secret not in body, secret
    assert "value-0" not in body


def test_only_economics_can_be_redacted(run: Path) -> None:
    with pytest.raises(UnknownName, match="no part to redact called 'orbits'; choose one of: economics"):
        page.write(run, redact="orbits")


def test_a_run_without_end_has_no_report(tmp_path: Path) -> None:
    with pytest.raises(MotherlodeError):
        page.write(tmp_path)


def test_names_from_outside_stay_text(run: Path, tmp_path: Path) -> None:
    evil = tmp_path / "small"
    shutil.copytree(run, evil)
    study = (
        (evil / "study.toml")
        .read_text()
        .replace("Nine asteroids, two home ports", "</script><script>alert(1)</script>")
    )
    (evil / "study.toml").write_text(study)
    assert "<script>alert" not in page.html(evil)


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install it to see the report tested in it")
def test_it_opens_offline_sorts_and_turns(run: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_context(offline=True).new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto((run / "report.html").as_uri())
        tab.wait_for_selector("html[data-ready=yes]")
        plot = tab.locator(".plot[data-figure=porkchop-0]")
        plot.scroll_into_view_if_needed()
        plot.locator(".main-svg").first.wait_for()
        column = "#ranked tbody tr td:nth-child(4)"
        tab.get_by_role("button", name="Δv, km/s").click()
        rising = [float(value) for value in tab.locator(column).all_inner_texts()]
        tab.get_by_role("button", name="Δv, km/s").click()
        falling = [float(value) for value in tab.locator(column).all_inner_texts()]
        assert rising == sorted(rising) and falling == sorted(rising, reverse=True)
        look = "document.querySelector('canvas').toDataURL()"
        tab.locator("canvas").scroll_into_view_if_needed()
        before = tab.evaluate(look)
        tab.locator("canvas").press("ArrowRight")
        turned = tab.evaluate(look)
        assert before != turned
        tab.locator("#when").fill(tab.locator("#when").get_attribute("max") or "")
        assert tab.evaluate(look) != turned
        assert not tab.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert complaints == []
        assert len(tab.pdf()) > 20_000
        laid_for_paper(tab)
        browser.close()


def laid_for_paper(tab: Any) -> None:
    """On A4 laid on its side every chart is drawn, dark on white, and nothing is wider than the sheet."""
    tab.set_viewport_size({"width": 1032, "height": 730})
    tab.emulate_media(media="print", color_scheme="dark")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    plots = tab.locator(".plot")
    for k in range(plots.count()):
        plots.nth(k).locator(".main-svg").first.wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1032
    assert tab.evaluate("getComputedStyle(document.querySelector('.plot .xtick text')).fill") == "rgb(0, 0, 0)"


def test_money_and_mass_in_words() -> None:
    assert words.money(8.64e12) == "$8.64 tn"
    assert words.money(-3.49e9) == "−$3.49 bn"
    assert words.tonnes(6.23e8) == "623 Mt"
    assert words.value(float("nan")) == "–"
    assert words.value((("water", "eml1"), ("pgm", "earth"))) == "water to eml1; pgm to earth"


def test_the_comparison_names_the_side_that_comes_closer(run: Path) -> None:
    from motherlode.study.config import Study

    found = words.comparison(store.table(run, "values"), Study.load(run))
    assert found is not None
    assert re.match(r"Delivery to (Mars|the Earth) comes closer to paying", found["text"])
    assert len(found["rows"]) == 2
    assert np.all([len(row) == len(found["heads"]) for row in found["rows"]])
