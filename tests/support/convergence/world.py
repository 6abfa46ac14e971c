"""A room of real browser connections and real peers around a real relay, and what everybody should see in it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Self

from playwright.async_api import async_playwright

from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.peer.process.room import PeerRoom
from rtc_widget.protocol.owner_key import new_owner_key
from tests.support.chromium import launch
from tests.support.pages import script
from tests.support.peer_sides import no_events, publish
from tests.support.relays import RunningRelay
from tests.support.waiting import wait_for
from tests.support.widget_page import Host

if TYPE_CHECKING:
    from collections.abc import Callable

# By who sees, and whom: what is seen.
Views = dict[str, dict[str, dict[str, Any]]]
KINDS = ("video", "screen")

# A lost path is found and made again, a failed connection made anew, an offer that was lost is sent again.
SETTLE_SECONDS = 45.0
_LOOK_SECONDS = 0.25
# As slow as pictures of several calls may come where every core is busy with something else.
_MOVING_SECONDS = 1.5


class PeerPerson:
    """A participant in Python."""

    def __init__(self, name: str, room: str, resolve: Callable[[], tuple[str, str]]) -> None:
        async def find() -> tuple[str, str]:
            return resolve()

        self.heard: list[str] = []
        events = no_events(on_message=lambda _sender, data: self.heard.append(data))
        self.room = PeerRoom(
            room, name, new_owner_key(), resolve=find, ice_servers=IceServers(), events=events
        )
        self.room.set_media(video=True)
        self._sending = asyncio.create_task(publish(self.room.video))
        self._running = asyncio.create_task(self.room.run())

    def turn(self, on: bool) -> None:
        """Send pictures, or nothing."""
        if self._sending is not None:
            self._sending.cancel()
        if on:
            self._sending = asyncio.create_task(publish(self.room.video))
        else:
            self.room.video.clear()
        self.room.set_media(video=on)

    def view(self) -> list[dict[str, Any]]:
        """Return what it sees of everybody else."""
        views = []
        for key in self.room.participants:
            entry, incoming = self.room.entry(key), self.room.incoming(key)
            connection = self.room.remote(key).connection
            if entry is None or incoming is None or connection is None:
                continue
            view = {"name": entry["name"], "state": connection.pc.connectionState, "media": entry["media"]}
            views.append({**view, "video": incoming.video.number, "screen": incoming.screen.number})
        return views

    async def close(self) -> None:
        """Leave."""
        self._sending.cancel()
        self.room.leave()
        await asyncio.gather(self._running, self._sending, return_exceptions=True)


class World:
    """Everybody who can be in the room, on one event loop.

    Attributes
    ----------
    truth
        What each participant who is in the room sends, by name.
    """

    def __init__(self) -> None:
        self.truth: dict[str, dict[str, bool]] = {}
        self._room_number = 0
        # How long a message takes at the relay, and how many of the next are passed on twice.
        self._delay, self._doubled = 0.0, 0
        # What everybody saw at the last look, and when whose picture was last seen to move.
        self._seen: Views = {}
        self._moved: dict[tuple[str, str, str], float] = {}
        self._peers: dict[str, PeerPerson] = {}
        self._stack = contextlib.AsyncExitStack()

    @classmethod
    async def start(cls) -> Self:
        """Start a browser and a relay."""
        world = cls()
        playwright = await world._stack.enter_async_context(async_playwright())
        browser, _mark = await launch(playwright.chromium)
        world._stack.push_async_callback(browser.close)
        host = await Host.start()
        world._stack.push_async_callback(host.stop)
        await world._start_relay(0)
        world._page = await (await browser.new_context()).new_page()
        await world._page.goto(f"{host.url}/blank.html")
        await script(world._page, "convergence.js")
        return world

    async def _start_relay(self, port: int) -> None:
        self._relay = await RunningRelay.start(port, allow_origin=lambda *_: True)
        interceptor = self._relay.server._interceptor
        forward = interceptor.forward

        async def slowly(*message: Any) -> Any:
            # A client's next message waits for this one: a path may be slow, but keeps the order.
            if self._delay:
                await asyncio.sleep(self._delay)
            if self._doubled:
                self._doubled -= 1
                await forward(*message)
            return await forward(*message)

        setattr(interceptor, "forward", slowly)  # noqa: B010

    async def stop(self) -> None:
        """Stop everything."""
        await self._relay.stop()
        await self._stack.aclose()

    async def begin(self) -> None:
        """Go to a room in which nobody is."""
        self._room_number += 1
        self._delay, self._doubled = 0.0, 0
        self._seen, self._moved = {}, {}

    async def end(self) -> list[str]:
        """Let everybody leave; return what is left over of them."""
        for name in list(self.truth):
            await self.leave(name)
        deadline = asyncio.get_running_loop().time() + 10
        while problems := await self._left_over():
            if asyncio.get_running_loop().time() > deadline:
                return problems
            await asyncio.sleep(0.05)
        return []

    async def _left_over(self) -> list[str]:
        server = self._relay.server
        counts = {
            "connections at the relay": len(server._clients),
            "rooms at the relay": len(server._rooms._rooms),
            "peer connections": await self._page.evaluate("() => world.connections()"),
            "video elements": await self._page.evaluate("() => world.videos()"),
        }
        return [f"{count} {what}" for what, count in counts.items() if count]

    @property
    def _room(self) -> str:
        return f"room-{self._room_number}"

    # -- what may happen

    async def join_page(self, name: str, resume: str | None = None) -> None:
        """A browser joins."""
        self.truth[name] = {"video": True, "screen": False}
        token = self._relay.token(self._room)
        options = {"url": self._relay.url, "room": self._room, "token": token, "resume": resume}
        refusal = await self._page.evaluate("([name, options]) => world.join(name, options)", [name, options])
        assert refusal is None, refusal

    async def join_peer(self, name: str) -> None:
        """A peer joins."""
        self.truth[name] = {"video": True}
        token = self._relay.token(self._room)
        peer = self._peers[name] = PeerPerson(name, self._room, lambda: (self._relay.url, token))
        await wait_for(lambda: peer.room.id, 20, f"{name} in the room")

    async def leave(self, name: str) -> None:
        """Somebody leaves."""
        del self.truth[name]
        if name in self._peers:
            await self._peers.pop(name).close()
        else:
            await self._page.evaluate("(name) => world.leave(name)", name)

    async def reload(self, name: str) -> None:
        """A page is loaded again, and comes back as the same participant."""
        resume = await self._page.evaluate("(name) => world.unload(name)", name)
        await self.join_page(name, resume)

    async def turn(self, name: str, kind: str, *, on: bool) -> None:
        """Turn a source on, also one that is on in place of itself, or off."""
        self.truth[name][kind] = on
        if name in self._peers:
            self._peers[name].turn(on)
        else:
            await self._page.evaluate("(args) => world.turn(...args)", [name, kind, on])

    async def lose_path(self, name: str) -> None:
        """The relay and somebody lose their connection, and whatever is on its way."""
        for member in self._members():
            if member.name == name and member.sid is not None:
                await self._relay.server._sio.disconnect(member.sid)

    async def kill_relay(self) -> None:
        """The relay dies, and another one is at its address."""
        port = self._relay.port
        await self._relay.stop()
        await self._start_relay(port)

    def delay(self, seconds: float) -> None:
        """Every signaling message takes so long from now on."""
        self._delay = seconds

    def double(self, count: int) -> None:
        """The next signaling messages come twice, as when a path is lost before its acknowledgement."""
        self._doubled = count

    async def restart(self, number: int) -> None:
        """One of the browsers' connections restarts ICE."""
        await self._page.evaluate("(number) => world.restart(number)", number)

    def _members(self) -> list[Any]:
        room = self._relay.server._rooms.get(self._room)
        return list(room.members.values()) if room is not None else []

    # -- what is to be seen

    async def settle(self) -> list[str]:
        """Wait until everybody sees everybody; return what is wrong after a while."""
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while problems := await self._problems():
            if asyncio.get_running_loop().time() > deadline:
                return problems
        return []

    async def _views(self) -> Views:
        views = await self._page.evaluate("() => world.views()")
        views |= {name: peer.view() for name, peer in self._peers.items()}
        return {name: {view["name"]: view for view in seen} for name, seen in views.items()}

    async def _problems(self) -> list[str]:
        await asyncio.sleep(_LOOK_SECONDS)
        now = await self._views()
        self._look(now)
        removed = await self._page.evaluate("() => world.removed()")
        problems = [f"{name} was removed: {code}" for name, code in removed.items() if code]
        for who in self.truth:
            seen = now.get(who, {})
            problems += [f"{who} still sees {name}" for name in seen.keys() - self.truth.keys()]
            for name, sends in self.truth.items():
                if name != who:
                    differences = _differences(name, sends, seen.get(name), self._moving(who, name))
                    problems += [f"{who}: {what}" for what in differences]
        return problems

    def _look(self, now: Views) -> None:
        """Note whose pictures are others than at the last look."""
        at = asyncio.get_running_loop().time()
        for who, seen in now.items():
            for name, view in seen.items():
                before = self._seen.get(who, {}).get(name, {})
                for kind in KINDS:
                    if (view[kind] or 0) > (before.get(kind) or 0):
                        self._moved[who, name, kind] = at
        self._seen = now

    def _moving(self, who: str, name: str) -> set[str]:
        """Return which pictures of somebody move for somebody else."""
        since = asyncio.get_running_loop().time() - _MOVING_SECONDS
        return {kind for kind in KINDS if self._moved.get((who, name, kind), 0.0) > since}

    async def exchange(self) -> list[str]:
        """Let everybody send a message to everybody; return who has not received what."""
        for name, peer in self._peers.items():
            await peer.room.send(f"from {name}", None, 10)
        for name in self.truth.keys() - self._peers.keys():
            await self._page.evaluate("(args) => world.send(...args)", [name, f"from {name}"])
        deadline = asyncio.get_running_loop().time() + 10
        while True:
            missing = []
            for name in self.truth:
                peer = self._peers.get(name)
                heard = peer.heard if peer else await self._page.evaluate("(name) => world.heard(name)", name)
                missing += [
                    f"{name} has not heard {other}"
                    for other in self.truth
                    if other != name and f"from {other}" not in heard
                ]
            if not missing or asyncio.get_running_loop().time() > deadline:
                return missing
            await asyncio.sleep(0.05)


def _differences(
    name: str, sends: dict[str, bool], seen: dict[str, Any] | None, moving: set[str]
) -> list[str]:
    if seen is None:
        return [f"does not see {name}"]
    if seen["state"] != "connected":
        return [f"{name} is {seen['state']}"]
    wrong = []
    for kind, on in sends.items():
        if seen["media"][kind] is not on:
            wrong.append(f"{name}'s {kind} is taken to be {seen['media'][kind]}")
        if on and kind not in moving:
            wrong.append(f"no picture of {name}'s {kind} comes")
    return wrong
