"""Write the traces of the exercises "find the bug": calls that never took place, each with one fault.

python scripts/write_bug_traces.py

They are written to ``notebooks/traces/``; `rtc_widget.teaching.exercises.bugs` knows what is wrong with each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rtc_widget.trace import Trace  # noqa: E402
from tests.support.traces import (  # noqa: E402
    ADA,
    BOB,
    CAROL,
    Script,
    answer,
    candidate,
    connect,
    make_offer,
    sdp,
    trickle,
)

FOLDER: Final = ROOT / "notebooks" / "traces"
# Who has written a client in forty lines.
MINE: Final = CAROL


def takes(script: Script, who: str, peer: str, message: str, content: dict[str, str]) -> str:
    """Let somebody take an offer and send this answer; return the answer's id before it arrives."""
    script.say(who, "setRemoteDescription", peer, message, description="offer")
    script.state(who, peer, "signaling_state", "have-remote-offer")
    script.say(who, "createAnswer", peer)
    script.wait(1)
    script.say(who, "setLocalDescription", peer, description="answer")
    script.state(who, peer, "signaling_state", "stable")
    return script.send(who, peer, "answer", content)


def two() -> Script:
    """Ada is there, and Bob joins."""
    script = Script()
    script.join(ADA, "browser")
    script.wait(800)
    script.join(BOB, "browser", 2)
    script.wait(20)
    return script


def no_role() -> Script:
    """Bob's answer leaves a choice open that an answer has to make."""
    script = two()
    offer = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    content = {"type": "answer", "sdp": sdp("Qz9b", setup="actpass", direction="recvonly")}
    reply = takes(script, BOB, ADA, offer, content)
    trickle(script, ADA, BOB)
    trickle(script, BOB, ADA, early=True, ufrag="Qz9b")
    script.deliver(reply, BOB, ADA, "answer")
    script.say(ADA, "failed", BOB, reply, operation="setRemoteDescription", error="InvalidAccessError")
    return script


def no_queue() -> Script:
    """Bob's candidates overtake his answer, and Ada's client has no queue for them."""
    script = two()
    offer = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    trickle(script, ADA, BOB, early=True)
    content = {"type": "answer", "sdp": sdp("Qz9b", setup="active", direction="recvonly")}
    reply = takes(script, BOB, ADA, offer, content)
    for event in [event for event in script.events if event.type == "queued"]:
        script.say(BOB, "added", ADA, event.message)
    home, outside = "10.9.0.5", "198.51.100.7"
    for port, kind, address in ((51234, "host", home), (51235, "srflx", outside)):
        text = candidate(kind, address, port, "Qz9b", home=home)
        early = script.pass_on(BOB, ADA, "ice_candidate", {"candidate": text, "sdpMid": "0"})
        script.say(ADA, "refused", BOB, early, error="InvalidStateError")
    script.wait(60)
    script.deliver(reply, BOB, ADA, "answer")
    script.say(ADA, "setRemoteDescription", BOB, reply, description="answer")
    script.state(ADA, BOB, "signaling_state", "stable")
    script.state(BOB, ADA, "ice_connection_state", "checking")
    script.wait(15_000)
    script.state(BOB, ADA, "ice_connection_state", "failed")
    script.state(BOB, ADA, "connection_state", "failed")
    return script


def mixed_up() -> Script:
    """A client of one's own, with two connections, sends both answers to the same participant."""
    script = two()
    script.wait(900)
    script.join(MINE, "mine", 3)
    first = script.pass_on(ADA, MINE, "offer", make_offer(script, ADA, MINE))
    second = script.pass_on(BOB, MINE, "offer", make_offer(script, BOB, MINE, "Wm4t"))
    answer(script, MINE, ADA, first)
    script.say(MINE, "setRemoteDescription", BOB, second, description="offer")
    script.state(MINE, BOB, "signaling_state", "have-remote-offer")
    script.say(MINE, "createAnswer", BOB)
    script.say(MINE, "setLocalDescription", BOB, description="answer")
    script.state(MINE, BOB, "signaling_state", "stable")
    content = {"type": "answer", "sdp": sdp("Hj2x", setup="active", direction="recvonly")}
    astray = script.pass_on(MINE, ADA, "answer", content)
    script.say(ADA, "failed", MINE, astray, operation="setRemoteDescription", error="InvalidStateError")
    connect(script, ADA, MINE)
    return script


def nobody_polite() -> Script:
    """Offers cross, and both sides ignore what they get."""
    script = two()
    ours, theirs = make_offer(script, ADA, BOB), make_offer(script, BOB, ADA, "Qz9b")
    first = script.send(ADA, BOB, "offer", ours)
    second = script.send(BOB, ADA, "offer", theirs)
    script.deliver(first, ADA, BOB, "offer")
    script.say(BOB, "ignored", ADA, first, description="offer")
    script.deliver(second, BOB, ADA, "offer")
    script.say(ADA, "ignored", BOB, second, description="offer")
    script.wait(8000)
    return script


def other_order() -> Script:
    """Ada adds a screen, and her second offer has the m-lines in another order."""
    script = two()
    offer = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    answer(script, BOB, ADA, offer)
    trickle(script, ADA, BOB)
    trickle(script, BOB, ADA, ufrag="Qz9b")
    connect(script, ADA, BOB)
    script.wait(5000)
    content = make_offer(script, ADA, BOB, version=3)
    session, camera = content["sdp"].split("m=", 1)
    screen = camera.replace("a=mid:0", "a=mid:1").replace("Kp3cstream Kp3ctrack", "screen screen")
    content["sdp"] = session.replace("BUNDLE 0", "BUNDLE 1 0") + "m=" + screen + "m=" + camera
    second = script.pass_on(ADA, BOB, "offer", content)
    script.say(BOB, "failed", ADA, second, operation="setRemoteDescription", error="InvalidAccessError")
    return script


STORIES: Final[dict[str, Callable[[], Script]]] = {
    "02_no_encryption": no_role,
    "03_no_way": no_queue,
    "08_half_a_call": mixed_up,
    "09_no_answer": nobody_polite,
    "11_no_screen": other_order,
}


def trace_of(name: str) -> Trace:
    """Return one of the traces.

    Parameters
    ----------
    name : str
        One of `STORIES`.

    Returns
    -------
    Trace
        The trace.
    """
    script = STORIES[name]()
    there = {event.participant for event in script.events}
    names = {key: name for key, name in {ADA: "Ada", BOB: "Bob", MINE: "Mine"}.items() if key in there}
    events = [
        event
        if event.type != "join"
        else type(event)(
            event.time, event.participant, "join", data={**event.data, "name": names[event.participant]}
        )
        for event in script.events
    ]
    return Trace(events, names=names, room="find the bug")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in STORIES:
        trace_of(name).save(FOLDER / f"{name}.jsonl")
