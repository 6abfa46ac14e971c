"""A recording and traces that were saved by an earlier version are still what they were, and are drawn as they were."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import Recording, Trace
from tests.support.golden import FOLDER, agrees
from tests.support.golden.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAVED = FOLDER / "lesson.rtcw.zip"
TRACES = {name: FOLDER / f"{name}.jsonl" for name in ("glare", "stepped")}
# Ada's before Bob is there, both, and Bob's after his camera was off.
MOMENTS = (("Ada", 0.4), ("Ada", 2.0), ("Bob", 2.0), ("Bob", 4.3))


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    with Recording.open(SAVED) as opened:
        yield opened


def plain(value: Any) -> Any:
    """Return what can be written down of a value."""
    if dataclasses.is_dataclass(value):
        # By name, so that a field of another name is another field.
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    return value if isinstance(value, str | int | float | None) else repr(value)


def without_content(trace: Trace) -> list[Any]:
    """Return a trace's events without what the messages say."""
    return [
        plain(event) | {"data": {key: value for key, value in plain(event.data).items() if key != "content"}}
        for event in trace
    ]


def test_a_saved_recording_says_what_it_did(recording: Recording) -> None:
    names = (
        "room",
        "began",
        "seconds",
        "size",
        "private",
        "ended",
        "problems",
        "chapters",
        "media",
        "messages",
    )
    said = {name: plain(getattr(recording, name)) for name in names}
    said["participants"] = plain(recording.participants)
    said["person"] = recording.person("Ada").id
    said["shown as"] = repr(recording)
    agrees("recording", said, "what it says")
    agrees("recording", plain(recording.traits), "traits")


def test_its_trace_says_what_it_did(recording: Recording) -> None:
    trace = recording.trace
    agrees("recording", without_content(trace), "trace")
    agrees("recording", without_content(recording.stats), "stats")
    messages = [
        {"kind": each.kind, "fate": each.fate, "effects": [str(effect) for effect in each.effects]}
        | {"seconds": each.seconds, "waits": each.waits, "lines": len((each.sdp or "").splitlines())}
        for each in trace.between("Ada", "Bob").messages()
    ]
    agrees("recording", messages, "messages")
    agrees("recording", trace.why("Ada", "Bob"), "why")
    agrees("recording", sorted(trace.to_frame().columns), "columns")
    [offer, answer] = [each.sdp for each in trace.messages() if each.sdp][:2]
    agrees("recording", str(Trace.explain(offer)).splitlines()[:12], "explained")
    agrees("recording", str(Trace.diff(offer, answer)).splitlines(), "differences")


def test_its_pictures_are_what_they_were(recording: Recording) -> None:
    seen = {}
    for name, at in MOMENTS:
        frame = recording.frame(name, at)
        colour = [round(float(part)) for part in frame.mean(axis=(0, 1))]
        seen[f"{name} at {at:g} s"] = {
            "shape": frame.shape,
            "number": frame.number,
            "sender": frame.sender,
            "time": round(frame.time - recording.began, 3),
            "colour": colour,
        }
    agrees("recording", seen, "pictures")


def test_the_page_that_replays_it_is_what_it_was(recording: Recording, tmp_path: Path) -> None:
    page = Markup(recording.to_html(tmp_path / "page.html").read_text("utf-8"))
    data = page.data("rtcr-data")
    for clip in data["clips"]:
        clip["poster"] = (clip["poster"] or "").partition(",")[0]  # of which encoders make what they like
    agrees("recording", data, "replay")
    agrees("markup", page.elements, "replay")
    assert len([name for name, _ in page.scripts if name == "rtcr-clip"]) == len(data["clips"]) == 2


@pytest.mark.parametrize("name", [*TRACES, "lesson"])
@pytest.mark.parametrize("scale", ["even", "time"])
def test_the_diagram_of_a_saved_trace_is_what_it_was(name: str, scale: Any, recording: Recording) -> None:
    trace = Trace.load(TRACES[name]) if name in TRACES else recording.trace
    diagram = trace.diagram(scale=scale)
    markup = Markup(diagram.html)
    said = {"text": diagram.text.splitlines(), "size": diagram.svg_size, "read aloud": markup.labels}
    agrees("diagram", said, f"{name}, {scale}")
    agrees("markup", markup.elements, f"diagram of {name}, {scale}")
    assert set(diagram._repr_mimebundle_()) == {"text/plain", "text/html", "image/svg+xml"}
