"""A lesson's room in which nobody is: what has happened in it is what a test says."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rtc_widget.teaching import check as checking
from rtc_widget.teaching.check import Checked, _look, check
from rtc_widget.teaching.held_messages import HeldMessage
from rtc_widget.trace import Trace
from rtc_widget.trace.events import RELAY, Event
from tests.support.traces import sdp


class LessonRoom:
    """What an exercise looks at. Ids are names in small letters."""

    def __init__(self, *names: str) -> None:
        self.paused = False
        self.held: list[HeldMessage] = []
        self.fault: list[Any] = []
        self._events: list[Event] = []
        self._stats: list[Event] = []
        self._names: dict[str, str] = {}
        self._ids, self._now = itertools.count(1), 1.7e9
        for name in names:
            self.comes(name)

    @property
    def trace(self) -> Trace:
        """What has happened."""
        return Trace(list(self._events), names=dict(self._names), room="lesson")

    @property
    def stats(self) -> Trace:
        """What was measured."""
        return Trace(list(self._stats), names=dict(self._names), room="lesson")

    def _say(self, who: str, what: str, peer: str | None, message: str | None, **data: Any) -> None:
        self._now += 0.01
        ends = None if peer is None else peer.lower()
        self._events.append(Event(self._now, who if who == RELAY else who.lower(), what, ends, message, data))

    def comes(self, name: str, kind: str = "browser", key: str = "", label: str = "") -> None:
        """Somebody joins; with an id of their own when it is not the first of that name, and a label where that one is still there."""
        key = key or name.lower()
        self._names[key] = label or name
        self._say(key, "join", None, None, name=name, kind=kind, order=len(self._names))

    def message(
        self,
        kind: str,
        sender: str,
        to: str,
        *fate: str,
        forwarded: bool = True,
        setup: str = "actpass",
        content: dict[str, Any] | None = None,
    ) -> str:
        """A message reaches the relay, meets its fate, and goes on or not; return its id."""
        key = f"m{next(self._ids)}"
        if content is None:
            content = {"type": kind, "sdp": sdp("Kp3c", setup=setup)} if kind in ("offer", "answer") else {}
        ends = {"from": sender.lower(), "to": to.lower(), "event": kind}
        for stage in ("arrived", *fate):
            carried = {
                "arrived": {"content": content},
                "corrupted": {"content": {**content, "sdp": "garbled"}},
            }
            self._say(RELAY, stage, None, key, **ends, **carried.get(stage, {}))
        if forwarded:
            self.goes_on(key, kind, sender, to)
        return key

    def goes_on(self, key: str, kind: str, sender: str, to: str) -> None:
        """A message that the relay has kept back reaches its receiver."""
        self._say(RELAY, "forwarded", None, key, **{"from": sender.lower(), "to": to.lower(), "event": kind})
        self._say(to, "received", sender, key, event=kind)

    def cross(self, one: str, other: str) -> None:
        """Offers of two cross at the relay."""
        keys = []
        for sender, to in ((one, other), (other, one)):
            key = f"m{next(self._ids)}"
            ends = {"from": sender.lower(), "to": to.lower(), "event": "offer"}
            self._say(sender, "sent", to, key, event="offer")
            self._say(RELAY, "arrived", None, key, **ends, content={"type": "offer", "sdp": sdp("Kp3c")})
            keys.append((key, sender, to, ends))
        for key, sender, to, ends in keys:
            self._say(RELAY, "forwarded", None, key, **ends)
            self._say(to, "received", sender, key, event="offer")

    def holds(self, kind: str, sender: str, to: str) -> None:
        """A message waits."""
        self.held.append(HeldMessage(f"h{next(self._ids)}", kind, sender, to, self._now))
        self.message(kind, sender, to, "held", forwarded=False)

    def leaves(self, who: str) -> None:
        """Somebody leaves."""
        self._say(who, "leave", None, None, reason="left")

    def negotiates(self, one: str, other: str, offer: str) -> None:
        """An offer is set, and answered, and the answer is set: by its id, and whose it is."""
        self.step(other, "setRemoteDescription", one, offer)
        self.step(one, "setRemoteDescription", other, self.message("answer", other, one))

    def step(self, who: str, step: str, peer: str, message: str | None = None) -> None:
        """Somebody reports a step."""
        self._say(who, step, peer, message)

    def states(self, who: str, peer: str, state: str) -> None:
        """Somebody's signaling state changes."""
        self._say(who, "state", peer, None, name="signaling_state", value=state)

    def uses(self, who: str, peer: str, local: str, remote: str) -> None:
        """Somebody reports the pair of candidates in use."""
        self._say(who, "pair", peer, None, local=local, remote=remote, protocol="udp")

    def connects(self, one: str, other: str, state: str = "connected") -> None:
        """Two are connected, or what else they are."""
        for who, peer in ((one, other), (other, one)):
            self._say(who, "state", peer, None, name="connection_state", value=state)

    def measures(self, who: str, peer: str, *samples: dict[str, Any]) -> None:
        """Somebody measures."""
        for sample in samples:
            self._now += 1
            self._stats.append(Event(self._now, who.lower(), "stats", peer.lower(), None, sample))

    def breaks(self) -> None:
        """Something is broken on purpose."""
        self.fault = [SimpleNamespace(action="drop", count=None)]


class LateRoom:
    """A room in which nothing has happened at the first look, and all of another's at the next."""

    def __init__(self, room: LessonRoom) -> None:
        self._room, self._before, self._looks = room, LessonRoom(), 0

    def look(self, *of: Any) -> Checked:
        """Look, as `check` does."""
        found = _look(*of)
        self._looks += 1
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room if self._looks else self._before, name)


def judged(number: str, room: LessonRoom, *answer: Any, **given: Any) -> Checked:
    """Return what `check` says at once; what is done must be done, too, for who gets there while it looks."""
    checked = check(number, cast("Any", room), *answer, **given)
    if checked:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(checking, "_PATIENCE_SECONDS", 10.0)
            patched.setattr(checking, "_LOOK_SECONDS", 0.001)
            late = LateRoom(room)
            patched.setattr(checking, "_look", late.look)
            assert check(number, cast("Any", late), *answer, **given), "right at once, and not slowly"
    return checked
