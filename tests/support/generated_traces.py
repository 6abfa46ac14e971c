"""Traces that nobody would write: any number of each thing that may happen between a few people, in any order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from rtc_widget.trace import Trace
from rtc_widget.trace.events import RELAY
from tests.support.traces import Script, candidate, sdp

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = (
    "Ada",
    "Bob",
    "Wilhelmina von Hohenzollern-Sigmaringen",
    "x",
    "李小龙与他的朋友们在网络上开会",
    "Ünïcödé",
    "محمد بن راشد",
    "W" * 60,
    "🙂🙃🙂🙃🙂🙃",
    "a b c d e f g h i j k l m n o p",
)
_KINDS = ("widget", "python", "", "a client of somebody else's")
_FATES = ("held", "delayed", "dropped", "duplicated", "corrupted")
_CANDIDATES = ("host", "srflx", "prflx", "relay")
_STATES = {
    "signaling_state": ("stable", "have-local-offer", "have-remote-offer", "have-remote-pranswer", "closed"),
    "ice_gathering_state": ("gathering", "complete"),
    "ice_connection_state": ("checking", "connected", "completed", "disconnected", "failed"),
    "connection_state": ("connecting", "connected", "disconnected", "failed", "closed"),
}
_ERRORS = (
    "InvalidStateError",
    "OperationError: " + "the connection is in the wrong state for this " * 3,
    "x" * 90,
)


class _Play:
    """People who do something at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.script = Script(error=self.random.choice((0.0004, 0.02, float("inf"))))
        self.people = [f"p{index}" for index in range(self.random.choice((1, 2, 2, 2, 2, 3, 4)))]
        self.names = dict(zip(self.people, self.random.sample(_NAMES, len(self.people)), strict=True))
        self.waiting: list[tuple[str, str, str, str]] = []
        self.acts: list[Callable[[str, str], None]] = [
            self.call,
            self.call,
            self.message,
            self.message,
            self.message,
            self.state,
            self.state,
            self.candidates,
            self.control,
            self.roster,
            self.fact,
            self.release,
        ]

    def trace(self) -> Trace:
        """Let everything happen."""
        for who in self.people:
            if self.random.random() < 0.8:
                self.script.say(who, "join", name=self.names[who], kind=self.random.choice(_KINDS), order=1)
        for _ in range(self.random.randrange(3, 40)):
            one = self.random.choice(self.people)
            other = self.random.choice([who for who in self.people if who != one] or ["nobody"])
            self.random.choice(self.acts)(one, other)
            self.script.wait(self.random.choice((0.1, 0.1, 1, 5, 40, 300, 2500)))
        return Trace(self.script.events, names=self.names, room="generated")

    def call(self, one: str, other: str) -> None:
        kind = self.random.choice(("offer", "answer", "pranswer"))
        match self.random.choice(("create", "local", "remote", "needed", "failed", "rollback", "ignored")):
            case "create":
                self.script.say(one, self.random.choice(("createOffer", "createAnswer", "restartIce")), other)
            case "local" | "remote" as side:
                length = {"duration": self.random.choice((1, 30, 700))} if self.random.random() < 0.7 else {}
                self.script.say(one, f"set{side.title()}Description", other, description=kind, **length)
            case "needed":
                self.script.say(one, "negotiationneeded", other)
            case "failed":
                error = self.random.choice(_ERRORS)
                self.script.say(one, "failed", other, operation="setRemoteDescription", error=error)
            case happened:
                self.script.say(one, happened, other, description=kind)

    def message(self, one: str, other: str) -> None:
        kind = self.random.choice(("offer", "answer", "request_offer", "offer"))
        content = {"type": kind, "sdp": sdp("u")} if kind != "request_offer" else None
        self.pass_on(one, other, kind, content)

    def candidates(self, one: str, other: str) -> None:
        for _ in range(self.random.randrange(1, 6)):
            content = {"candidate": candidate(self.random.choice(_CANDIDATES))}
            key = self.pass_on(one, other, "ice_candidate", self.random.choice((content, content, None)))
            became = self.random.choice(("queued", "added", "discarded", "refused"))
            self.script.say(other, became, one, key, error="OperationError")

    def pass_on(self, one: str, other: str, kind: str, content: dict[str, str] | None) -> str:
        key = self.script.send(one, other, kind, content)
        fate = self.random.choice(_FATES) if self.random.random() < 0.4 else ""
        if fate:
            self.script.at_relay(fate, key, one, other, kind)
        if fate in ("held", "delayed"):
            self.waiting.append((key, one, other, kind))
        elif fate != "dropped" and self.random.random() < 0.8:
            self.script.wait(self.random.choice((0.5, 3, 80)))
            self.script.deliver(key, one, other, kind)
        else:
            self.waiting.append((key, one, other, kind))
        return key

    def release(self, _one: str, _other: str) -> None:
        if self.waiting:
            self.script.deliver(*self.waiting.pop(self.random.randrange(len(self.waiting))))

    def state(self, one: str, other: str) -> None:
        name = self.random.choice([*_STATES])
        self.script.state(one, other, name, self.random.choice(_STATES[name]))

    def fact(self, one: str, other: str) -> None:
        match self.random.choice(("track", "channel", "pair", "media", "error")):
            case "track":
                self.script.say(one, "track", other, kind="video", mid="0", screen=self.random.random() < 0.3)
            case "channel":
                self.script.say(one, "channel", other, value="open")
            case "pair":
                local, remote = self.random.choices(_CANDIDATES, k=2)
                self.script.say(one, "pair", other, local=local, remote=remote, protocol="udp")
            case "media":
                self.script.say(one, "media", audio=True, video=False, screen=True)
            case _:
                self.script.say(one, "error", other, code=self.random.choice(_ERRORS))

    def control(self, _one: str, _other: str) -> None:
        faults = [{"id": "f", "fault": "drop", "kind": "ice_candidate", "to": self.random.choice(_NAMES)}]
        chosen = faults if self.random.random() < 0.5 else []
        self.script.say(RELAY, "control", paused=self.random.random() < 0.5, faults=chosen, breaks=[])

    def roster(self, one: str, _other: str) -> None:
        event = self.random.choice(("away", "back", "leave", "join"))
        self.script.say(one, event, name=self.names[one], kind="widget", order=2, reason="left")


def generated(seed: int) -> Trace:
    """Return the trace that a seed makes."""
    return _Play(seed).trace()
