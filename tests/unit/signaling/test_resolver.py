"""Which relay a room is on, and the tokens for it."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError, RelayError
from rtc_widget.relay import discovery
from rtc_widget.relay.address import Relay
from rtc_widget.relay.discovery import LocalRelay
from rtc_widget.relay.sharing import Shared
from rtc_widget.relay.tokens import read_token
from rtc_widget.signaling.resolver import RelayResolver, check_relay

SECRET = "0123456789abcdef"
OWN = Relay("http://127.0.0.1:9", secret=SECRET)
THEIRS = Relay("https://relay.example.org")


def claims(token: str) -> dict[str, Any]:
    return read_token(SECRET, token, "enter")


async def test_without_a_name_the_users_own_relay_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Relay, "local", classmethod(lambda _cls: OWN))
    resolver = RelayResolver("demo", None, role="teacher")
    assert resolver.found is None

    url, token = await resolver.resolve()

    assert url == OWN.url
    assert (claims(token)["room"], claims(token)["role"]) == ("demo", "teacher")
    assert resolver.found is OWN
    assert resolver.is_local


async def test_a_relay_that_was_named_is_used_and_none_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Relay, "local", classmethod(lambda _cls: 1 // 0))
    resolver = RelayResolver("demo", THEIRS, "given token")

    assert await resolver.resolve() == (THEIRS.url, "given token")
    assert not resolver.is_local


async def test_the_users_own_relay_is_found_again_also_when_it_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[Any, ...]] = []
    found = LocalRelay(9, SECRET, Shared("192.0.2.7", 6000, "AB"))
    monkeypatch.setattr(
        discovery, "find_and_share", lambda host, *paths: asked.append((host, *paths)) or found
    )
    resolver = RelayResolver("demo", Relay.local(share="192.0.2.7"))
    assert resolver.is_local

    for _ in range(2):
        assert (await resolver.resolve())[0] == "http://127.0.0.1:9"

    # Each time as it was asked for, so that one that has ended comes back as it was.
    assert asked == [("192.0.2.7", None, None)] * 3
    assert resolver.locate().shared_url == "https://192.0.2.7:6000"


async def test_a_relay_that_does_not_come_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_cls: object) -> Relay:
        raise RelayError("relay_failed", "It did not start.")

    monkeypatch.setattr(Relay, "local", classmethod(fail))
    resolver = RelayResolver("demo", None)

    with pytest.raises(RelayError, match="relay_failed"):
        await resolver.resolve()
    assert resolver.found is None


async def test_without_token_and_secret_nobody_can_enter() -> None:
    with pytest.raises(RelayError, match="bad_token"):
        await RelayResolver("demo", THEIRS).resolve()


def test_what_a_front_end_gets_is_a_students_whoever_this_process_is() -> None:
    resolver = RelayResolver("demo", OWN, role="teacher")

    token = claims(resolver.token(OWN))
    once = claims(resolver.token(OWN, expires=60.0, max_uses=1))

    assert token["role"] == once["role"] == "student"
    assert once["uses"] == 1
    assert "uses" not in token
    assert once["exp"] < token["exp"]


def test_a_token_that_was_given_out_is_used_as_it_is() -> None:
    assert RelayResolver("demo", OWN, "given").token(OWN, role="teacher", max_uses=1) == "given"


def test_a_relays_address_is_enough_where_there_is_a_token() -> None:
    relay = check_relay("https://relay.example.org/", "token")

    assert relay is not None
    assert relay.url == THEIRS.url
    assert check_relay(None, None) is None
    assert check_relay(OWN, None) is OWN


@pytest.mark.parametrize(
    ("relay", "code"),
    [(THEIRS, "bad_token"), ("https://relay.example.org", "bad_token"), ("relay", "bad_argument")],
)
def test_what_nobody_can_join_over_is_refused(relay: Any, code: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        check_relay(relay, None)
    assert refused.value.code == code
