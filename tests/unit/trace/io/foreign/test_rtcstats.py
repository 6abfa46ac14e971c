"""What rtcstats writes today and wrote before: its times, its short forms, its formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import Trace
from tests.support.traces import candidate, sdp

if TYPE_CHECKING:
    from pathlib import Path

AT = 1_700_000_000_000
OFFER = {"type": "offer", "sdp": sdp("Kp3c")}
ANSWER = {"type": "answer", "sdp": sdp("Qz9b", setup="active", session=77)}


def load(path: Path, *lines: Any) -> Trace:
    """Load a dump; texts are lines as they are, everything else is JSON."""
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return Trace.load(path)


def today(path: Path, *rows: list[Any]) -> Trace:
    """Load rows as today's server writes them: the first time is absolute, all others are differences."""
    return load(path, "RTCStatsDump", {"fileFormat": 3}, ["create", "PC_0", {}, AT], *rows)


# -- times


def test_a_number_after_the_time_is_no_time(tmp_path: Path) -> None:
    rows = [[what, "PC_0", None, AT + 12_000 * n, n + 1] for n, what in enumerate(["create", "createOffer"])]

    trace = load(tmp_path / "dump", *rows)

    assert [event.time - AT / 1000 for event in trace] == pytest.approx([0.0, 12.0])


def test_ids_before_the_time_are_no_times(tmp_path: Path) -> None:
    trace = today(
        tmp_path / "dump", [2, "PC_0", None, "2-0", 100], [27, "PC_0", None, 0.5], ["close", "PC_0", None, 1]
    )

    assert [event.time - AT / 1000 for event in trace] == pytest.approx([0.0, 0.1, 0.1005, 0.1015], abs=1e-6)


def test_who_connects_to_the_server_again_has_an_absolute_time_again(tmp_path: Path) -> None:
    trace = today(tmp_path / "dump", ["createOffer", "PC_0", None, 10], [36, "PC_0", None, AT + 5_000])

    assert trace[-1].time - trace[0].time == pytest.approx(5.0)


def test_an_entry_whose_time_is_lost_is_left_out_and_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match=r"1x a time that could not be read, 1x an entry without a time\."):
        trace = load(
            tmp_path / "dump",
            ["create", "PC_0", {}, AT],
            ["createOffer", "PC_0", None, 7],
            ["createAnswer", "PC_0", None],
        )
    with pytest.warns(
        UserWarning, match="1x a time that could not be read, so that later ones are too early"
    ):
        differences = today(tmp_path / "dump", ["createOffer", "PC_0", None, "soon"])

    assert len(trace) == len(differences) == 1


# -- short forms


def test_a_section_that_is_as_before_is_not_repeated_and_is_there(tmp_path: Path) -> None:
    again = {"type": "offer", "sdp": "v=\r\nm=\r\n"}
    changed = sdp("Kp3c", version=3)
    head = changed.partition("m=")[0]

    trace = today(
        tmp_path / "dump",
        [3, "PC_0", OFFER, "2-0", 1],
        [6, "PC_0", again, "6-0", 1],
        [7, "PC_0", None, "6-0", 1],
        [6, "PC_0", {"type": "offer", "sdp": f"{head}m=\r\n"}, "6-1", 1],
        [7, "PC_0", None, "6-1", 1],
        [8, "PC_0", ANSWER, "8-0", 1],
        [9, "PC_0", None, "8-0", 1],
    )

    assert [message.sdp for message in trace.messages()] == [OFFER["sdp"], changed, ANSWER["sdp"]]


def test_a_description_that_the_browser_made_by_itself_repeats_the_one_before(tmp_path: Path) -> None:
    second = {
        "type": "answer",
        "sdp": ANSWER["sdp"].replace(" 77 2 ", " 77 3 ").partition("m=")[0] + "m=\r\n",
    }
    steps = [
        [[8, "PC_0", OFFER, "8-0", 1], [9, "PC_0", None, "8-0", 1], [6, "PC_0", None, "6-0", 1]],
        [[7, "PC_0", ANSWER, "6-0", 1], [8, "PC_0", OFFER, "8-1", 1], [9, "PC_0", None, "8-1", 1]],
        [[6, "PC_0", None, "6-1", 1], [7, "PC_0", second, "6-1", 1]],
    ]

    trace = today(tmp_path / "dump", *(row for rows in steps for row in rows))

    assert [message.kind for message in trace.messages()] == ["offer", "answer", "offer", "answer"]
    assert trace.messages()[-1].sdp == ANSWER["sdp"].replace(" 77 2 ", " 77 3 ")


def test_a_description_that_repeats_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="1x a session description that repeats one that is not known"):
        today(
            tmp_path / "dump",
            [8, "PC_0", {"type": "offer", "sdp": sdp("a").partition("m=")[0] + "m=\r\n"}, 1],
        )


def test_the_pair_is_known_by_numbers_and_differences(tmp_path: Path) -> None:
    first = {
        "0": {"type": 6, "148": "1", "149": "2", "118": "in-progress", "150": False},
        "1": {"type": 7, "136": "srflx", "116": "udp", "137": 1677729535},
        "2": {"type": 8, "136": "host"},
        "3": {"type": 5},
        "t": AT,
    }

    trace = today(
        tmp_path / "dump",
        ["g", "PC_0", first, 1],
        ["g", "PC_0", {"0": {"118": "succeeded", "150": True, "152": 0.02}, "3": {"125": "0"}}, 1_000],
        ["g", "PC_0", {"0": {"152": 0.03}}, 1_000],
        ["g", "PC_0", {"2": None}, 1_000],
    )

    first_pair, second = trace.filter("pair")
    assert first_pair.time - trace[0].time == pytest.approx(1.001)
    assert [first_pair.data[key] for key in ("local", "remote", "protocol")] == ["srflx", "host", "udp"]
    assert first_pair.data["pairs"][0]["rtt"] == 20
    assert second.data["remote"] == "unknown"


def test_methods_that_are_unknown_are_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="2x an entry of the unknown type '99', 1x .* 'somethingNew'"):
        trace = today(
            tmp_path / "dump", [99, "PC_0", None, 1], [99, None, None, 1], ["somethingNew", "PC_0", None, 1]
        )

    assert len(trace) == 1


def test_what_is_about_no_connection_and_what_a_trace_has_no_event_for_is_left_out(tmp_path: Path) -> None:
    trace = today(
        tmp_path / "dump",
        [60, None, {"video": True}, "60-0", 1],
        ["ourOwnEvent", None, {"x": 1}, 1],
        [32, "PC_0", ["audio"], 1],
        ["MediaStreamTrack.onmute", "PC_0", "id", 1],
    )

    assert [event.type for event in trace] == ["join"]


# -- formats


def test_an_object_in_the_first_line_and_rows_is_a_dump_too(tmp_path: Path) -> None:
    head = {"path": "/", "origin": "https://call.example", "fileFormat": 2}

    trace = load(tmp_path / "dump", head, ["create", "PC_0", {}, AT], ["createOffer", "PC_0", None, AT + 9])

    assert [event.type for event in trace] == ["join", "createOffer"]


def test_what_clients_sent_to_a_server_is_told_apart_by_session(tmp_path: Path) -> None:
    entries = [
        {"statsSessionId": who, "type": "stats-entry", "data": json.dumps([what, "PC_0", None, AT + n, n])}
        for n, (who, what) in enumerate([("ada", "create"), ("bob", "create"), ("ada", "createOffer")])
    ]

    trace = load(tmp_path / "dump", *entries)

    assert [event.participant for event in trace] == ["ada PC_0", "bob PC_0", "ada PC_0"]


def test_an_array_of_rows_is_a_dump_too(tmp_path: Path) -> None:
    rows = [["create", "PC_0", {}, AT], ["createOffer", "PC_0", None, AT + 9]]

    assert [event.type for event in load(tmp_path / "dump", rows)] == ["join", "createOffer"]


def test_one_damaged_line_costs_itself_only(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="2x a line that is incomplete or damaged, 1x a line of an unknown"):
        trace = load(
            tmp_path / "dump",
            ["create", "PC_0", {}, AT],
            '["createOffer", "PC_0',
            "{}",
            "hello",
            ["close", "PC_0", None, AT + 9],
        )

    assert [event.type for event in trace] == ["join", "leave"]


def test_other_ends_of_lines_may_be_inside_of_a_line(tmp_path: Path) -> None:
    rows = [["create", "PC_0", {"name": "a\u2028b\x85c"}, AT], ["close", "PC_0", None, AT + 9]]

    trace = load(tmp_path / "dump", *(json.dumps(row, ensure_ascii=False) for row in rows))

    assert len(trace) == 2


def test_what_has_no_entry_of_a_connection_says_what_is_in_it(tmp_path: Path) -> None:
    line = {"statsSessionId": "bridge", "type": "stats-entry", "data": json.dumps({"endpoints": {}})}

    with pytest.raises(
        InvalidArgumentError, match=r"no peer connection\. Not understood: 2x a line of an unk"
    ):
        load(tmp_path / "dump", line, line)


def test_a_connection_that_was_not_written_is_found_where_it_is_certain(tmp_path: Path) -> None:
    lost = ["setLocalDescription", "undefined-undefined", OFFER, 1]
    done = ["setLocalDescriptionOnSuccess", "PC_0", None, 1]

    assert [message.kind for message in today(tmp_path / "dump", lost, done).messages()] == ["offer"]
    with pytest.warns(UserWarning, match="1x 'setLocalDescription' of an unknown connection"):
        today(tmp_path / "dump", ["create", "PC_1", {}, 1], lost, done)


def test_few_bytes_do_not_become_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtc_widget.trace.io.foreign.short_forms._MOST_CHARACTERS", 3 * len(OFFER["sdp"]))
    same = [[6, "PC_0", {"type": "offer", "sdp": "v=\r\nm=\r\n"}, 1], [7, "PC_0", None, 1]]

    with pytest.warns(UserWarning, match="5x a session description that repeats"):
        today(tmp_path / "dump", [3, "PC_0", OFFER, 1], *(same * 8))


def test_old_names_of_candidates_are_those_of_today(tmp_path: Path) -> None:
    text = (
        f"sdpMid: 0, sdpMLineIndex: 0, candidate: {candidate()}, url: stun:stun.example, relayProtocol: udp"
    )

    trace = today(tmp_path / "dump", ["icecandidate", "PC_0", text, 1])

    assert [event.data["kind"] for event in trace.filter("gathered")] == ["host"]
