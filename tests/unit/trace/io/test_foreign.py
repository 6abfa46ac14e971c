"""Dumps of webrtc-internals and rtcstats, of today and of old, whole and broken."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import Trace
from tests.support.traces import candidate, sdp

if TYPE_CHECKING:
    from pathlib import Path

OFFER = {"type": "offer", "sdp": sdp("Kp3c")}
ANSWER = {"type": "answer", "sdp": sdp("Qz9b", setup="active", session=77)}
CANDIDATE = {"candidate": candidate("srflx"), "sdpMid": "0", "sdpMLineIndex": 0}

# What one browser says of a call with another: (what, value).
STEPS: list[tuple[str, Any]] = [
    ("onnegotiationneeded", None),
    ("createOffer", {}),
    ("setLocalDescription", OFFER),
    ("onsignalingstatechange", "have-local-offer"),
    ("setLocalDescriptionOnSuccess", None),
    ("onicecandidate", CANDIDATE),
    ("setRemoteDescription", ANSWER),
    ("onsignalingstatechange", "stable"),
    ("setRemoteDescriptionOnSuccess", None),
    ("addIceCandidate", {**CANDIDATE, "candidate": candidate()}),
    ("onconnectionstatechange", "connected"),
    ("createAnswerOnFailure", "InvalidStateError: the state is wrong at 192.0.2.1"),
]


def internals() -> dict[str, Any]:
    log = [
        {"type": what, "value": json.dumps(value) if value is not None else "", "timestamp": 1.7e12 + 10 * n}
        for n, (what, value) in enumerate(STEPS)
    ]
    values = {
        "CP1-localCandidateId": ("candidate-pair", ["L1"]),
        "CP1-remoteCandidateId": ("candidate-pair", ["R1"]),
        "CP1-state": ("candidate-pair", ["in-progress", "succeeded"]),
        "CP1-nominated": ("candidate-pair", [False, True]),
        "L1-candidateType": ("local-candidate", ["srflx"]),
        "L1-protocol": ("local-candidate", ["udp"]),
        "R1-candidateType": ("remote-candidate", ["host"]),
    }
    stats = {key: {"statsType": kind, "values": json.dumps(v)} for key, (kind, v) in values.items()}
    connection = {
        "pid": 8,
        "updateLog": log,
        "stats": stats,
        "rtcConfiguration": "{}",
        "url": "https://example.org",
    }
    return {"getUserMedia": [], "PeerConnections": {"8-1": connection}, "UserAgent": "Chrome"}


def old_internals() -> dict[str, Any]:
    """As Chromium wrote before 2022: a time for people, descriptions in half-JSON, states in words of its own."""
    log = [
        {
            "time": "3/4/2016, 1:02:03 PM",
            "type": "setLocalDescription",
            "value": f"type: offer, sdp: {OFFER['sdp']}",
        },
        {"time": "3/4/2016, 1:02:03 PM", "type": "setLocalDescriptionOnSuccess", "value": ""},
        {
            "time": "3/4/2016, 1:02:04 PM",
            "type": "signalingStateChange",
            "value": "SignalingStateHaveLocalOffer",
        },
        {
            "time": "3/4/2016, 1:02:04 PM",
            "type": "onIceCandidate",
            "value": f"sdpMid: 0, sdpMLineIndex: 0, candidate: {candidate()}",
        },
        {
            "time": "3/4/2016, 1:02:05 PM",
            "type": "setRemoteDescription",
            "value": f"type: answer, sdp: {ANSWER['sdp']}",
        },
    ]
    return {"PeerConnections": {"8-1": {"updateLog": log}}}


def lines(*, deltas: bool) -> str:
    head = 'RTCStatsDump\n{"fileFormat":3}\n' if deltas else ""
    codes = {"createOffer": 2, "onicecandidate": 20}
    rows = []
    for number, (what, value) in enumerate(STEPS):
        time = 1.7e12 + 10 * number if number == 0 or not deltas else 10
        rows.append([codes.get(what, what) if deltas else what, "PC_0", value, time])
    return head + "\n".join(map(json.dumps, rows)) + "\n"


def old_rtcstats() -> dict[str, Any]:
    log = [
        {"timestamp": 1.7e12 + 10 * n, "type": what, "value": value} for n, (what, value) in enumerate(STEPS)
    ]
    return {"peerConnections": {"PC_0": log}}


FILES = {
    "internals": json.dumps(internals()).encode(),
    "internals.gz": gzip.compress(json.dumps(internals()).encode()),
    "rtcstats3": lines(deltas=True).encode(),
    "rtcstats": lines(deltas=False).encode(),
    "rtcstats object": json.dumps(old_rtcstats()).encode(),
}


def load(path: Path, data: bytes) -> Trace:
    path.write_bytes(data)
    return Trace.load(path)


@pytest.mark.parametrize("name", FILES)
def test_each_format_tells_the_same_call(name: str, tmp_path: Path) -> None:
    trace = load(tmp_path / "dump", FILES[name])

    assert [message.kind for message in trace.messages()] == [
        "offer",
        "ice_candidate",
        "answer",
        "ice_candidate",
    ]
    offer, ours, answer, theirs = trace.messages()
    assert (offer.sender, offer.receiver) == (answer.receiver, answer.sender) == (ours.sender, theirs.sender)
    assert [effect.type for effect in answer.effects] == ["setRemoteDescription"]
    assert [event.data["value"] for event in trace.filter("state")] == [
        "have-local-offer",
        "stable",
        "connected",
    ]
    (failed,) = trace.filter("failed")
    assert failed.data == {"operation": "createAnswer", "error": "InvalidStateError"}
    assert trace[-1].time - trace[0].time == pytest.approx(0.11, abs=0.001)
    assert "remote of" in str(trace.diagram())


def test_the_pair_that_won_is_found_in_the_stats(tmp_path: Path) -> None:
    trace = load(tmp_path / "dump", FILES["internals"])

    (pair,) = trace.filter("pair")
    assert (pair.data["local"], pair.data["remote"], pair.data["protocol"]) == ("srflx", "host", "udp")


def test_a_dump_of_ten_years_ago_is_read(tmp_path: Path) -> None:
    trace = load(tmp_path / "dump.txt", json.dumps(old_internals()).encode())

    assert [message.kind for message in trace.messages()] == ["offer", "ice_candidate", "answer"]
    assert [event.data["value"] for event in trace.filter("state")] == ["have-local-offer"]


def test_two_connections_of_one_dump_that_talked_are_joined(tmp_path: Path) -> None:
    rows = [
        ["setLocalDescription", "A", OFFER, 1.7e12],
        ["setLocalDescriptionOnSuccess", "A", None, 1.7e12 + 1],
        ["setRemoteDescription", "B", OFFER, 1.7e12 + 9],
        ["setLocalDescription", "B", ANSWER, 1.7e12 + 10],
        ["setLocalDescriptionOnSuccess", "B", None, 1.7e12 + 11],
        ["setRemoteDescription", "A", ANSWER, 1.7e12 + 19],
    ]
    trace = load(tmp_path / "dump", "\n".join(map(json.dumps, rows)).encode())

    assert trace.participants == ("A", "B")
    assert [(m.sender, m.receiver, round((m.seconds or 0) * 1000)) for m in trace.messages()] == [
        ("A", "B", 8),
        ("B", "A", 8),
    ]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_what_breaks_off_is_read_as_far_as_it_goes(name: str, part: float, tmp_path: Path) -> None:
    data = FILES[name]

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        trace = load(tmp_path / "dump", data[: int(len(data) * part)])
    assert "is incomplete" in "".join(str(each.message) for each in warned)
    assert 0 < len(trace) < 40


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither a trace"),
        (b"hello", "neither a trace"),
        (b"{}", "neither a trace"),
        (b'{"PeerConnections": {}}', "no peer connection"),
        (b'{"PeerConnections": 7}', "neither a trace"),
        (b"{nonsense}", "neither a trace|not JSON"),
        (b"[1, 2]\n", "no peer connection"),
        (b'RTCStatsDump\n{"fileFormat": 44}\n', "reads formats up to 3"),
        (b"\x1f\x8b garbage", "cannot be decompressed"),
        (b"\x00\x01\x02" * 50, "neither a trace"),
    ],
)
def test_what_is_none_of_these_says_why(data: bytes, words: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(InvalidArgumentError, match=words) as refused:
            load(tmp_path / "dump", data)
    assert refused.value.code == "bad_trace"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "sdp", "candidate", "x"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.tuples(st.sampled_from([*dict(STEPS), "getStats", "name", "say", "trace", "close"]), JSON)
    )
)
def test_garbage_inside_of_a_dump_harms_nothing(values: list[tuple[str, Any]], tmp_path: Path) -> None:
    rows = [["create", "A", {}, 1.7e12], *(["on" + what, "A", value, 1.0] for what, value in values)]
    rows += [[what, "A", value, 1.0] for what, value in values]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace = load(tmp_path / "dump", ("RTCStatsDump\n{}\n" + "\n".join(map(json.dumps, rows))).encode())

    assert "rtcd-page" in trace.diagram().html


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"PeerConnections":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"PeerConnections":' + b'{"a":' * 50_000,
        b"RTCStatsDump\n" + b"[" * 100_000,
    ],
)
def test_what_is_nested_without_end_is_refused(data: bytes, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(InvalidArgumentError) as refused:
            load(tmp_path / "dump", data)
    assert refused.value.code == "bad_trace"


@pytest.mark.parametrize(
    "time", ["1" * 400, "1" * 5000, "1e400", "NaN", "-Infinity", '"1e400"', '"0001-01-01"', "[]"]
)
def test_times_that_are_none_are_passed_over(time: str, tmp_path: Path) -> None:
    entry = f'{{"type":"createOffer","value":{"[" * 40}{"]" * 40},"timestamp":{time}}}'
    log = f'[{{"type":"create","value":"","timestamp":1.7e12}},{entry}]'
    with pytest.warns(UserWarning, match="1x a time that could not be read"):
        one = load(tmp_path / "one", f'{{"PeerConnections":{{"8-1":{{"updateLog":{log}}}}}}}'.encode())
    lines = f'["create","PC_0",null,1.7e12]\n["createOffer","PC_0",null,{time}]\n'
    with pytest.warns(UserWarning, match="1x a time that could not be read"):
        other = load(tmp_path / "other", lines.encode())

    for trace in (one, other):
        assert trace[-1].time == pytest.approx(1.7e9)
        assert "joined" in str(trace.diagram())


def test_a_value_that_is_hardly_a_candidate_costs_no_more_than_its_length(tmp_path: Path) -> None:
    # One pattern took minutes over this value.
    dump = old_internals()
    for row in dump["PeerConnections"]["8-1"]["updateLog"]:
        if row["type"] == "onIceCandidate":
            row["value"] = "sdpMid: x," * 50_000
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(dump), "utf-8")

    with pytest.warns(UserWarning, match="a candidate of an unknown form"):
        assert len(Trace.load(path)) > 0


def test_a_compressed_dump_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dump.gz"
    path.write_bytes(gzip.compress(b"[" * (60 << 20)))

    tracemalloc.start()
    with pytest.raises(InvalidArgumentError, match="unpacks to more than 200 times its size"):
        Trace.load(path)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert held < path.stat().st_size * 500


@pytest.mark.parametrize(
    "text", ['{"a": ' + '\\"' * 500_000, '{"a": "' + "\\" * 1_000_000, '{"a": ' + '"' * 1_000_001]
)
def test_a_dump_that_breaks_off_among_quotes_is_refused_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dump.json"
    path.write_text(text)

    with pytest.raises(InvalidArgumentError, match="is damaged"):
        Trace.load(path)
