"""A trace as a sequence, its messages, its file, and why a pair won."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import Trace, why
from rtc_widget.trace.events import RELAY, Event
from rtc_widget.trace.messages import lost
from tests.support.traces import (
    ADA,
    BOB,
    CAROL,
    NAMES,
    call,
    candidate,
    crowd,
    glare,
    sdp,
    stepped,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_events_are_in_the_order_of_one_clock() -> None:
    late, early = Event(2.0, ADA, "join"), Event(1.0, BOB, "join")

    assert list(Trace([late, early], names={})) == [early, late]


def test_slices_and_choices_are_traces_with_the_same_names() -> None:
    trace = call().trace

    assert isinstance(trace[3:9], Trace)
    assert len(trace[3:9]) == 6
    assert trace[-1:].name_of(ADA) == "Ada"
    assert {event.participant for event in trace.by("Ada")} == {ADA}
    assert {event.type for event in trace.filter("join", "pair")} == {"join", "pair"}
    assert len(trace.filter(where=lambda event: event.participant == RELAY)) == len(trace.by("relay"))


def test_between_keeps_one_connection_and_its_messages_at_the_relay() -> None:
    trace = crowd().trace.between("Ada", "Bob")

    assert CAROL not in {event.participant for event in trace}
    assert {(m.sender, m.receiver) for m in trace.messages()} == {(ADA, BOB), (BOB, ADA)}


def test_who_is_not_there_and_what_is_no_type_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="'Ada', 'Bob'"):
        call().trace.by("Eve")
    with pytest.raises(InvalidArgumentError, match=r"Did you mean 'createOffer'\?"):
        call().trace.filter("createoffer")
    # What is no word at all, such as a list of types, is refused as well.
    with pytest.raises(InvalidArgumentError, match="Unknown event type"):
        call().trace.filter(["join"])


def test_a_message_is_put_together_from_three_that_saw_it() -> None:
    offer, *_ = call().trace.messages()

    assert (offer.kind, offer.sender, offer.receiver) == ("offer", ADA, BOB)
    assert offer.sent is not None
    assert offer.received is not None
    assert offer.sent < offer.arrived < (offer.forwarded or 0) < offer.received
    assert [effect.type for effect in offer.effects] == ["setRemoteDescription"]
    assert offer.sdp is not None
    assert offer.sdp.startswith("v=0")


def test_what_others_say_of_a_message_is_not_believed() -> None:
    script = call()
    before = script.trace.messages()
    for message in before:
        for who in ("eve", message.sender):
            script.say(who, "refused", ADA, message.id, error="OperationError")
            script.say(who, "received", ADA, message.id, event=message.kind)
        script.say("eve", "sent", ADA, message.id, event=message.kind)
        script.say(message.receiver, "sent", ADA, message.id, event=message.kind)

    assert script.trace.messages() == before


def test_what_befell_messages_is_their_fate() -> None:
    fates = [message.fate for message in stepped().trace.messages()]

    assert fates == [("dropped",), ("delayed",), ("duplicated",), ("corrupted",), ("held",), ("held",)]
    assert [message.waits for message in stepped().trace.messages()] == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("changed", "fate", "said"),
    [
        (lambda sdp: sdp, "candidates removed", "candidates removed from offer"),
        (lambda sdp: sdp.replace("m=video", "m=garbled"), "corrupted", "offer corrupted"),
    ],
)
def test_a_description_without_its_candidates_is_not_called_damaged(
    changed: Callable[[str], str], fate: str, said: str
) -> None:
    script = call()
    whole = sdp("new") + f"a={candidate()}\r\n"
    key = script.send(ADA, BOB, "offer", {"type": "offer", "sdp": whole})
    content = {"type": "offer", "sdp": changed(sdp("new"))}
    script.at_relay("corrupted", key, ADA, BOB, "offer", content=content)

    message = script.trace.messages()[-1]

    assert message.fate == (fate,)
    assert lost([message]) == said


def test_a_file_gives_back_the_same_trace(tmp_path: Path) -> None:
    trace = stepped().trace

    read = Trace.load(trace.save(tmp_path / "call.jsonl"))

    assert read == trace
    assert (read.names, read.room) == (trace.names, "demo")
    assert any(math.isinf(event.error) for event in read)


@pytest.mark.parametrize("other", [b'{"PeerConnections": {}}', b"\x1f\x8b\x08", b"PK\x03\x04", b"notes"])
def test_a_trace_is_written_over_a_trace_only(tmp_path: Path, other: bytes) -> None:
    path = tmp_path / "call.jsonl"
    path.touch()
    call().trace.save(path)
    glare().trace.save(path)
    assert Trace.load(path) == glare().trace

    path.write_bytes(other)
    with pytest.raises(InvalidArgumentError, match="hoose another name") as refused:
        glare().trace.save(path)

    assert refused.value.code == "bad_argument"
    assert path.read_bytes() == other


def test_a_file_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = call().trace.save(tmp_path / "call.jsonl")
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.warns(UserWarning, match="is incomplete"):
        assert len(Trace.load(path)) == len(call().trace) - 1


HEADER = '{"format":"rtc_widget.trace","version":1,"room":"demo","names":{"ada-id":"Ada"}}'
SENT = '{"time":1.0,"participant":"ada-id","type":"sent","message":"m1"}'
DEEP = "[" * 100_000


def shown(trace: Trace) -> str:
    """Show a trace in every way that there is."""
    drawn = trace.diagram()
    frame = str(trace.to_frame())
    said = [str(event) for event in trace] + [why(trace), trace._repr_html_(), repr(trace.messages())]
    return "\n".join([repr(trace), frame, *said, drawn.text, drawn.svg, drawn.html])


def test_a_file_that_another_program_wrote_anew_is_still_ours(tmp_path: Path) -> None:
    path = stepped().trace.save(tmp_path / "call.jsonl")
    lines = [json.dumps(json.loads(line), sort_keys=True) for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines))

    assert Trace.load(path) == stepped().trace


@pytest.mark.parametrize(
    "line",
    [
        f'{{"time":1.0,"participant":"ada-id","type":"pair","data":{{"pairs":{DEEP}}}}}',
        f'{{"time":1.0,"participant":"ada-id","type":"pair","data":{{"pairs":{"[" * 300}{"]" * 300}}}}}',
        SENT.replace("1.0", "1" * 400),
        SENT.replace("1.0", "1" * 5000),
        SENT.replace("1.0", "1e400"),
        SENT.replace("1.0", "1e300"),
        SENT.replace("1.0", "NaN"),
        SENT.replace("1.0", '"soon"'),
        SENT.replace('"m1"', "[1]"),
        SENT.replace('"m1"', '"m1","peer":{}'),
        SENT.replace('"m1"', '"m1","error":[]'),
        SENT.replace('"m1"', '"m1","data":[1]'),
        SENT.replace('"ada-id"', "7"),
        SENT.replace("sent", "arrived"),
        SENT.replace("sent", "arrived").replace('"m1"', '"m1","data":{"from":"a","to":[],"event":"offer"}'),
        '{"time":1.0,"participant":"relay","type":"held","data":{"from":[]}}',
        '{"time":1.0,"participant":"relay","type":"corrupted","message":"m1","data":{"content":"v=0"}}',
        "7",
    ],
)
def test_what_is_no_event_ends_the_reading_there(line: str, tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    path.write_text(f"{HEADER}\n{SENT}\n{line}\n{SENT}\n")

    with pytest.warns(UserWarning, match="damaged in line 3: the 1 events"):
        trace = Trace.load(path)
    assert "Ada" in shown(trace)


@pytest.mark.parametrize("names", ['{"ada-id":[1]}', '{"ada-id":null}', "[]", "null"])
def test_names_that_are_none_are_refused(names: str, tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    path.write_text(HEADER.replace('{"ada-id":"Ada"}', names))

    with pytest.raises(InvalidArgumentError, match="line 1") as refused:
        Trace.load(path)
    assert refused.value.code == "bad_trace"


@pytest.mark.parametrize("odd", [[1], {"a": [1]}, 7, 1.5, True, None, "word", int("9" * 29), 1e308])
def test_odd_values_are_shown_all_the_same(odd: Any, tmp_path: Path) -> None:
    entries: dict[str, tuple[str, ...]] = {
        "join": ("name", "kind", "order"),
        "state": ("name", "value"),
        "pair": ("local", "remote", "protocol", "pairs", "checked", "succeeded"),
        "gathered": ("kind",),
        "failed": ("operation", "error"),
        "track": ("kind", "mid", "screen"),
        "channel": ("value",),
        "setLocalDescription": ("description",),
        "error": ("code", "message"),
        "media": ("audio", "video"),
        "leave": ("reason",),
        "sent": ("event",),
    }
    events = [Event(1.0, ADA, kind, BOB, None, dict.fromkeys(keys, odd)) for kind, keys in entries.items()]
    events.append(Event(1.0, ADA, "state", BOB, None, {"name": "signaling_state", "value": odd}))
    won = pair(nominated=True, rtt=odd, state="succeeded") | {"local_priority": odd}
    events.append(Event(2.0, ADA, "pair", BOB, None, {**pair(), "pairs": [won, {**won, "rtt": 5.0}, odd]}))
    rule = {"id": odd, "fault": odd, "types": odd, "seconds": odd, "probability": odd, "kind": odd}
    for rules in (odd, [odd, rule]):
        events.append(Event(2.0, RELAY, "control", data={"paused": odd, "faults": rules, "breaks": rules}))
    made = Trace(events, names={ADA: "Ada", BOB: "Bob"})

    assert "Ada" in shown(Trace.load(made.save(tmp_path / "odd.jsonl")))
    if isinstance(odd, list | dict):
        assert "signaling with Bob is unknown" in str(made.diagram()) or "signaling is unknown" in str(
            made.diagram()
        )


def test_a_file_of_a_newer_version_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "new.jsonl"
    path.write_text('{"format":"rtc_widget.trace","version":99,"names":{}}\n')

    with pytest.raises(InvalidArgumentError, match="pip install --upgrade") as refused:
        Trace.load(path)
    assert refused.value.code == "bad_trace"


def test_a_notebook_sees_the_beginning_and_the_end_without_markup_or_addresses() -> None:
    script = call()
    script.say(ADA, "error", code="<b>bad</b>", value="at 203.0.113.7")
    html = script.trace._repr_html_()

    assert html.count("<tr>") == 22
    assert "203.0.113.7" not in html
    assert "<b>" not in html


def test_a_frame_has_a_row_to_each_event() -> None:
    frame = call().trace.to_frame()

    assert len(frame) == len(call().trace)
    assert "content" not in frame


def test_explaining_is_within_reach_of_a_trace() -> None:
    assert "leaves the choice" in str(call().trace.explain("a=setup:actpass"))
    offer, answer = (message.sdp or "" for message in call().trace.messages() if message.sdp)
    assert "recvonly answered" in str(call().trace.diff(offer, answer))


# -- why a pair won


def pair(local: str = "host", remote: str = "host", *, rank: int = 10, **more: Any) -> dict[str, Any]:
    base = {"local": local, "remote": remote, "protocol": "udp", "state": "succeeded", "nominated": False}
    return {**base, "local_priority": rank, "remote_priority": rank, "rtt": 4.0, **more}


def won(local: str, remote: str, *pairs: dict[str, Any], **more: int) -> str:
    data = {
        "local": local,
        "remote": remote,
        "protocol": "udp",
        **({"pairs": [*pairs]} if pairs else {}),
        **more,
    }
    return why(Event(1.0, ADA, "pair", BOB, None, data))


@pytest.mark.parametrize(
    ("local", "remote", "words"),
    [
        ("host", "host", "the machines' own"),
        ("prflx", "host", "learned from the checks"),
        ("host", "srflx", "STUN server saw"),
        ("relay", "srflx", "TURN server"),
        ("relay", "unknown", "TURN server"),
        ("unknown", "srflx", "STUN server saw"),
        ("unknown", "prflx", "why is not known"),
        ("host", "new kind", "why is not known"),
    ],
)
def test_without_a_list_of_pairs_the_types_say_why(local: str, remote: str, words: str) -> None:
    assert words in won(local, remote)


def test_media_over_the_notebook_are_no_pairs_merit() -> None:
    data = dict.fromkeys(("local", "remote", "protocol"), "notebook")

    said = why(Event(1.0, ADA, "pair", BOB, None, data))
    assert said.startswith("No candidate pair carries the media: they go over the notebook's own connection")


def test_the_pairs_that_lost_say_why() -> None:
    chosen = pair(nominated=True, rank=20)

    assert "no other pair had been checked by then" in won("host", "host", chosen)
    unchecked = won("host", "host", chosen, pair("srflx", state="waiting"), checked=1, succeeded=1)
    assert "no other pair had been checked by then" in unchecked
    assert "only one whose checks succeeded" in won("host", "host", chosen, pair("srflx", state="failed"))
    assert "none has a higher priority" in won("host", "host", chosen, pair("srflx"))
    faster = won("host", "host", chosen, pair("srflx", rank=99, rtt=30.0))
    assert "may nominate any" in faster
    assert "4 ms there and back" in faster
    unranked = {**pair("srflx"), "local_priority": None}
    assert "nominated it from 2 pairs" in won("host", "host", chosen, unranked)
    assert won("host", "host", chosen, pair("srflx", state=None)).endswith("(RFC 8445, 5.1.2.2).")


def test_every_line_of_the_file_is_json(tmp_path: Path) -> None:
    header, *events = glare().trace.save(tmp_path / "glare.jsonl").read_text().splitlines()

    assert json.loads(header)["version"] == 1
    assert all({"time", "participant", "type"} <= json.loads(line).keys() for line in events)


def test_no_description_and_no_address_is_in_a_repr() -> None:
    trace = call().trace

    shown = repr(list(trace)) + repr(trace.messages()) + repr(trace)

    assert "ice-pwd" not in shown
    assert "v=0" not in shown
    assert "candidate:" not in shown


def test_a_participant_is_found_in_a_trace_by_its_id_alone() -> None:
    script = call()
    trace = Trace(script.events, names={"eve": ADA, **NAMES}, room="demo")

    assert trace.by(ADA).participants == trace.by(SimpleNamespace(id=ADA)).participants
    with pytest.raises(InvalidArgumentError, match="unknown_participant"):
        Trace([], names={"eve": ADA}).by(SimpleNamespace(id=ADA))


def test_what_is_no_event_makes_no_trace() -> None:
    wrong: Any = ["x"]

    with pytest.raises(InvalidArgumentError, match="made of Events, not of str") as refused:
        Trace(wrong, names={})
    assert refused.value.code == "bad_argument"
