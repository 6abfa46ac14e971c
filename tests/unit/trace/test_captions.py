"""Captions: a sentence for each message and for what became of it, as a WebVTT file that any player reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from rtc_widget.trace import Trace
from rtc_widget.trace.captions import Caption, captions_of, webvtt
from tests.support.traces import ADA, BOB, NAMES, Script, call, candidate, glare, sdp, stepped

if TYPE_CHECKING:
    from collections.abc import Callable

BEGAN = 1.7e9
SECRETS = (
    "192.0.2.44",
    "10.1.2.3",
    "40404",
    "51234",
    "SecretSecret",
    "AA:BB:CC:DD",
    "Kp3c",
    "candidate:",
    "a=",
)


def told(trace: Trace, seconds: float = 60.0) -> list[str]:
    return [caption.text for caption in captions_of(trace, BEGAN, seconds)]


def test_a_call_is_told_message_by_message() -> None:
    assert told(call().trace) == [
        # Whom the recording finds there.
        "Ada is here.",
        "Bob joins.",
        "Ada sends Bob an offer.",
        "Ada sends Bob 4 candidates (3 host, 1 srflx).",
        "Bob sends Ada an answer.",
        "Bob sends Ada 4 candidates (3 host, 1 srflx).",
        "Bob and Ada are connected.",
    ]


def test_of_glare_is_told_who_ignores_and_who_gives_way() -> None:
    assert told(glare().trace)[2:-2] == [
        "Ada sends Bob an offer.",
        "Bob sends Ada an offer.",
        "Glare: Ada and Bob both sent an offer.",
        "Ada ignores Bob's offer: Ada is impolite.",
        "Bob rolls back an offer: Bob is polite.",
    ]


def test_what_befalls_a_message_at_the_signaling_server_is_told_and_what_holds_it_up() -> None:
    lines = told(stepped().trace)

    assert "Ada sends Bob a candidate (host), dropped at the signaling server." in lines
    held = lines.index("Ada sends Bob an offer, held at the signaling server.")
    assert lines[held + 1 : held + 3] == ["Ada's offer goes on to Bob.", "Bob cannot use Ada's offer."]
    assert "Paused: messages wait at the signaling server." in lines


def test_who_is_there_as_it_begins_is_one_sentence_and_what_holds_then_is_no_news() -> None:
    script = Script()
    for order, who in enumerate((ADA, BOB), 1):
        script.say(who, "join", name=NAMES[who], kind="widget", order=order, here=True)
    began = script.trace[1].time
    for who, peer in ((ADA, BOB), (BOB, ADA)):
        script.state(who, peer, "connection_state", "connected")
    script.wait(10_000)
    script.state(BOB, ADA, "connection_state", "closed")

    assert [each.text for each in captions_of(script.trace, began, 60.0)] == [
        "Ada and Bob are here.",
        "Bob's connection to Ada is closed.",
    ]


def test_a_connection_is_lost_with_the_w3cs_word_for_it_and_only_with_one_of_them() -> None:
    script = call()
    for value in ("disconnected", sdp("Kp3c"), "failed"):
        script.state(ADA, BOB, "connection_state", value)

    assert told(script.trace)[-2:] == [
        "Ada's connection to Bob is disconnected.",
        "Ada's connection to Bob is failed.",
    ]


def test_each_is_shown_from_its_message_on_long_enough_to_be_read_and_not_past_the_end() -> None:
    trace = call().trace
    offer = next(message for message in trace.messages() if message.kind == "offer")
    captions = captions_of(trace, BEGAN, 4.0)

    begins = [each.begins for each in captions]
    assert begins == sorted(begins)
    shown = next(each for each in captions if each.text == "Ada sends Bob an offer.")
    assert 0 <= offer.departed - BEGAN - shown.begins < 0.001
    assert shown.ends - shown.begins == pytest.approx(2.0)
    assert captions[-1].ends == 4.0
    assert [(each.text, each.ends) for each in captions_of(trace, BEGAN, 0.5)] == [("Ada is here.", 0.5)]


def evil() -> Trace:
    """Return a trace in which whatever may be is a secret, markup or several lines."""
    script = Script()
    script.join(ADA)
    script.join(BOB)
    bad = f"{sdp('Kp3c')} {candidate()} a=ice-pwd:SecretSecret"
    key = script.pass_on(ADA, BOB, "offer", {"type": "offer", "sdp": bad})
    script.say(BOB, "ignored", ADA, key, description=bad, message=bad)
    key = script.pass_on(ADA, BOB, "ice_candidate", {"candidate": candidate("srflx")})
    script.say(BOB, "refused", ADA, key, error=bad, message=bad)
    key = script.pass_on(ADA, BOB, bad, {"candidate": bad})
    script.say(BOB, "failed", ADA, key, operation=bad, error=bad)
    script.say(ADA, "error", code="connection_failed", message=bad)
    script.state(ADA, BOB, "connection_state", bad)
    return Trace(script.events, names={ADA: "A <b>&\n\n--> 192.0.2.44", BOB: "Bob"}, room=bad)


@pytest.mark.parametrize("trace", [lambda: call().trace, lambda: stepped().trace, evil])
def test_nothing_that_was_negotiated_is_in_them(trace: Callable[[], Trace]) -> None:
    text = webvtt(captions_of(trace(), BEGAN, 60.0))

    assert [secret for secret in SECRETS if secret in text] == []


def test_the_file_is_webvtt_whatever_somebody_is_called() -> None:
    text = webvtt(captions_of(evil(), BEGAN, 60.0))

    head, *cues = text.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    for cue in cues:
        assert re.fullmatch(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n[^\n<>]+", cue), cue
    assert cues[0].endswith("\nA &lt;b&gt;&amp; --&gt; [address-1] is here.")


def test_times_have_hours_and_nobody_who_was_never_there_is_told_of() -> None:
    assert webvtt([Caption(3723.5, 3725.0, "Late.")]) == "WEBVTT\n\n01:02:03.500 --> 01:02:05.000\nLate.\n"
    assert webvtt(captions_of(Trace([], names={}), BEGAN, 1.0)) == "WEBVTT\n"
