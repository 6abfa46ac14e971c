"""The candidate pair in use, as reports of today and of old tell it, and where they do not."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.trace import Trace, why

if TYPE_CHECKING:
    from pathlib import Path

AT = 1_700_000_000_000
WHOLE: dict[str, Any] = {
    "P": {
        "type": "candidate-pair",
        "localCandidateId": "L",
        "remoteCandidateId": "R",
        "state": "in-progress",
    },
    "L": {"type": "local-candidate", "candidateType": "srflx", "protocol": "udp", "timestamp": 0},
    "R": {"type": "remote-candidate", "candidateType": "host"},
    "timestamp": AT,
}
OLD: dict[str, Any] = {
    "Conn-audio-1-0": {
        "type": "googCandidatePair",
        "googActiveConnection": "true",
        "googTransportType": "udp",
        "googRtt": "56",
        "localCandidateId": "Cand-a",
        "remoteCandidateId": "Cand-b",
    },
    "Cand-a": {"type": "localcandidate", "candidateType": "peerreflexive", "priority": "2122260223"},
    "Cand-b": {"type": "remotecandidate", "candidateType": "serverreflexive"},
}


def load(path: Path, *reports: dict[str, Any], what: str = "getstats", state: str = "connected") -> Trace:
    rows = [["create", "A", {}], ["onconnectionstatechange", "A", state], *([what, "A", r] for r in reports)]
    path.write_text("\n".join(json.dumps([*row, AT + 1000 * n]) for n, row in enumerate(rows)))
    return Trace.load(path)


def test_differences_are_put_together(tmp_path: Path) -> None:
    change = {"P": {"timestamp": 0, "state": "succeeded", "nominated": True}, "L": {"timestamp": 0}}

    trace = load(tmp_path / "dump", WHOLE, change)

    [pair] = trace.filter("pair")
    assert [pair.data[key] for key in ("local", "remote", "protocol")] == ["srflx", "host", "udp"]
    assert "STUN server" in why(trace)


def test_reports_of_old_are_understood(tmp_path: Path) -> None:
    [pair] = load(tmp_path / "dump", OLD).filter("pair")

    assert [pair.data[key] for key in ("local", "remote", "protocol")] == ["prflx", "srflx", "udp"]
    [only] = pair.data["pairs"]
    assert (only["rtt"], only["local_priority"]) == (56, 2122260223)
    assert only["state"] is only["nominated"] is only["remote_priority"] is None


def test_reports_of_old_in_webrtc_internals_are_understood(tmp_path: Path) -> None:
    series = {
        f"{name}-{key}": {"statsType": entry["type"], "values": json.dumps([value]), "endTime": AT + 60_000}
        for name, entry in OLD.items()
        for key, value in entry.items()
    }
    log = [{"type": "create", "value": "", "timestamp": AT}]
    path = tmp_path / "dump"
    path.write_text(json.dumps({"PeerConnections": {"8-1": {"updateLog": log, "stats": series}}}))

    [pair] = Trace.load(path).filter("pair")

    assert (pair.data["local"], pair.data["remote"]) == ("prflx", "srflx")
    assert pair.time == AT / 1000 + 60


def test_a_report_that_is_whole_says_what_there_is_no_more(tmp_path: Path) -> None:
    won = {**WHOLE, "P": {**WHOLE["P"], "state": "succeeded", "nominated": True}}
    other = {**won, "Q": {**won["P"], "localCandidateId": "R"}}
    del other["P"]

    trace = load(tmp_path / "dump", won, other, what="getStats")

    assert [event.data["local"] for event in trace.filter("pair")] == ["srflx", "host"]


def test_of_several_that_differ_none_is_said_to_be_in_use(tmp_path: Path) -> None:
    won = {**WHOLE["P"], "state": "succeeded", "nominated": True}

    trace = load(tmp_path / "dump", {**WHOLE, "P": won, "Q": {**won, "localCandidateId": "R"}})

    assert len(trace.filter("pair")) == 0


def test_candidates_that_are_missing_are_unknown_and_no_reason(tmp_path: Path) -> None:
    won = {"P": {**WHOLE["P"], "state": "succeeded", "nominated": True}, "R": WHOLE["R"]}

    said = why(load(tmp_path / "dump", won))

    assert said.startswith(
        "unknown ↔ host won: why is not known, because the type of one of its candidates is"
    )
    assert "machines' own" not in said


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("connected", "Which candidate pair is in use is not in this trace, though a connection was made."),
        ("failed", "No candidate pair has been selected: nobody is connected in this trace."),
    ],
)
def test_whether_anybody_is_connected_is_said_by_the_states(state: str, words: str, tmp_path: Path) -> None:
    assert why(load(tmp_path / "dump", state=state)) == words


def test_where_no_state_is_known_nobody_is_said_to_be_unconnected(tmp_path: Path) -> None:
    path = tmp_path / "dump"
    path.write_text(json.dumps(["create", "A", {}, AT]))

    assert why(Trace.load(path)) == (
        "No candidate pair is in this trace, and no state of a connection: whether anybody is connected is not known."
    )


def test_a_report_of_another_form_is_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"1x a getStats\(\) report of an unknown form"):
        load(tmp_path / "dump", [1])  # type: ignore[arg-type]


def test_more_candidates_than_there_can_be_are_told(tmp_path: Path) -> None:
    many = {f"C{n}": WHOLE["L"] for n in range(503)}

    with pytest.warns(UserWarning, match="3x an entry of a getStats"):
        load(tmp_path / "dump", many)


def test_many_reports_of_many_pairs_cost_what_they_say(tmp_path: Path) -> None:
    won = {**WHOLE["P"], "state": "succeeded", "nominated": True}
    many = {**WHOLE, **{f"P{n}": won for n in range(400)}}
    began = time.thread_time()

    load(tmp_path / "dump", many, *[{"P1": {"currentRoundTripTime": n}} for n in range(2_000)])
    with pytest.warns(UserWarning, match="x a getStats.. report beyond what is looked at"):
        load(tmp_path / "dump", many, *[{"P1": {"nominated": True}} for n in range(4_000)])

    # Looking at all of them each time took half a minute.
    assert time.thread_time() - began < 10
