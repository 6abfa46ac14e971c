"""For which pages a kernel vouches."""

from __future__ import annotations

import pytest

from rtc_widget.relay.address import Relay
from rtc_widget.relay.tokens import read_token
from rtc_widget.signaling.page_origins import PageOrigins

SECRET = "a secret of the tests"
RELAY = Relay("http://127.0.0.1:9", secret=SECRET)


def test_each_origin_has_a_token_of_its_own() -> None:
    origins = PageOrigins()
    for origin in ("http://127.0.0.1:2718", "https://hub.example.org", "http://127.0.0.1:2718"):
        origins.add(origin)

    tokens = origins.tokens(RELAY)

    assert sorted(tokens) == ["http://127.0.0.1:2718", "https://hub.example.org"]
    for origin, token in tokens.items():
        assert read_token(SECRET, token, "origin")["origin"] == origin


@pytest.mark.parametrize("nonsense", [None, 7, ["x"], "null", "https://" + "x" * 300])
def test_nonsense_and_the_origin_of_all_sandboxed_frames_are_not_vouched_for(nonsense: object) -> None:
    origins = PageOrigins()
    origins.add(nonsense)

    assert origins.tokens(RELAY) == {}


def test_the_newest_origins_are_kept() -> None:
    origins = PageOrigins()
    for number in range(100):
        origins.add(f"https://{number}.example.org")

    assert list(origins.tokens(RELAY)) == [f"https://{number}.example.org" for number in range(84, 100)]
