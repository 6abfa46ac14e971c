"""A recording and a trace with bytes that are not theirs: they open as far as they can be read, or say why not."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtc_widget import Recording
from rtc_widget.errors import RtcWidgetError
from rtc_widget.trace import Trace

GOLDEN = Path(__file__).parents[3] / "golden"
RECORDING, TRACE = (GOLDEN / "lesson.rtcw.zip").read_bytes(), (GOLDEN / "stepped.jsonl").read_bytes()
# `make soak` asks for more, of new seeds.
EXAMPLES = max(30, int(os.environ.get("MESSAGES", "0")) // 100)
SOME = settings(
    derandomize="MESSAGES" not in os.environ,
    database=None,
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
)
# Where in a file as a part of its length, what is done there, and with what.
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from(["set", "insert", "delete", "cut", "double"]),
        st.one_of(
            st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 8, b"\x00" * 8, b"[" * 300, b'"'])
        ),
    ),
    min_size=1,
    max_size=6,
)


def changed(data: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    """Return a file's bytes with these changes."""
    for where, what, value in changes:
        at = int(where * len(data))
        match what:
            case "set":
                data = data[:at] + value + data[at + len(value) :]
            case "insert":
                data = data[:at] + value + data[at:]
            case "delete":
                data = data[:at] + data[at + len(value) :]
            case "cut":
                data = data[:at]
            case "double":
                data = data[:at] + data[at : at + 2_000] + data[at:]
    return data


def repacked(member: str, changes: list[tuple[float, str, bytes]]) -> bytes:
    """Return the recording with one member changed, and a directory that says so."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(RECORDING)) as source, zipfile.ZipFile(made, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            target.writestr(info.filename, changed(data, changes) if info.filename == member else data)
    return made.getvalue()


def read_all(path: Path) -> None:
    """Do with a recording what users do."""
    with warnings.catch_warnings():
        # What is damaged is said.
        warnings.simplefilter("ignore", UserWarning)
        with contextlib.suppress(RtcWidgetError), Recording.open(path) as recording:
            repr(recording)
            list(recording.trace)
            list(recording.messages)
            for participant in recording.participants:
                with contextlib.suppress(RtcWidgetError):
                    recording.frame(participant, recording.seconds / 2)
            with contextlib.suppress(RtcWidgetError):
                recording.to_html(path.with_suffix(".html"))


with zipfile.ZipFile(io.BytesIO(RECORDING)) as _opened:
    MEMBERS = _opened.namelist()


@SOME
@given(st.sampled_from([None, *MEMBERS]), CHANGES)
def test_a_changed_recording_opens_as_far_as_it_can_be_read_or_says_why_not(
    tmp_path_factory, member: str | None, changes: list[tuple[float, str, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("changed") / "lesson.rtcw.zip"
    path.write_bytes(changed(RECORDING, changes) if member is None else repacked(member, changes))

    read_all(path)


@SOME
@given(CHANGES)
def test_a_changed_trace_is_loaded_as_far_as_it_can_be_read_or_says_why_not(
    tmp_path_factory, changes: list[tuple[float, str, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("changed") / "trace.jsonl"
    path.write_bytes(changed(TRACE, changes))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with contextlib.suppress(RtcWidgetError):
            trace = Trace.load(path)
            repr(trace)
            trace.diagram()._repr_mimebundle_()
