"""Links by which people join without Jupyter."""

from __future__ import annotations

import time
from urllib.parse import unquote, urlsplit

import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError, RelayError
from rtc_widget.relay import link as link_module
from rtc_widget.relay.address import Relay
from rtc_widget.relay.sharing import Shared
from rtc_widget.relay.tokens import read_token

SECRET = "0123456789abcdef"


@pytest.fixture
def relay() -> Relay:
    return Relay("https://relay.example.org/", secret=SECRET)


def test_a_link_has_its_token_behind_the_mark_that_browsers_send_nowhere(relay: Relay) -> None:
    link = relay.link("a room / of mine", expires=60, max_uses=2)

    address = urlsplit(link.url)
    claims = read_token(SECRET, address.fragment, "enter")
    assert unquote(address.path.rpartition("/")[2]) == claims["room"] == "a room / of mine"
    assert address.path.count("/") == 2
    assert (claims["role"], claims["uses"], claims["watch"]) == ("student", 2, False)
    assert 55 < claims["exp"] - time.time() <= 60
    assert link.expires == pytest.approx(claims["exp"], abs=1)


def test_a_link_does_not_show_its_token(relay: Relay) -> None:
    link = relay.link("demo")

    token = urlsplit(link.url).fragment
    assert token not in repr(link)
    assert token not in str(link)
    assert repr(link).startswith("Link('demo', role='student', until='")
    assert repr(link).endswith("', max_uses=30)")


def test_a_link_may_let_people_wait_and_says_so(relay: Relay) -> None:
    link, other = relay.link("demo", wait=True), relay.link("demo")

    claims = [read_token(SECRET, urlsplit(each.url).fragment, "enter") for each in (link, other)]
    assert [each.get("wait") for each in claims] == [True, None]
    assert (link.wait, other.wait) == (True, False)
    assert repr(link).endswith("', max_uses=30, wait=True)")


def test_a_qr_code_is_a_picture_of_the_link(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    import segno

    drawn: list[str] = []
    make = segno.make
    monkeypatch.setattr(segno, "make", lambda text, **options: drawn.append(text) or make(text, **options))
    link = relay.link("demo")

    assert link.qr_code().startswith("data:image/svg+xml")
    assert drawn == [link.url]


@pytest.mark.parametrize("role", ["teacher", "observer", "admin"])
def test_a_link_is_for_students_alone(relay: Relay, role: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"role must be 'student'.*relay\.token"):
        relay.link("demo", role=role)


@pytest.mark.parametrize("expires", [0, -1, float("inf"), float("nan"), "60", None])
def test_a_link_expires_in_a_number_of_seconds(relay: Relay, expires: object) -> None:
    with pytest.raises(InvalidArgumentError, match="expires must be a number of seconds"):
        relay.link("demo", expires=expires)


def test_a_link_needs_a_room_and_the_relays_secret(relay: Relay) -> None:
    with pytest.raises(ProtocolError) as bad:
        relay.link("")
    assert bad.value.code == "bad_room"
    with pytest.raises(RelayError) as unknown:
        Relay("https://relay.example.org").link("demo")
    assert unknown.value.code == "bad_token"


def test_a_link_leads_to_where_the_relay_is_shared_and_says_when_it_is_not() -> None:
    relay = Relay("http://127.0.0.1:5000", secret=SECRET)
    assert relay.link("demo").only_here
    assert relay.shared_url is relay.fingerprint is None

    relay._shared = Shared("192.0.2.7", 6000, "AB:CD")

    link = relay.link("demo")
    assert link.url.startswith("https://192.0.2.7:6000/join/demo#")
    assert (link.only_here, link.fingerprint) == (False, "AB:CD")
    assert "192.0.2.7" not in repr(relay) + repr(relay._shared) + repr(link)


def test_a_link_of_another_day_says_which(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = time.mktime((2026, 11, 26, 12, 0, 0, 0, 0, -1))
    monkeypatch.setattr(link_module.time, "time", lambda: noon)
    monkeypatch.setattr(link_module.time, "localtime", lambda at=noon, real=time.localtime: real(at))

    assert relay.link("demo", expires=3_600).until == "13:00"
    assert relay.link("demo", expires=26 * 3_600).until == "2026-11-27 14:00"
