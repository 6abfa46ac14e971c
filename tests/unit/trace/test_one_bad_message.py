"""Whatever a message or an event says: it costs itself its explanation, and nothing else of the trace."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import Trace, diff, explain
from rtc_widget.trace.diagram import details
from rtc_widget.trace.events import Event
from tests.support.traces import ADA, BOB, NAMES, call, candidate, crowd, glare, sdp, stepped

LINES = [
    *sdp("Kp3c").splitlines(),
    "a=" + candidate("srflx"),
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    "a=fmtp:98 profile-id=0",
    "a=fmtp:63 111/111",
    "a=extmap:1/sendonly urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=rtcp-fb:96 ccm fir",
    "a=ssrc-group:FID 1 2",
    "a=sctp-port:5000",
    "a=max-message-size:262144",
    "a=rid:hi send",
    "a=simulcast:send hi;lo",
    "b=AS:300",
]
JUNK = [
    "",
    " ",
    "zzzzzz",
    "-1",
    "0",
    "9" * 400,
    "\u017f",
    "²",
    "\u202e",
    "m=",
    "a=",
    "=",
    ":",
    "/",
    ";",
    "\x00",
    "🙂",
]


@st.composite
def bad_lines(draw: st.DrawFn) -> str:
    """A line of a description with parts left out, doubled or in the place of others."""
    parts = re.findall(r"\w+|\W", draw(st.sampled_from(LINES)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(parts)))
        if draw(st.booleans()):
            parts[place : place + draw(st.integers(0, 3))] = [draw(st.sampled_from(JUNK))]
        else:
            parts[place:place] = parts[place : place + draw(st.integers(0, 3))]
    return "".join(parts)


bad_descriptions = st.lists(bad_lines() | st.sampled_from(LINES), max_size=12).map("\r\n".join)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | bad_lines(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
# `make soak` asks for more.
EXAMPLES = max(40, int(os.environ.get("MESSAGES", "0")) // 100)
often = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])


@given(text=bad_descriptions | bad_lines())
@often
def test_a_line_is_explained_or_unknown_and_never_raises(text: str) -> None:
    try:
        explained = explain(text)
    except InvalidArgumentError:
        return  # no line at all
    assert all(each.meaning for each in explained)
    repr(explained)
    explained._repr_html_()


@given(offer=bad_descriptions, answer=bad_descriptions)
@often
def test_two_descriptions_are_compared_or_refused(offer: str, answer: str) -> None:
    with contextlib.suppress(InvalidArgumentError):
        diff(f"v=0\r\n{offer}", f"v=0\r\n{answer}")


@st.composite
def bad_traces(draw: st.DrawFn) -> Trace:
    """A trace in which some events say something else than anybody expects."""
    events = list(draw(st.sampled_from([call, glare, stepped, crowd]))().events)
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(events) - 1))
        events[index] = draw(bad_events(events[index]))
    return Trace(events, names=NAMES, room="demo")


@st.composite
def bad_events(draw: st.DrawFn, event: Event) -> Event:
    data: dict[str, Any] = dict(event.data)
    content = data.get("content")
    if isinstance(content, dict) and draw(st.booleans()):
        key = draw(st.sampled_from([*content, "sdp", "candidate", "type"]))
        data["content"] = {**content, key: draw(bad_descriptions | anything)}
    else:
        # What a trace's file cannot say, because loading it refuses that, is left alone.
        keys = sorted(data.keys() - {"from", "to", "event", "content"})
        data[draw(st.sampled_from([*keys, "reason", "value", "pairs"]))] = draw(anything)
    return replace(event, data=data)


@given(trace=bad_traces())
@often
def test_one_bad_event_leaves_the_rest_of_a_trace_as_it_was(trace: Trace) -> None:
    diagram = trace.diagram()
    assert "Ada" in diagram._repr_html_()
    assert diagram.svg
    assert diagram.html
    assert diagram.text
    for message in trace.messages():
        repr(message)
    assert trace.why(ADA, BOB)
    repr(trace)
    trace._repr_html_()
    trace.between(ADA, BOB)


@pytest.mark.parametrize("line", ["a=fmtp:96 profile-level-id=zzzzzz", "m=", "m=audio", "a=candidate:"])
def test_the_message_that_nobody_can_read_is_in_the_diagram_all_the_same(line: str) -> None:
    script = call()
    [offer] = [event for event in script.events if event.type == "arrived" and event.data["event"] == "offer"]
    offer.data["content"]["sdp"] += f"{line}\r\n"  # type: ignore[index]

    page = script.trace.diagram().html

    # The rest of that message is explained, and so are the others.
    assert "leaves the choice to the answer" in page
    assert "begins the DTLS handshake" in page
    assert page.count("rtcd-section") == call().trace.diagram().html.count("rtcd-section") + line.startswith(
        "m="
    )


def test_a_fault_of_ours_costs_one_message_its_explanation(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_text: str) -> None:
        raise IndexError("v=0 secret")

    monkeypatch.setattr(details, "explain", fails)

    page = call().trace.diagram().html

    assert "could not be explained" in page
    assert "answer" in page
    assert "IndexError" in caplog.text
    assert "secret" not in caplog.text
