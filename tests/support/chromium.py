"""Chromium windows: contexts of one shared browser, or a browser process that can be killed."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.support.processes import marked_processes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Page


MARK = "RTC_WIDGET_TEST_BROWSER"

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
FAKE_DEVICES = "--use-fake-device-for-media-stream"
# Answers the camera prompt with yes. Without it, headless Chromium answers no unless a context was granted.
FAKE_PROMPT = "--use-fake-ui-for-media-stream"


# Remembers every captured track and every connection of a page, from before the widget is loaded.
PROBE = (Path(__file__).parent / "probe.js").read_text()

# Closes all documents of JupyterLab without asking. What is then still captured or connected, or asks something, is
# nothing that another test should find.
TIDY = """async () => {
    const app = window.jupyterapp;
    if (!app) return false;
    for (const widget of [...app.shell.widgets("main")]) {
        if (widget.context) widget.context.model.dirty = false;
        widget.close();
    }
    sessionStorage.clear();
    localStorage.clear();
    const until = performance.now() + 3_000;
    // A document that goes on being closed would be there beside the next test's.
    const open = () => [...app.shell.widgets("main")].some((widget) => widget.context);
    const busy = () => open() || probe.live("video") + probe.live("audio") + probe.open() > 0;
    while (busy() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    const isTidy = !busy() && !document.querySelector(".jp-Dialog");
    probe.forget();
    return isTidy;
}"""


def program(*, whole: bool = True) -> str:
    """Return the path of the browser: `CHROMIUM`, or Debian's.

    Not ``whole``, it is the same Chromium without a window's frame, where that is there. The frame is a page of its own,
    and costs each window more than what is in it.
    """
    shell = None if whole or "CHROMIUM" in os.environ else shutil.which("chromium-headless-shell")
    name = os.environ.get("CHROMIUM", "chromium")
    path = shell or shutil.which(name)
    if path is None:
        message = f"there is no {name}; run `make browser`, which installs it where it may"
        raise FileNotFoundError(message)
    return path


async def launch(
    browsers: BrowserType,
    *,
    devices: bool = True,
    prompt: bool = True,
    args: Sequence[str] = (),
    path: str | None = None,
    whole: bool = True,
) -> tuple[Browser, str]:
    """Start a browser process, from another ``path`` if there is one; return it with the mark by which its processes can
    be found. Prompts and Chromium's own pages need it ``whole``.
    """
    mark = uuid.uuid4().hex
    flags = [*FLAGS, *([FAKE_DEVICES] if devices else []), *([FAKE_PROMPT] if prompt else []), *args]
    browser = await browsers.launch(
        executable_path=path or program(whole=whole),
        headless=True,
        args=flags,
        env={**os.environ, MARK: mark},
    )
    return browser, mark


def processes(mark: str) -> list[psutil.Process]:
    """Find all processes of a browser: its pages' put their title where their environment was."""
    marked = marked_processes(MARK, mark)
    return list({*marked, *(child for each in marked for child in each.children(recursive=True))})


class Window:
    """A browser window of its own: separate cookies, storage and focus.

    Two *tabs* of one window would be throttled in turn, so tests put each participant in its own window.

    Attributes
    ----------
    lab_page
        A page of JupyterLab that an earlier test has left, with nothing open: the next notebook is opened there.
        Loading JupyterLab anew takes most of the time of a test.
    """

    def __init__(self, context: BrowserContext, mark: str | None = None) -> None:
        self._context = context
        self.console: list[str] = []
        self.lab_page: Page | None = None
        self._mark = mark
        self._is_watched = self._is_changed = False
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    @property
    def context(self) -> BrowserContext:
        """Playwright's context. A window whose context a test has in hand is not used again by another.

        What is changed in it holds for pages that are loaded afterwards: one that an earlier test has left is not used.
        """
        self._is_changed = True
        self.lab_page = None
        return self._context

    @property
    def mark(self) -> str:
        """What its processes can be found by in their environment, where it has a browser to itself."""
        if self._mark is None:
            message = "this window shares its browser with others: use `own_window` for one of its own"
            raise RuntimeError(message)
        return self._mark

    @property
    def pages(self) -> list[Page]:
        """The window's open tabs."""
        return self._context.pages

    async def watch(self) -> None:
        """Let its pages count cameras and connections, in ``probe``."""
        if not self._is_watched:
            self._is_watched = True
            await self._context.add_init_script(PROBE)

    async def open(self, url: str) -> Page:
        """Open an address in a new tab."""
        page = await self._context.new_page()
        await page.goto(url)
        return page

    async def tidy(self) -> bool:
        """Close what a test has opened in JupyterLab; return whether another test may use the window."""
        if self._mark is not None or self._is_changed or not self._is_watched or len(self.pages) != 1:
            return False
        [page] = self.pages
        await page.emulate_media()
        if not await page.evaluate(TIDY):
            return False
        self.console.clear()
        self.lab_page = page
        return True

    async def close(self) -> None:
        """Close the window as a person would; once is enough."""
        await self._context.close()

    async def kill(self) -> None:
        """End the whole browser process at once, as the kernel's out-of-memory killer would."""
        for process in marked_processes(MARK, self.mark):
            process.kill()
