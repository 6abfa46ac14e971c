"""Stock Firefox, driven by a minimal WebDriver BiDi client.

Playwright needs either a patched Firefox or commands that the ESR does not know yet; the few commands that
these tests need are a page of code.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import websockets

from tests.support.processes import leash, unleash
from tests.support.sound_card import SoundCard

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    # A TURN server of a test is on the loopback interface, to which Firefox sends nothing otherwise.
    "media.peerconnection.ice.loopback": True,
    # Nothing here may leave the machine, and nothing may cover the page.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.topsites.contile.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,none",
    "toolkit.telemetry.enabled": False,
}

ADDRESS = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


class FirefoxError(Exception):
    """A command that Firefox refused, or a script that threw."""


class Firefox:
    """A Firefox process with a BiDi session, and a sound card where there is one to be had.

    Attributes
    ----------
    has_sound : bool
        Whether it has a sound card.
    """

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._leash: subprocess.Popen[bytes] | None = None
        self._card: SoundCard | None = None
        self.has_sound = False
        self._profile = tempfile.TemporaryDirectory(prefix="firefox-")
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.tabs: dict[str, FirefoxTab] = {}

    @classmethod
    async def launch(cls) -> Self:
        """Start Firefox with fake devices and connect to it."""
        firefox = cls()
        try:
            await firefox._start()
        except BaseException:
            await firefox.quit()
            raise
        return firefox

    async def _start(self) -> None:
        profile = Path(self._profile.name)
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()
        )
        (profile / "user.js").write_text("\n".join(lines))
        name = os.environ.get("FIREFOX", "firefox-esr")
        program = shutil.which(name)
        if program is None:
            message = f"there is no {name}; run `make browser`, which installs it where it may"
            raise FileNotFoundError(message)
        self._card = await SoundCard.start(profile)
        self.has_sound = self._card is not None
        sound = self._card.environment if self._card is not None else {}
        self._process = await asyncio.create_subprocess_exec(
            program,
            "--headless",
            "--no-remote",
            "--remote-debugging-port=0",
            f"--profile={profile}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # Firefox refuses to run as root in another user's home.
            env={**os.environ, **sound, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"},
        )
        self._leash = leash(self._process.pid)
        address = await asyncio.wait_for(self._read_address(), 60)
        self._socket = await websockets.connect(f"{address}/session", max_size=None, proxy=None)
        self._tasks.append(asyncio.create_task(self._listen()))
        self._tasks.append(asyncio.create_task(self._drain()))
        await self.command("session.new", {"capabilities": {}})
        await self.command("session.subscribe", {"events": ["log.entryAdded"]})

    async def _read_address(self) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        seen = b""
        while line := await self._process.stderr.readline():
            seen += line
            if match := ADDRESS.search(line):
                return match[1].decode()
        message = f"Firefox ended before it listened: {seen.decode(errors='replace')}"
        raise FirefoxError(message)

    async def _drain(self) -> None:
        # A full pipe would stop Firefox.
        assert self._process is not None
        assert self._process.stderr is not None
        while await self._process.stderr.read(65536):
            pass

    async def _listen(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if reply := self._replies.pop(message.get("id") or 0, None):
                if not reply.done():
                    reply.set_result(message)
            elif message.get("method") == "log.entryAdded":
                entry = message["params"]
                if tab := self.tabs.get(entry["source"].get("context", "")):
                    tab.console.append(f"{entry['level']}: {entry['text']}")

    async def command(self, method: str, params: dict[str, Any], timeout: float = 120) -> dict[str, Any]:
        """Send one BiDi command and return its result."""
        number = next(self._ids)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        message = await asyncio.wait_for(reply, timeout)
        if message["type"] == "error":
            problem = f"{method}: {message['error']}: {message['message']}"
            raise FirefoxError(problem)
        result: dict[str, Any] = message["result"]
        return result

    async def open(self, url: str) -> FirefoxTab:
        """Open an address in a new tab, in front.

        The first tab of a headless Firefox never gets focus, so it is not used.
        """
        created = await self.command("browsingContext.create", {"type": "tab"})
        tab = FirefoxTab(self, created["context"])
        self.tabs[tab.context] = tab
        await self.command("browsingContext.activate", {"context": tab.context})
        await tab.goto(url)
        return tab

    async def quit(self) -> None:
        """End the session and the process."""
        for tab in list(self.tabs.values()):
            await tab.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if hasattr(self, "_socket"):
            await self._socket.close()
        if self._leash is not None:
            unleash(self._leash)
        if self._process is not None:
            if self._process.returncode is None:
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), 10)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._card is not None:
            self._card.stop()
        self._profile.cleanup()


class FirefoxTab:
    """One tab, with the few methods of Playwright's `Page` that the tests use."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self.firefox = firefox
        self.context = context
        self.console: list[str] = []

    async def goto(self, url: str) -> None:
        """Navigate, and wait until the page has loaded."""
        await self.firefox.command(
            "browsingContext.navigate", {"context": self.context, "url": url, "wait": "complete"}
        )

    async def reload(self) -> None:
        """Load the page again."""
        await self.firefox.command("browsingContext.reload", {"context": self.context, "wait": "complete"})

    async def evaluate(self, script: str, arg: Any = None) -> Any:
        """Evaluate an expression, or call the function that it is with ``arg``; await and return as JSON."""
        # The value travels as one JSON string: BiDi's own encoding of objects is far more than tests need.
        function = f"""async (given) => {{
            const value = ({script}\n);
            const result = typeof value === "function" ? value(JSON.parse(given)) : value;
            return JSON.stringify(await result) ?? "null";
        }}"""
        answer = await self.firefox.command(
            "script.callFunction",
            {
                "functionDeclaration": function,
                "arguments": [{"type": "string", "value": json.dumps(arg)}],
                "target": {"context": self.context},
                "awaitPromise": True,
                "userActivation": True,
            },
        )
        if answer["type"] == "exception":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    async def screenshot(self, path: str | Path) -> None:
        """Save what the tab shows as a PNG file."""
        shot = await self.firefox.command("browsingContext.captureScreenshot", {"context": self.context})
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    async def close(self) -> None:
        """Close the tab, as a person would; doing it twice is fine."""
        if self.firefox.tabs.pop(self.context, None) is not None:
            await self.firefox.command("browsingContext.close", {"context": self.context})
