"""Traces of calls that never took place, as the relay and the participants would report them."""

from __future__ import annotations

import itertools
from hashlib import sha256
from typing import Any

from rtc_widget.trace import Trace
from rtc_widget.trace.events import RELAY, Event

ADA, BOB, CAROL, DAN = "a1", "b2", "c3", "d4"
NAMES = {ADA: "Ada", BOB: "Bob", CAROL: "Carol", DAN: "Dan"}

SDP = """v=0
o=- {session} {version} IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=ice-ufrag:{ufrag}
a=ice-pwd:{ufrag}SecretSecretSecretSecret
a=fingerprint:sha-256 {fingerprint}
a=setup:{setup}
a=mid:0
a=msid:{ufrag}stream {ufrag}track
a={direction}
a=rtcp-mux
a=rtpmap:96 VP8/90000
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=ssrc:{ssrc} cname:{ufrag}cname
"""


_SENDERS = ("a=msid:", "a=ssrc:", "a=ssrc-group:")


def sdp(
    ufrag: str,
    *,
    setup: str = "actpass",
    direction: str = "sendrecv",
    version: int = 2,
    session: int | None = None,
) -> str:
    """Return a session description that a browser might have written; each has a session id of its own, unless it is said."""
    # Of a certificate of its own: 32 bytes.
    own = sha256(ufrag.encode()).digest()
    fingerprint = ":".join(["AA:BB:CC:DD", *(f"{byte:02X}" for byte in own[4:])])
    # RFC 8829, 5.2.1: who sends nothing names no stream.
    sends = direction.startswith("send")
    template = (
        SDP if sends else "".join(line for line in SDP.splitlines(True) if not line.startswith(_SENDERS))
    )
    return template.format(
        fingerprint=fingerprint,
        ufrag=ufrag,
        setup=setup,
        direction=direction,
        version=version,
        session=int.from_bytes(own[:7]) if session is None else session,
        ssrc=int.from_bytes(own[7:11]),
    ).replace("\n", "\r\n")


def candidate(
    kind: str = "host",
    address: str = "192.0.2.44",
    port: int = 51234,
    ufrag: str = "Kp3c",
    *,
    number: int = 0,
    home: str = "10.1.2.3",
) -> str:
    """Return a candidate's text; `number` tells apart those of one type, `home` is where a router's address leads."""
    # RFC 8445, 5.1.2: the type's preference is 126 or 100, no two have one priority; a foundation is of one type and base.
    preference = 126 if kind == "host" else 100
    priority = (preference << 24) + ((32542 - number) << 8) + 255
    foundation, related = (
        (842163049 + number, "") if kind == "host" else (1677729, f" raddr {home} rport 40404")
    )
    return f"candidate:{foundation} 1 udp {priority} {address} {port} typ {kind}{related} generation 0 ufrag {ufrag}"


class Script:
    """Writes a trace; `now` is the relay's clock in ms and goes on with every event."""

    def __init__(self, *, error: float = 0.0004) -> None:
        self.now = 0.0
        self.events: list[Event] = []
        self.error = error
        self._ids = itertools.count(1)

    @property
    def trace(self) -> Trace:
        """What has been written."""
        return Trace(self.events, names=NAMES, room="demo")

    def wait(self, milliseconds: float) -> None:
        """Let time pass."""
        self.now += milliseconds

    def say(
        self, who: str, what: str, peer: str | None = None, message: str | None = None, /, **data: Any
    ) -> None:
        """Write one event, and let 0.4 ms pass."""
        error = 0.0 if who == RELAY else self.error
        self.events.append(Event(1.7e9 + self.now / 1000, who, what, peer, message, data, error))
        self.now += 0.4

    def join(self, who: str, kind: str = "widget", order: int = 1) -> None:
        """Let somebody come."""
        self.say(who, "join", name=NAMES[who], kind=kind, order=order)

    def state(self, who: str, peer: str, name: str, value: str) -> None:
        """Change a state machine."""
        self.say(who, "state", peer, name=name, value=value)

    def send(self, sender: str, receiver: str, event: str, content: dict[str, Any] | None = None) -> str:
        """Send a message as far as the relay; return its id."""
        key = f"m{next(self._ids)}"
        self.say(sender, "sent", receiver, key, event=event)
        self.wait(2)
        self.at_relay("arrived", key, sender, receiver, event, content=content)
        return key

    def at_relay(self, stage: str, key: str, sender: str, receiver: str, event: str, **more: Any) -> None:
        """Let something become of a message at the relay."""
        self.say(RELAY, stage, None, key, **{"from": sender, "to": receiver, "event": event, **more})

    def deliver(self, key: str, sender: str, receiver: str, event: str) -> None:
        """Let a message go on to its receiver."""
        self.at_relay("forwarded", key, sender, receiver, event)
        self.wait(2)
        self.say(receiver, "received", sender, key, event=event)

    def pass_on(self, sender: str, receiver: str, event: str, content: dict[str, Any] | None = None) -> str:
        """Send a message and deliver it."""
        key = self.send(sender, receiver, event, content)
        self.deliver(key, sender, receiver, event)
        return key


def make_offer(script: Script, who: str, peer: str, ufrag: str = "Kp3c", version: int = 2) -> dict[str, Any]:
    """Let somebody make an offer and set it; return what it sends."""
    script.say(who, "negotiationneeded", peer)
    script.say(who, "createOffer", peer)
    script.wait(1)
    script.say(who, "setLocalDescription", peer, description="offer")
    script.state(who, peer, "signaling_state", "have-local-offer")
    return {"type": "offer", "sdp": sdp(ufrag, version=version)}


def answer(script: Script, who: str, peer: str, message: str, ufrag: str = "Qz9b") -> None:
    """Let somebody take an offer and answer it, and the other take the answer."""
    script.say(who, "setRemoteDescription", peer, message, description="offer")
    script.state(who, peer, "signaling_state", "have-remote-offer")
    script.say(who, "createAnswer", peer)
    script.wait(1)
    script.say(who, "setLocalDescription", peer, description="answer")
    script.state(who, peer, "signaling_state", "stable")
    content = {"type": "answer", "sdp": sdp(ufrag, setup="active", direction="recvonly")}
    reply = script.pass_on(who, peer, "answer", content)
    script.say(peer, "setRemoteDescription", who, reply, description="answer")
    script.state(peer, who, "signaling_state", "stable")


def trickle(script: Script, who: str, peer: str, *, early: bool = False, ufrag: str = "Kp3c") -> None:
    """Let somebody at home gather four candidates and send them."""
    script.state(who, peer, "ice_gathering_state", "gathering")
    homes = ("10.1.2.3", "10.1.7.3", "10.2.2.3")
    for number, kind in enumerate(("host", "host", "host", "srflx")):
        script.say(who, "gathered", peer, kind=kind, protocol="udp")
        outside = "192.0.2.44" if who == ADA else "203.0.113.7"
        address = homes[number] if kind == "host" else outside
        text = candidate(kind, address, 51234 + number, ufrag, number=number)
        content = {"candidate": text, "sdpMid": "0"}
        key = script.pass_on(who, peer, "ice_candidate", content)
        script.say(peer, "queued" if early else "added", who, key)
    script.say(who, "gathered", peer, kind=None)
    script.state(who, peer, "ice_gathering_state", "complete")


def connect(script: Script, one: str, other: str) -> None:
    """Let ICE and DTLS find together."""
    for who, peer in ((one, other), (other, one)):
        script.state(who, peer, "ice_connection_state", "checking")
        script.state(who, peer, "connection_state", "connecting")
    script.wait(12)
    for who, peer in ((one, other), (other, one)):
        script.state(who, peer, "ice_connection_state", "connected")
        script.state(who, peer, "connection_state", "connected")
        script.say(who, "track", peer, kind="video", mid="0", screen=False)
        script.say(who, "pair", peer, local="host", remote="host", protocol="udp")


def call() -> Script:
    """Ada is there, Bob comes: an offer, candidates, an answer, more candidates, connected."""
    script = Script()
    script.join(ADA)
    script.wait(900)
    script.join(BOB, "python", 2)
    offer = make_offer(script, ADA, BOB)
    key = script.pass_on(ADA, BOB, "offer", offer)
    trickle(script, ADA, BOB, early=True)
    answer(script, BOB, ADA, key)
    trickle(script, BOB, ADA)
    connect(script, ADA, BOB)
    return script


def glare() -> Script:
    """Both offer at the same moment; Bob is polite and gives way."""
    script = Script()
    script.join(ADA)
    script.join(BOB, order=2)
    script.wait(20)
    ours = make_offer(script, ADA, BOB)
    theirs = make_offer(script, BOB, ADA, "Qz9b")
    first = script.send(ADA, BOB, "offer", ours)
    second = script.send(BOB, ADA, "offer", theirs)
    script.deliver(second, BOB, ADA, "offer")
    script.say(ADA, "ignored", BOB, second, description="offer")
    script.deliver(first, ADA, BOB, "offer")
    script.say(BOB, "rollback", ADA)
    script.state(BOB, ADA, "signaling_state", "stable")
    answer(script, BOB, ADA, first)
    connect(script, ADA, BOB)
    return script


def stepped() -> Script:
    """Ada's teacher breaks and holds: one of everything that can befall a message, and one that still waits."""
    script = Script(error=float("inf"))
    script.join(ADA)
    script.join(BOB, order=2)
    offer = make_offer(script, ADA, BOB)
    rule = {"id": "f1", "fault": "drop", "kind": "ice_candidate", "sender": None, "to": "Bob", "done": 0}
    script.say(RELAY, "control", paused=False, held=[], breaks=[], faults=[rule])
    for fate in ("dropped", "delayed", "duplicated", "corrupted"):
        content = {"candidate": candidate(), "sdpMid": "0"}
        key = script.send(ADA, BOB, "ice_candidate", content)
        script.at_relay(fate, key, ADA, BOB, "ice_candidate", content=content)
        if fate == "delayed":
            script.wait(400)
        if fate != "dropped":
            script.deliver(key, ADA, BOB, "ice_candidate")
            script.say(BOB, "refused" if fate == "corrupted" else "queued", ADA, key, error="OperationError")
    script.say(RELAY, "control", paused=True, held=[], breaks=[], faults=[])
    held = script.send(ADA, BOB, "offer", offer)
    script.at_relay("held", held, ADA, BOB, "offer")
    script.wait(3200)
    script.at_relay("released", held, ADA, BOB, "offer")
    script.deliver(held, ADA, BOB, "offer")
    script.say(BOB, "setRemoteDescription", ADA, held, description="offer")
    script.say(BOB, "failed", ADA, held, operation="createAnswer", error="InvalidStateError")
    late = script.send(BOB, ADA, "answer", {"type": "answer", "sdp": sdp("Qz9b", setup="active")})
    script.at_relay("held", late, BOB, ADA, "answer")
    return script


def crowd() -> Script:
    """Four in a room, each with each."""
    script = Script()
    for order, who in enumerate((ADA, BOB, CAROL), 1):
        script.join(who, order=order)
    script.wait(100)
    for one, other in itertools.combinations((ADA, BOB, CAROL), 2):
        key = script.pass_on(one, other, "offer", make_offer(script, one, other))
        trickle(script, one, other)
        answer(script, other, one, key)
        connect(script, one, other)
    script.say(BOB, "away")
    script.wait(1500)
    script.say(BOB, "leave", reason="lost")
    return script


def long_trace(events: int) -> Trace:
    script = Script()
    script.join(ADA)
    script.join(BOB)
    number = 0
    while len(script.events) < events:
        number += 1
        key = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB, f"u{number}", number))
        trickle(script, ADA, BOB)
        answer(script, BOB, ADA, key)
        if number % 50 == 0:
            lost = script.send(ADA, BOB, "ice_candidate", {"candidate": candidate()})
            script.at_relay("dropped", lost, ADA, BOB, "ice_candidate")
    return Trace(script.events, names=NAMES)


def meeting() -> Script:
    """Four people: Ada calls each of the others, the others each other in vain."""
    people = (ADA, BOB, CAROL, DAN)
    script = Script()
    for order, who in enumerate(people, 1):
        script.join(who, order=order)
    for other in people[1:]:
        key = script.pass_on(ADA, other, "offer", make_offer(script, ADA, other))
        answer(script, other, ADA, key)
        connect(script, ADA, other)
    for one, other in ((BOB, CAROL), (BOB, DAN), (CAROL, DAN)):
        make_offer(script, one, other)
        script.state(one, other, "connection_state", "failed")
    return script
