"""What a recording keeps and a trace shows of a text costs in proportion to its length: the patterns and what is between them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from rtc_widget.recording.capture.event_filter import EventFilter
from rtc_widget.trace.redaction import PRIVATE_FIELDS, Redactor

LENGTHS = [256, 1_024, 4_096]
# Of the processor's time: what takes less is not compared.
SECONDS = 0.0025
# Four times the text takes four times the time, and sixteen times where it is the square.
FACTOR = 8.0
REPEATED = [
    *(
        "a",
        "a.",
        "-",
        "1.",
        "1.2.3.4",
        "f:",
        "::",
        ":",
        ".",
        " ",
        "\\",
        '\\"',
        '"',
        "\n",
        "\r\n",
        "\\r\\n",
        "\\n",
    ),
    *(
        "é",
        "[",
        "[address-1]:1",
        "[name-1].local:2 ",
        "eyJ",
        "a=",
        "RFC 1, 1.2.3.4",
        "x.local",
        "x.local ",
        "port=1 ",
    ),
    *(
        "v=0\\r\\n",
        "v=0\r\n",
        "a=ice-ufrag:",
        "a=ice-ufrag:x\\r\\n",
        "a=fingerprint:sha-256 ",
        "token=",
        "sha-1 ",
    ),
    *(
        "candidate:",
        "candidate:1 1 udp 1 ",
        "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\n",
        " raddr 1.2.3.4 rport 5",
    ),
    *(
        "a=msid:",
        "a=msid: x y ",
        "o=- 1 2 IN IP4 ",
        "m=audio 9 ",
        "a=ssrc:1 cname:",
        "c=IN IP4 ",
        "a=rtcp:9 IN IP4 ",
    ),
    *(f'"{sorted(PRIVATE_FIELDS)[0]}":"x",', '\\"ip\\":\\"1.2.3.4\\",', '"port" : ', "%s", "\u2028"),
]
# What follows, so that nothing that goes on to the end of a text or a word is found there.
END = "!.local"
USED: dict[str, Callable[[str], Any]] = {
    "lines of a trace": lambda text: Redactor()(text),
    "a sentence of a trace": lambda text: Redactor().words(text),
    "a message in a recording": lambda text: EventFilter(True).text_values(text),
    "a description in a recording": lambda text: EventFilter(True).report({"sdp": text}),
}


def seconds(used: Callable[[str], Any], text: str, enough: float) -> float:
    """Return how much of the processor's time something takes, at the best of three times or the first that is enough."""
    best = float("inf")
    for _ in range(3):
        began = time.thread_time()
        used(text)
        best = min(best, time.thread_time() - began)
        if best < enough:
            break
    return best


def slow_for(used: Callable[[str], Any], *texts: str) -> str | None:
    """Return of what a text consists for which the time grows faster than the text."""
    for repeated in texts:
        # Made longer step by step, so that what takes the square ends early.
        before = SECONDS
        for length in LENGTHS:
            most = FACTOR * max(before, SECONDS)
            # With the longest nothing is compared.
            enough = most if length == LENGTHS[-1] else SECONDS
            spent = seconds(used, (repeated * length)[:length] + END, enough)
            if spent > most:
                return f"{repeated!r} to a length of {length}: {before:.2f} s before, {spent:.2f} s"
            before = spent
    return None


@pytest.mark.parametrize("what", USED)
def test_what_is_kept_of_a_text_takes_time_in_proportion_to_it(what: str) -> None:
    assert slow_for(USED[what], *REPEATED) is None


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"[\w-]+\.local\b", "a"), (r"\s+$", " "), (r"\"(?:[^\"\\]|\\.)*\"", '\\"')]
)
def test_what_takes_the_square_is_found(pattern: str, text: str) -> None:
    assert text in REPEATED
    assert slow_for(re.compile(pattern).findall, text) is not None
