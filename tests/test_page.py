"""The page in a real browser: Chromium opens what ``motherlode serve`` prints, as a person would.

Without a Chromium these tests say so and are left out; continuous integration installs one first.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.browsing import HEAVY_MS, awaited, in_browser, opened, watched

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CHROMIUM = os.environ.get("MOTHERLODE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"),
    *("--disable-background-networking", "--disable-component-update", "--no-first-run"),
)
SMALL_HUNT = """
name = "page-hunt"
seed = 7
samples = 60
[catalogue]
asteroids = ["Bennu", "2000 SG344", "2006 RH120", "1991 VG", "2008 EA9", "2010 UE51"]
[access]
ports = ["earth-400km"]
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of runs that the service shows."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package chromium, or set MOTHERLODE_CHROMIUM to one")
    return tmp_path_factory.mktemp("runs")


@contextmanager
def service(runs: Path, port: int = 0) -> Iterator[str]:
    """A service of its own workspace, in its own process: its address with the token."""
    words = [sys.executable, "-m", "motherlode", "serve", "--port", str(port), "--no-browser", "--runs", str(runs)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield found[0]
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def address(runs: Path) -> Iterator[str]:
    """The service of most tests."""
    with service(runs) as at:
        yield at


@pytest.fixture(scope="module")
def hunted(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a finished run, made from the command line."""
    study = tmp_path_factory.mktemp("study") / "study.toml"
    study.write_text(SMALL_HUNT.replace("page-hunt", "page-test"))
    words = [sys.executable, "-m", "motherlode", "hunt", str(study), "--runs", str(runs), "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return "page-test"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A signed-in page of its own context; a script error or a refused resource fails its test."""
    one = opened(browser, address)
    yield one
    one.context.close()


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


@in_browser
def test_the_sky_is_drawn_within_two_seconds(page: Any, address: str, claim: Any) -> None:
    open_view(page, address, "sky")
    awaited(page, page.locator("canvas"))
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


@in_browser
def test_search_finds_bennu_and_shows_it(page: Any) -> None:
    page.get_by_label("Find an asteroid").fill("Bennu")
    page.get_by_label("Find an asteroid").press("Enter")
    awaited(page, page.get_by_role("heading", name="101955 Bennu (1999 RQ36)"))
    awaited(page, page.locator("#roundtrip").get_by_text("Least Δv"), HEAVY_MS)
    assert page.get_by_text("Δv, Shoemaker–Helin (km/s)").is_visible()


@in_browser
def test_a_click_on_the_porkchop_pins_a_window(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?name=101955&depart=2029-01-01..2031-01-01&flight=100..400")
    plot = page.locator("#porkchop .plot")
    awaited(page, plot.locator(".nsewdrag"), HEAVY_MS)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    awaited(page, page.locator("#porkchop").get_by_text(re.compile("^Picked: leave 20")))
    assert page.locator("#porkchop").get_by_role("heading", name="Compare").is_visible()


@in_browser
def test_a_flight_is_drawn_played_and_taken_away(page: Any, address: str) -> None:
    open_view(page, address, "sky?name=2000+SG344&fly=roundtrip")
    awaited(page, page.locator(".burns li").nth(2), HEAVY_MS)
    assert page.get_by_role("button", name="Pause").is_visible()
    before = page.locator(".sky-time output").inner_text()
    page.wait_for_timeout(2500)
    assert page.locator(".sky-time output").inner_text() > before, "the clock runs"
    with page.expect_download() as download:
        page.get_by_role("link", name="OEM").click()
    assert Path(download.value.path()).read_text().count("META_START") == 3


@in_browser
def test_a_capture_is_drawn_from_three_sides(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?name=2000+SG344")
    awaited(page, page.get_by_label("Cheapest way to")).select_option("high-lunar-orbit")
    page.get_by_role("button", name="Draw the flight").click()
    awaited(page, page.get_by_role("heading", name="2000 SG344 to high-lunar-orbit"), HEAVY_MS)
    awaited(page, page.get_by_text(re.compile("aims the passage|leaves its orbit around the Sun")))


@in_browser
def test_a_capture_shows_what_haste_costs(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?name=2000+SG344")
    awaited(page, page.get_by_label("Cheapest way to")).select_option("sun-earth-l1")
    page.get_by_role("button", name="Draw the flight").click()
    front = awaited(page, page.get_by_role("figure", name=re.compile("sun-earth-l1: Δv against time")), HEAVY_MS)
    front.locator(".main-svg").first.wait_for()
    assert front.locator(".scatterlayer .point").count() > 3


@in_browser
def test_a_hunt_is_started_watched_filtered_and_downloaded(page: Any, address: str) -> None:
    open_view(page, address, "hunt")
    awaited(page, page.get_by_label("Study, as TOML")).fill(SMALL_HUNT)
    page.get_by_role("button", name="Start").click()
    awaited(page, page.locator("[data-job][data-state=running]"))
    awaited(page, page.locator("[data-job][data-state=done]"), 300_000)
    awaited(page, page.locator("#shortlist .tabulator-row"))
    page.get_by_label("Filter").fill("h_mag < 28")
    with page.expect_response(re.compile("/shortlist.*filter=h_mag")):
        page.get_by_role("button", name="Apply").click()
    awaited(page, page.get_by_text(re.compile(r"^\d+ rows$")))
    page.wait_for_timeout(500)
    shown = int(page.get_by_text(re.compile(r"^\d+ rows$")).inner_text().split()[0])
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) - 1 == shown
    page.reload()
    awaited(page, page.locator("#shortlist .tabulator-row"))
    assert page.get_by_label("Filter").input_value() == "h_mag < 28"


@in_browser
def test_a_filter_that_does_not_read_is_told_in_a_sentence(page: Any, address: str, hunted: str) -> None:
    open_view(page, address, f"hunt?run={hunted}&filter=h_mag%20<")
    awaited(page, page.get_by_text("does not read"))
    assert "expected something like" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize(
    ("view", "figures"), [("campaign?study=moon-race-1970s", 4), ("base?study=happy-valley-2003", 6)]
)
@in_browser
def test_campaign_and_base_are_drawn(page: Any, address: str, view: str, figures: int) -> None:
    open_view(page, address, view)
    awaited(page, page.locator(".plot .main-svg").nth(figures), HEAVY_MS)
    assert page.get_by_text("What this leaves out").is_visible()


@in_browser
def test_an_unknown_asteroid_is_answered_with_the_nearest(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?name=Benu")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert "did you mean" in alert.inner_text() and "Bennu" in alert.inner_text()
    assert not page.get_by_role("button", name="Try again").count(), "it would be wrong again"


WHOLE = {  # a view and what is there when all of it is
    "sky?name=101955": "canvas",
    "hunt?run=page-test": "#shortlist .tabulator-row a",
    "asteroid?name=2000+SG344&depart=2028-01-01..2030-01-01&flight=100..400": "#porkchop .plot .main-svg",
    "campaign?study=moon-race-1970s": ".plot .main-svg",
    "base?study=happy-valley-2003": ".plot .main-svg",
}


@pytest.mark.parametrize("view", WHOLE)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@in_browser
def test_views_have_no_accessibility_faults(page: Any, address: str, hunted: str, view: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    open_view(page, address, view)
    awaited(page, page.locator(WHOLE[view]), HEAVY_MS)
    if view.startswith("asteroid"):
        page.get_by_label("Cheapest way to").select_option("high-lunar-orbit")
        page.get_by_role("button", name="Draw the flight").click()
        awaited(page, page.get_by_role("heading", name="2000 SG344 to high-lunar-orbit"), HEAVY_MS)
        awaited(page, page.locator("#roundtrip").get_by_text("Least Δv"), HEAVY_MS)
        page.get_by_role("button", name="Compare", exact=True).first.click()
    page.wait_for_timeout(1500)
    faults = Axe().run(page, options={"rules": {"color-contrast": {"enabled": True}}}).response["violations"]
    told = [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in faults]
    assert not told


def tab_to(page: Any, wanted: str, key: str = "Tab") -> None:
    """Go from one control to the next until one is reached, as a reader without a mouse does."""
    for _ in range(150):
        page.keyboard.press(key)
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", (
                f"{wanted}: seen?"
            )
            return
    raise AssertionError(f"{wanted} is not reached by {key}")


@in_browser
def test_everything_is_reached_without_a_mouse(page: Any, address: str) -> None:
    open_view(page, address, "asteroid?depart=2028-01-01..2029-01-01&flight=150..300")
    tab_to(page, "#query")
    page.keyboard.type("2000 SG344")
    page.keyboard.press("Enter")
    awaited(page, page.get_by_role("heading", name="2000 SG344", exact=True))
    tab_to(page, "#porkchop button.main")
    page.keyboard.press("Enter")
    awaited(page, page.locator("#porkchop .plot .main-svg"), HEAVY_MS)
    tab_to(page, "#porkchop .scroll")
    tab_to(page, "#porkchop table button")
    page.keyboard.press("Enter")
    awaited(page, page.locator("#porkchop").get_by_role("heading", name="Compare"))
    tab_to(page, "#views a[href='#/hunt']", "Shift+Tab")
    page.keyboard.press("Enter")
    awaited(page, page.get_by_label("Study, as TOML"))
    tab_to(page, "textarea")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(SMALL_HUNT.replace("page-hunt", "page-keys"))
    tab_to(page, "button.main", "Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "Start"
    page.keyboard.press("Enter")
    job = page.locator("[data-job]").filter(has_text="page-keys")
    awaited(page, job)
    awaited(page, job.and_(page.locator("[data-state=done]")), 300_000)
    awaited(page, page.locator("#shortlist .tabulator-row"))
    tab_to(page, "#shortlist [tabulator-field=h_mag]")
    with page.expect_response(re.compile("/shortlist.*sort=h_mag")):
        page.keyboard.press("Enter")
    awaited(page, page.locator("#shortlist .tabulator-row"))
    tab_to(page, "#shortlist .tabulator-row a")
    page.keyboard.press("Enter")
    awaited(page, page.get_by_role("heading", name="Bringing it home"))


def test_a_hunt_outlives_the_service_and_is_found_again(browser: Any, tmp_path: Path) -> None:
    with service(tmp_path) as address:
        page = opened(browser, address)
        port = int(address.split("?")[0].rstrip("/").rpartition(":")[2])
        watched(_a_hunt_is_begun, page, {"address": address})
    watched(_the_service_is_gone, page, {})
    (process,) = tmp_path.glob(".jobs/*/process.json")
    os.killpg(json.loads(process.read_text())["pid"], signal.SIGKILL)
    with service(tmp_path, port) as again:
        page.record.address = again
        watched(_the_hunt_is_taken_up, page, {"address": again})
    page.context.close()


def _a_hunt_is_begun(page: Any, address: str) -> None:
    open_view(page, address, "hunt")
    awaited(page, page.get_by_label("Study, as TOML")).fill(SMALL_HUNT)
    page.get_by_role("button", name="Start").click()
    awaited(page, page.locator("[data-job][data-state=running]"))


def _the_service_is_gone(page: Any) -> None:
    awaited(page, page.get_by_text("is `motherlode serve` still running? Trying again…"))
    assert page.get_by_label("Study, as TOML").input_value() == SMALL_HUNT, "nothing that was written is lost"


def _the_hunt_is_taken_up(page: Any, address: str) -> None:
    awaited(page, page.get_by_text("open the address that `motherlode serve` printed"))
    page.context.new_page().goto(address)
    awaited(page, page.locator("[data-job][data-state=interrupted]"))
    page.get_by_role("button", name="Resume").click()
    awaited(page, page.locator("[data-job][data-state=running]"))
    awaited(page, page.locator("[data-job][data-state=done]"), 300_000)
    awaited(page, page.locator("#shortlist .tabulator-row"))


@in_browser
def test_a_phone_shows_everything_in_its_width(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for view in ("sky", "hunt", "asteroid?name=101955"):
        open_view(page, address, view)
        awaited(page, page.get_by_role("heading"))
        page.wait_for_timeout(800)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view


def test_a_wait_that_ran_out_is_tried_once_more_and_what_was_shown_is_told(page: Any) -> None:
    tries: list[Any] = []

    @in_browser
    def late(page: Any, often: int) -> None:
        tries.append(page)
        page.get_by_text("Search for one above").wait_for()
        if len(tries) <= often:
            page.get_by_text("no such text").wait_for(timeout=500)

    with pytest.warns(UserWarning, match="late is tried once more"):
        late(page=page, often=1)
    assert len(set(tries)) == 2
    again = opened(page.context.browser, page.record.address)
    with pytest.warns(UserWarning), pytest.raises(Exception, match="no such text") as told:
        late(page=again, often=9)
    assert "Search for one above" in told.value.__notes__[-1] and "200 http" in told.value.__notes__[-1]
    assert page.record.address.partition("token=")[2] not in told.value.__notes__[-1]


class Line:
    """A line to the service that can be cut: which questions are lost, held or turned away, and how often."""

    def __init__(self, page: Any):
        self.page, self.held = page, list[Any]()

    def cut(self, pattern: str, times: int = 10**6) -> None:
        """Lose the first so many questions of a pattern, as a network does that changes under the browser."""
        self.page.route(pattern, lambda route: route.abort("connectionreset"), times=times)

    def full(self, pattern: str) -> None:
        """Turn the first question of a pattern away, to come back in a second."""
        self.page.route(pattern, lambda route: route.fulfill(status=503, headers={"retry-after": "1"}), times=1)

    def hold(self, pattern: str, times: int = 10**6) -> None:
        """Leave the first so many questions of a pattern without an answer."""
        self.page.route(pattern, lambda route: self.held.append(route), times=times)


@in_browser
def test_what_is_lost_on_the_way_is_asked_again(page: Any, address: str, hunted: str) -> None:
    line = Line(page)
    line.cut("**/assets/hunt.js", times=1)
    line.cut("**/api/runs", times=2)
    line.full("**/api/selections")
    line.cut("**/funnel", times=1)
    open_view(page, address, f"hunt?run={hunted}")
    awaited(page, page.locator("#shortlist .tabulator-row"))
    assert not page.get_by_role("alert").count()


@pytest.mark.parametrize("lost", ["**/assets/hunt.js", "**/api/runs"])
@in_browser
def test_a_view_that_cannot_be_opened_says_so_and_is_opened_by_a_button(page: Any, address: str, lost: str) -> None:
    Line(page).cut(lost)
    open_view(page, address, "hunt")
    awaited(page, page.get_by_text("is `motherlode serve` still running?"))
    page.unroute(lost)
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("heading", name="Hunt", exact=True).wait_for()
    assert not page.get_by_role("alert").count()


@in_browser
def test_a_change_is_never_sent_twice(page: Any, address: str) -> None:
    Line(page).cut("**/api/jobs")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    open_view(page, address, "hunt")
    awaited(page, page.get_by_role("button", name="Start")).click()
    awaited(page, page.locator("#notice").get_by_text("does not answer"))
    page.wait_for_timeout(1500)
    assert len(sent) == 1


@in_browser
def test_an_answer_that_never_comes_is_told(page: Any, address: str) -> None:
    page.add_init_script(
        "const wait = AbortSignal.timeout; AbortSignal.timeout = (ms) => wait.call(AbortSignal, ms / 60);"
    )
    Line(page).hold("**/api/runs")
    open_view(page, address, "hunt")
    page.reload()
    awaited(page, page.get_by_text("no answer within 60 s"))
    assert page.get_by_role("button", name="Try again").is_visible()


@in_browser
def test_signing_out_is_a_button_on_every_view_and_holds(page: Any, address: str) -> None:
    for view in ("sky", "hunt", "asteroid", "campaign", "base"):
        open_view(page, address, view)
        assert page.get_by_role("button", name="Sign out").is_visible()
    page.get_by_role("button", name="Sign out").click()
    awaited(page, page.get_by_text("This browser is signed out"))
    open_view(page, address, "hunt")
    page.get_by_role("alert").get_by_text("open the address that").wait_for()
    page.goto(address + "#/asteroid")
    awaited(page, page.get_by_text("Search for one above"))


@in_browser
def test_no_name_from_outside_reaches_into_the_language(page: Any, address: str, hunted: str) -> None:
    hostile = ("__proto__", "constructor", "toString", "hasOwnProperty")
    reached = "Object.getOwnPropertyNames(Object.prototype).sort().join() + [({}).filter, ({}).polluted, ({}).sort]"
    before = page.evaluate(reached)
    assert before.endswith(",valueOf,,"), before
    for name in hostile:
        open_view(page, address, f"{name}?{name}=x&name={name}")
        awaited(page, page.get_by_role("heading", name="near-Earth asteroids"))
    open_view(page, address, f"hunt?run={hunted}&__proto__=polluted&constructor=polluted")
    for name in hostile:
        awaited(page, page.get_by_label("Name of this selection")).fill(name)
        page.get_by_role("button", name="Save selection").click()
        page.get_by_label("Saved selections").locator(f"option[value={name}]").wait_for(state="attached")
        page.get_by_label("Saved selections").select_option(name)
        awaited(page, page.locator("#shortlist .tabulator-row"))
    assert page.evaluate(reached) == before


@in_browser
def test_a_view_that_is_left_asks_no_more(page: Any, address: str) -> None:
    line = Line(page)
    line.hold("**/api/jobs", times=1)
    open_view(page, address, "hunt")
    awaited(page, page.get_by_role("heading", name="Hunt", exact=True))
    page.wait_for_timeout(500)
    open_view(page, address, "asteroid")
    page.get_by_role("heading", name="Asteroid").wait_for()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    (late,) = line.held
    late.continue_()
    page.wait_for_timeout(2500)
    assert asked == []


def test_the_bundle_is_small_enough(claim: Any) -> None:
    import motherlode.web.app as app

    size = sum(path.stat().st_size for path in app.STATIC.rglob("*") if path.is_file())
    claim("size of the page's bundle", oracle="file sizes", measured=size / 1e6, at_most=2.5, unit="MB")
