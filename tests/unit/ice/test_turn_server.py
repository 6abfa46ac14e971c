"""A TURN server whose secret we share: the credentials, and what is kept to ourselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
import time
from typing import Any

import pytest

from rtc_widget import TurnServer
from rtc_widget.errors import InvalidArgumentError
from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.ice.turn_server import check_turn

SECRET = "the secret of the tests"


def test_credentials_are_those_that_coturn_computes_from_the_secret() -> None:
    server = TurnServer("turns:turn.example.org", secret=SECRET, lifetime=600).ice_server()

    expires, _, user = server["username"].partition(":")
    assert 595 < int(expires) - time.time() < 602
    assert user
    digest = hmac.new(SECRET.encode(), server["username"].encode(), hashlib.sha1).digest()
    assert server["credential"] == base64.b64encode(digest).decode()


def test_everybody_gets_credentials_of_their_own() -> None:
    turn = TurnServer("turn:turn.example.org", secret=SECRET)

    assert turn.ice_server()["username"] != turn.ice_server()["username"]


def test_an_address_without_a_transport_stands_for_udp_and_tcp() -> None:
    turn = TurnServer(
        "turn:a.example",
        "turn:b.example:80?transport=tcp",
        "turns:c.example",
        "turn:a.example",
        secret=SECRET,
    )

    assert turn.ice_server()["urls"] == [
        "turn:a.example?transport=udp",
        "turn:a.example?transport=tcp",
        "turn:b.example:80?transport=tcp",
        "turns:c.example",
    ]


def test_it_shows_neither_its_secret_nor_its_addresses() -> None:
    turn = TurnServer("turn:192.0.2.1", secret=SECRET)

    assert repr(turn) == str(turn) == "TurnServer(2 addresses)"
    assert repr(TurnServer("turns:192.0.2.1", secret=SECRET)) == "TurnServer(1 address)"
    assert not hasattr(turn, "__dict__")


def test_a_secret_that_was_read_from_a_file_is_the_line() -> None:
    turn = TurnServer("turn:turn.example.org", secret=f"{SECRET}\n")

    server = turn.ice_server()
    digest = hmac.new(SECRET.encode(), server["username"].encode(), hashlib.sha1).digest()
    assert server["credential"] == base64.b64encode(digest).decode()


def test_the_media_process_gets_the_same_server() -> None:
    copy = pickle.loads(pickle.dumps(TurnServer("turn:turn.example.org", secret=SECRET, lifetime=7)))

    assert copy.lifetime == 7
    assert copy.ice_server()["urls"][0] == "turn:turn.example.org?transport=udp"


@pytest.mark.parametrize(
    ("urls", "given", "says"),
    [
        ((), {"secret": SECRET}, "Name the server"),
        (("stun:x.example",), {"secret": SECRET}, "A TURN server's address is"),
        (("https://x.example",), {"secret": SECRET}, "A TURN server's address is"),
        ((7,), {"secret": SECRET}, "A TURN server's address is"),
        (("turn:x.example",), {"secret": " \n"}, "secret must be"),
        (("turn:x.example",), {"secret": 7}, "secret must be"),
        (("turn:x.example",), {"secret": SECRET, "lifetime": 0}, "lifetime must be 1 to 2592000 seconds"),
        (("turn:x.example",), {"secret": SECRET, "lifetime": float("nan")}, "lifetime must be"),
        (("turn:x.example",), {"secret": SECRET, "lifetime": "1h"}, "lifetime must be"),
    ],
)
def test_what_cannot_work_is_refused_and_says_what_can(urls: Any, given: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidArgumentError, match=says) as raised:
        TurnServer(*urls, **given)

    assert raised.value.code == "bad_argument"
    assert SECRET not in str(raised.value)


def test_anything_else_as_a_server_is_refused_and_not_quoted() -> None:
    with pytest.raises(InvalidArgumentError, match="not a str") as raised:
        check_turn("turn:user:password@turn.example.org")

    assert "password" not in str(raised.value)


# -- renewal


def test_credentials_are_kept_for_half_of_their_life_and_then_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    fixed = {"urls": ["stun:x"]}
    servers = IceServers([fixed], TurnServer("turn:turn.example.org", secret=SECRET, lifetime=100))

    first = servers.current()
    now[0] += 49
    assert servers.current() == first
    assert first[0] == fixed
    now[0] += 2
    second = servers.current()
    assert second[1]["username"] != first[1]["username"]
    assert second[1]["username"].startswith("1151:")
    # The clock on the wall was set back.
    now[0] -= 60
    assert servers.current()[1]["username"].startswith("1091:")
