"""How the tests of the page look at it: what is shown where a test fails, waits that end early, one more try.

A browser test that fails says what the page showed and what went over the wire before. One that fails because a
wait ran out is run once more, in a fresh context, and a warning says so: a busy machine may be late, a page that is
wrong is wrong again.
"""

import functools
import warnings
from collections import deque
from collections.abc import Callable
from typing import Any, Final

LIGHT_MS: Final = 60_000  # what is only looked up and drawn
HEAVY_MS: Final = 180_000  # what is worked out first, perhaps compiled
LINES: Final = 40


class Record:
    """The last requests, answers and console lines of a page, and the faults that no test may end with."""

    def __init__(self, page: Any, address: str):
        self.page, self.address = page, address
        self.lines: deque[str] = deque(maxlen=LINES)
        self.faults: list[str] = []
        page.on("request", lambda one: self.lines.append(f"{one.method} {one.url}"))
        page.on("response", lambda one: self.lines.append(f"{one.status} {one.url}"))
        page.on("requestfailed", lambda one: self.lines.append(f"lost {one.url}: {one.failure}"))
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("crash", lambda _: self.faults.append("the page crashed"))

    def _console(self, message: Any) -> None:
        self.lines.append(f"console {message.type}: {message.text}")
        if "Content Security" in message.text:
            self.faults.append(message.text)

    def _error(self, error: Any) -> None:
        self.lines.append(f"script error: {error}")
        self.faults.append(str(error))

    def told(self) -> str:
        """What the page shows now and what led to it, without the token."""
        try:
            shown = self.page.inner_text("main", timeout=2_000)
        except Exception as error:  # whatever keeps the page from answering is part of the report
            shown = f"(nothing can be read: {str(error).splitlines()[0]})"
        lines = "\n".join(line[:300] for line in self.lines)
        token = self.address.partition("token=")[2] or "no token"
        return f"\nthe page at {self.page.url} showed:\n{shown[:3000]}\n\nbefore that:\n{lines}".replace(token, "…")


def opened(browser: Any, address: str, **settings: Any) -> Any:
    """A signed-in page in a context of its own, at the lightest view, that keeps a record."""
    context = browser.new_context(
        **{"viewport": {"width": 1280, "height": 800}, "accept_downloads": True, **settings}
    )
    page = context.new_page()
    page.set_default_timeout(LIGHT_MS)
    page.record = Record(page, address)
    page.goto(address + "#/asteroid")
    return page


def awaited(page: Any, wanted: Any, within_ms: float = LIGHT_MS) -> Any:
    """Wait until something is shown; an alert that stands there instead ends the wait at once."""
    alert = page.get_by_role("alert")
    wanted.or_(alert).first.wait_for(timeout=within_ms)
    if alert.count() and not wanted.first.is_visible():
        raise AssertionError(f"an alert stands where {wanted} was expected: {alert.first.inner_text()}")
    wanted.first.wait_for(timeout=within_ms)
    return wanted.first


def in_browser(test: Callable[..., None]) -> Callable[..., None]:
    """A test of ``page`` that tells what was shown where it fails, and is tried once more where a wait ran out."""
    from playwright.sync_api import TimeoutError as Late

    @functools.wraps(test)
    def tried(page: Any, **rest: Any) -> None:
        try:
            watched(test, page, rest)
        except Late as late:
            warnings.warn(f"{test.__name__} is tried once more, since a wait ran out: {late}", stacklevel=2)
            page.context.close()
            another = opened(page.context.browser, page.record.address)
            try:
                watched(test, another, rest)
            finally:
                another.context.close()

    return tried


def watched(test: Callable[..., None], page: Any, rest: dict[str, Any]) -> None:
    """Do a test, or a part of one; where it fails say what was shown."""
    try:
        test(page=page, **rest)
        assert not page.record.faults
    except Exception as error:
        error.add_note(page.record.told())
        raise
