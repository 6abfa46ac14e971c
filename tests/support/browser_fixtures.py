"""Real browsers, a real JupyterLab, and what a failed test leaves to look at.

The tests that use them share one event loop, because the browsers and the server are shared and belong to a loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import pytest_asyncio

from rtc_widget.relay.origins import OriginPolicy
from tests.support import chromium as chromium_browser
from tests.support.chromium import Window
from tests.support.firefox import Firefox
from tests.support.lab import Lab
from tests.support.processes import end_processes, marked_processes
from tests.support.relays import RunningRelay
from tests.support.widget_page import Host

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser, Playwright


TESTS = Path(__file__).parents[1]
ARTIFACTS = TESTS.parent / "test-artifacts"
FOLDERS = (TESTS / "browser", TESTS / "notebooks", TESTS / "soak")
REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()
MEDIA = ("camera", "microphone")
MOST_TIDY = 3
# Playwright's own.
VIEWPORT = {"width": 1280, "height": 720}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every asynchronous test of these folders in the session's loop, with the marker `browser`."""
    for item in items:
        if any(folder in item.path.parents for folder in FOLDERS):
            item.add_marker(pytest.mark.browser)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Keep each phase's report, so that a fixture can tell at its end whether the test failed."""
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


def has_failed(item: pytest.Item) -> bool:
    """Tell whether the test's set-up or body has failed so far."""
    return any(report.failed for report in item.stash.get(REPORTS, {}).values())


# What a log can hold of a tab: its widgets' states and texts, and what its cells have printed.
_SAID = """() => ({
    widgets: [...document.querySelectorAll(".rtcw")].map(({ dataset, innerText }) => ({ ...dataset, text: innerText.slice(0, 300) })),
    outputs: [...document.querySelectorAll(".jp-OutputArea-output")].map(({ innerText }) => innerText.slice(0, 300)),
})"""


async def keep_evidence(item: pytest.Item, name: str, tab: Any, console: Sequence[str]) -> None:
    """Save a screenshot and the console of a tab in ``test-artifacts/<test>/``, and print what it says."""
    with contextlib.suppress(Exception):
        print(f"{name}: {await asyncio.wait_for(tab.evaluate(_SAID), 5)!r}")
    # Of each part of JupyterLab that the tests go without, others say that they lack it.
    heard = [line for line in console if "activat" not in line]
    print(*(f"{name}: {line[:300]}" for line in heard[-20:]), sep="\n")
    folder = ARTIFACTS / re.sub(r"[^\w.-]+", "_", item.nodeid.removeprefix("tests/"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.console.log").write_text("\n".join(console) + "\n")
    # The tab may be the thing that broke; the test's own error matters more.
    with contextlib.suppress(Exception):
        await tab.screenshot(path=folder / f"{name}.png")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Playwright's driver process."""
    # Here, so that tests without a browser need not load it.
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """One Chromium process with a fake camera and microphone, shared by all tests."""
    browser, _ = await chromium_browser.launch(playwright.chromium, whole=False)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bare_chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """One Chromium process on a machine without a camera or a microphone, shared by all tests."""
    browser, _ = await chromium_browser.launch(playwright.chromium, devices=False, whole=False)
    yield browser
    await browser.close()


class NewWindow(Protocol):
    """Opens a window of the shared browser."""

    async def __call__(self, *, permissions: Sequence[str] = MEDIA, **options: Any) -> Window:
        """Open a window; ``options`` go to Playwright's ``new_context``."""


class OwnWindow(Protocol):
    """Opens a window in a browser process of its own."""

    async def __call__(
        self,
        *,
        permissions: Sequence[str] = MEDIA,
        devices: bool = True,
        prompt: bool = True,
        args: Sequence[str] = (),
        whole: bool = False,
        **options: Any,
    ) -> Window:
        """Start a browser; without ``prompt``, only windows with ``permissions`` get a camera. Its own pages need it ``whole``."""


@pytest.fixture(scope="session")
def tidy_windows() -> list[Window]:
    """Windows that earlier tests have left, with an empty JupyterLab in each."""
    return []


@pytest.fixture(scope="session")
def tidy_bare_windows() -> list[Window]:
    """Windows of `bare_window` that earlier tests have left."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def new_window(
    chromium: Browser, request: pytest.FixtureRequest, tidy_windows: list[Window]
) -> AsyncIterator[NewWindow]:
    """Open separate windows of the shared Chromium; after the test they are closed, or left for the next one."""
    async with windows_of(chromium, request, tidy_windows) as open_window:
        yield open_window


@pytest_asyncio.fixture(loop_scope="session")
async def bare_window(
    bare_chromium: Browser, request: pytest.FixtureRequest, tidy_bare_windows: list[Window]
) -> AsyncIterator[NewWindow]:
    """Open separate windows on a machine without a camera or a microphone, as `new_window` does."""
    async with windows_of(bare_chromium, request, tidy_bare_windows) as open_window:
        yield open_window


@contextlib.asynccontextmanager
async def windows_of(
    browser: Browser, request: pytest.FixtureRequest, tidy: list[Window]
) -> AsyncIterator[NewWindow]:
    """Open windows of a shared browser, or take ``tidy`` ones; in the end leave them there, or close them."""
    windows: list[Window] = []
    alike: list[Window] = []

    async def open_window(*, permissions: Sequence[str] = MEDIA, **options: Any) -> Window:
        is_usual = (
            permissions == MEDIA and not options.keys() - {"viewport"} and "lab" in request.fixturenames
        )
        if is_usual and tidy:
            window = tidy.pop()
            assert window.lab_page is not None
            await window.lab_page.set_viewport_size(options.get("viewport", VIEWPORT))
        else:
            window = Window(await browser.new_context(permissions=list(permissions), **options))
        windows.append(window)
        if is_usual:
            alike.append(window)
        return window

    yield open_window
    if not has_failed(request.node):
        for window in alike:
            if len(tidy) < MOST_TIDY and await is_tidy(window):
                windows.remove(window)
                tidy.append(window)
    await close_windows(request.node, windows)


async def is_tidy(window: Window) -> bool:
    """Tell whether another test may use a window; not one that no longer answers."""
    try:
        return await asyncio.wait_for(window.tidy(), 10)
    except Exception:
        return False


@pytest_asyncio.fixture(loop_scope="session")
async def own_window(playwright: Playwright, request: pytest.FixtureRequest) -> AsyncIterator[OwnWindow]:
    """Open windows that are a browser process each, so that ``await window.kill()`` ends one of them."""
    windows: list[Window] = []
    browsers: list[tuple[Browser, str]] = []

    async def open_window(
        *,
        permissions: Sequence[str] = MEDIA,
        devices: bool = True,
        prompt: bool = True,
        args: Sequence[str] = (),
        whole: bool = False,
        **options: Any,
    ) -> Window:
        # A prompt is a part of the frame, too.
        browser, mark = await chromium_browser.launch(
            playwright.chromium, devices=devices, prompt=prompt, args=args, whole=whole or not prompt
        )
        browsers.append((browser, mark))
        window = Window(await browser.new_context(permissions=list(permissions), **options), mark)
        windows.append(window)
        return window

    yield open_window
    await close_windows(request.node, windows)
    for browser, mark in browsers:
        await browser.close()
        end_processes(marked_processes(chromium_browser.MARK, mark))


async def close_windows(item: pytest.Item, windows: Sequence[Window]) -> None:
    """Close windows, and keep what they showed if the test failed."""
    for number, window in enumerate(windows):
        if has_failed(item):
            for count, page in enumerate(window.pages):
                await keep_evidence(item, f"chromium-{number}-{count}", page, window.console)
        # A killed browser has no context left to close.
        with contextlib.suppress(Exception):
            await window.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def firefox_process() -> AsyncIterator[Firefox]:
    """One Firefox process, shared by all tests."""
    firefox = await Firefox.launch()
    yield firefox
    await firefox.quit()


@pytest_asyncio.fixture(loop_scope="session")
async def firefox(firefox_process: Firefox, request: pytest.FixtureRequest) -> AsyncIterator[Firefox]:
    """Stock Firefox with fake devices; its tabs are closed after the test."""
    yield firefox_process
    for number, tab in enumerate(list(firefox_process.tabs.values())):
        if has_failed(request.node):
            await keep_evidence(request.node, f"firefox-{number}", tab, tab.console)
        await tab.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lab_server() -> AsyncIterator[Lab]:
    """One JupyterLab server, shared by all tests."""
    lab = await Lab.start()
    yield lab
    await lab.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def lab(lab_server: Lab) -> AsyncIterator[Lab]:
    """A real JupyterLab, with a room of the test's own; the test's kernels are ended after it."""
    lab_server.enter_new_room()
    yield lab_server
    await lab_server.shutdown_kernels()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def host() -> AsyncIterator[Host]:
    """The server that shows the shipped bundle outside of Jupyter."""
    server = await Host.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def relay(host: Host) -> AsyncIterator[RunningRelay]:
    """A relay in this process that lets in the pages of `host`, and its own."""
    running = await RunningRelay.start(allow_origin=OriginPolicy([host.url]))
    yield running
    await running.stop()


@pytest.fixture
def room() -> str:
    """A room that no other test uses: the notebooks of all tests share their server's relay."""
    return f"room {uuid.uuid4().hex[:8]}"
