"""Files that a trace is read from: packed, in another encoding, and what is none."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from pathlib import Path

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import Trace
from tests.support.traces import stepped

DUMP = json.dumps(
    {"PeerConnections": {"8-1": {"updateLog": [{"type": "create", "value": "é", "timestamp": 1.7e12}]}}},
    ensure_ascii=False,
)


def refusal(path: Path) -> str:
    with pytest.raises(InvalidArgumentError) as refused:
        Trace.load(path)
    assert refused.value.code == "bad_trace"
    return refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_trace_and_a_dump_load_in_whichever_encoding_packed_or_not(
    tmp_path: Path, encoding: str, packed: bool
) -> None:
    ours, theirs = tmp_path / "call.jsonl", tmp_path / "dump.json"
    texts = {stepped().trace.save(ours): ours.read_text(), theirs: DUMP}
    for path, text in texts.items():
        mark = "\ufeff" if encoding == "utf-16-be" else ""
        data = (mark + text).encode(encoding)
        path.write_bytes(gzip.compress(data) if packed else data)

    assert Trace.load(ours) == stepped().trace
    assert [event.type for event in Trace.load(theirs)] == ["join"]


def test_a_packed_trace_loads(tmp_path: Path) -> None:
    path = stepped().trace.save(tmp_path / "call.jsonl")
    path.write_bytes(gzip.compress(path.read_bytes()))

    assert Trace.load(path) == stepped().trace


def test_a_packed_trace_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = stepped().trace.save(tmp_path / "call.jsonl")
    path.write_bytes(gzip.compress(path.read_bytes())[:-200])

    with pytest.warns(UserWarning, match="everything before was read|events before it were read"):
        assert 0 < len(Trace.load(path)) < len(stepped().trace)


@pytest.mark.parametrize("data", [b"", b"\0" * 5_000, b"\x89PNG", b"PK\x03\x04", b"notes", b" " * 5_000])
def test_what_does_not_begin_as_a_trace_or_dump_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)

    assert "neither a trace of rtc_widget nor a dump" in refusal(tmp_path / "file")


def test_what_is_no_trace_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    with path.open("wb") as file:
        file.truncate(64 << 20)

    tracemalloc.start()
    message = refusal(path)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "neither a trace" in message
    assert held < 1 << 20


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "is not a file, but a pipe or a device" in refusal(tmp_path / "pipe")


def test_a_device_is_not_read() -> None:
    assert "is not a file, but a pipe or a device" in refusal(Path("/dev/null"))
