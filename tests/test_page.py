"""The page in a real browser: Chromium opens what ``motherlode serve`` prints, as a person would.

Without a Chromium these tests say so and are left out; continuous integration installs one first.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CHROMIUM = os.environ.get("MOTHERLODE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"),
    *("--disable-background-networking", "--disable-component-update", "--no-first-run"),
)
SMALL_HUNT = """
name = "page-test"
seed = 7
samples = 60
[catalogue]
asteroids = ["Bennu", "2000 SG344", "2006 RH120", "1991 VG", "2008 EA9", "2010 UE51"]
[access]
ports = ["earth-400km"]
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of its own workspace, in its own process."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package chromium, or set MOTHERLODE_CHROMIUM to one")
    runs = tmp_path_factory.mktemp("runs")
    words = [sys.executable, "-m", "motherlode", "serve", "--port", "0", "--no-browser", "--runs", str(runs)]
    service = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    line = service.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, line
    yield found[0]
    service.terminate()
    service.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A signed-in page that fails the test on any script error or refused resource."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    one = context.new_page()
    one.set_default_timeout(180_000)  # the machine may be busy with what an earlier view has asked for
    problems: list[str] = []
    one.on("pageerror", lambda error: problems.append(str(error)))
    one.on("console", lambda message: problems.append(message.text) if "Content Security" in message.text else None)
    one.goto(address + "#/asteroid")  # the lightest view
    yield one
    context.close()
    assert not problems


def open_view(page: Any, address: str, view: str) -> None:
    page.goto(address.split("?")[0] + "#/" + view)


LIT = """() => {
  const canvas = document.querySelector("canvas");
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const pen = copy.getContext("2d");
  pen.drawImage(canvas, 0, 0);
  const pixels = pen.getImageData(0, 0, copy.width, copy.height).data;
  let lit = 0;
  for (let k = 0; k < pixels.length; k += 4) lit += Math.max(pixels[k], pixels[k + 1], pixels[k + 2]) > 40;
  return (4 * lit) / pixels.length;
}"""


def test_the_sky_is_drawn_within_two_seconds(page: Any, address: str, claim: Any) -> None:
    open_view(page, address, "sky")
    page.wait_for_selector("canvas")
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
    assert page.get_by_role("heading", name="40,874 near-Earth asteroids").is_visible()
    page.wait_for_timeout(1500)
    lit = page.evaluate(LIT)
    claim(
        "share of lit pixels in the drawn sky",
        oracle="an empty canvas has none",
        measured=lit,
        at_least=0.02,
        status="modelled",
    )
    assert loaded < 10, "a page that takes that long is broken, whatever the machine"


def test_search_finds_bennu_and_shows_it(page: Any) -> None:
    page.get_by_label("Find an asteroid").fill("Bennu")
    page.get_by_label("Find an asteroid").press("Enter")
    page.get_by_role("heading", name="101955 Bennu (1999 RQ36)").wait_for()
    page.locator("#roundtrip").get_by_text("Least Δv").wait_for(timeout=60_000)
    assert page.get_by_text("Δv, Shoemaker–Helin (km/s)").is_visible()


def test_a_click_on_the_porkchop_pins_a_window(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?name=101955&depart=2029-01-01..2031-01-01&flight=100..400")
    plot = page.locator("#porkchop .plot")
    plot.locator(".nsewdrag").first.wait_for(timeout=60_000)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.locator("#porkchop").get_by_text(re.compile("^Picked: leave 20")).wait_for()
    assert page.locator("#porkchop").get_by_role("heading", name="Compare").is_visible()


def test_a_flight_is_drawn_played_and_taken_away(page: Any, address: str) -> None:
    open_view(page, address, "sky?name=2000+SG344&fly=roundtrip")
    page.locator(".burns li").nth(2).wait_for(timeout=90_000)
    assert page.get_by_role("button", name="Pause").is_visible()
    before = page.locator(".sky-time output").inner_text()
    page.wait_for_timeout(2500)
    assert page.locator(".sky-time output").inner_text() > before, "the clock runs"
    with page.expect_download() as download:
        page.get_by_role("link", name="OEM").click()
    assert Path(download.value.path()).read_text().count("META_START") == 3


def test_a_capture_is_drawn_from_three_sides(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?name=2000+SG344")
    page.get_by_label("Cheapest way to").select_option("high-lunar-orbit")
    page.get_by_role("button", name="Draw the flight").click()
    page.get_by_role("heading", name="2000 SG344 to high-lunar-orbit").wait_for(timeout=90_000)
    page.get_by_text(re.compile("aims the passage|leaves its orbit around the Sun")).first.wait_for()


def test_a_hunt_is_started_watched_filtered_and_downloaded(page: Any, address: str) -> None:
    open_view(page, address, "hunt")
    page.get_by_label("Study, as TOML").fill(SMALL_HUNT)
    page.get_by_role("button", name="Start").click()
    page.locator("[data-job][data-state=running]").wait_for()
    page.locator("[data-job][data-state=done]").wait_for(timeout=600_000)
    page.locator("#shortlist .tabulator-row").first.wait_for()
    page.get_by_label("Filter").fill("h_mag < 28")
    page.get_by_role("button", name="Apply").click()
    page.get_by_text(re.compile(r"^\d+ rows$")).wait_for()
    page.wait_for_timeout(500)
    shown = int(page.get_by_text(re.compile(r"^\d+ rows$")).inner_text().split()[0])
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) - 1 == shown
    page.reload()
    page.locator("#shortlist .tabulator-row").first.wait_for()
    assert page.get_by_label("Filter").input_value() == "h_mag < 28"


def test_a_filter_that_does_not_read_is_told_in_a_sentence(page: Any, address: str) -> None:
    open_view(page, address, "hunt?run=page-test&filter=h_mag%20<")
    page.get_by_text("does not read").first.wait_for()
    assert "expected something like" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize(
    ("view", "figures"), [("campaign?study=moon-race-1970s", 4), ("base?study=happy-valley-2003", 6)]
)
def test_campaign_and_base_are_drawn(page: Any, address: str, view: str, figures: int) -> None:
    open_view(page, address, view)
    page.locator(".plot .main-svg").nth(figures).wait_for()
    assert page.get_by_text("What this leaves out").is_visible()


def test_an_unknown_asteroid_is_answered_with_the_nearest(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?name=Benu")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "did you mean" in alert.inner_text() and "Bennu" in alert.inner_text()


@pytest.mark.parametrize(
    "view", ["sky", "hunt?run=page-test", "asteroid?name=101955", "base?study=happy-valley-2003"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_views_have_no_accessibility_faults(page: Any, address: str, view: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    open_view(page, address, view)
    page.get_by_role("heading", level=1).first.wait_for()
    page.wait_for_timeout(1500)
    faults = Axe().run(page, options={"rules": {"color-contrast": {"enabled": True}}}).response["violations"]
    told = [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in faults]
    assert not told


def test_a_phone_shows_everything_in_its_width(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address + "#/asteroid")
    for view in ("sky", "hunt", "asteroid?name=101955"):
        open_view(page, address, view)
        page.get_by_role("heading").first.wait_for()
        page.wait_for_timeout(800)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
    page.close()


def test_the_bundle_is_small_enough(claim: Any) -> None:
    import motherlode.web.app as app

    size = sum(path.stat().st_size for path in app.STATIC.rglob("*") if path.is_file())
    claim("size of the page's bundle", oracle="file sizes", measured=size / 1e6, at_most=2.5, unit="MB")
