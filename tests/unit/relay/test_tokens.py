"""Tokens, origins and allowances: the checks that stand between the relay and whoever connects."""

from __future__ import annotations

import base64
import hmac
import json
import time
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc_widget.errors import InvalidArgumentError, ProtocolError, RelayError
from rtc_widget.relay import rate_limits, tokens
from rtc_widget.relay.address import Relay
from rtc_widget.relay.origins import OriginPolicy
from rtc_widget.relay.rate_limits import TokenBucket, TokenBuckets
from rtc_widget.relay.tokens import entry_token, proof, read_admission, read_token, resume_token, share_token

SECRET = "0123456789abcdef"


def code_of(token: object, use: str = "enter", secret: str = SECRET) -> str:
    try:
        read_token(secret, token, use)
    except ProtocolError as error:
        return error.code
    return "good"


def test_an_entry_token_carries_room_and_role():
    claims = read_token(SECRET, entry_token(SECRET, "demo", role="teacher", expires=60), "enter")

    assert (claims["room"], claims["role"]) == ("demo", "teacher")
    assert 0 < claims["exp"] - time.time() <= 60
    assert "uses" not in claims


@pytest.mark.parametrize("uses", [0, -1, 1.5, "2", True])
def test_a_token_admits_a_whole_number_of_participants(uses):
    with pytest.raises(InvalidArgumentError, match="max_uses"):
        entry_token(SECRET, "demo", max_uses=uses)


def test_tokens_differ_from_each_other():
    first, second = [read_token(SECRET, entry_token(SECRET, "demo", max_uses=1), "enter") for _ in range(2)]

    assert first["id"] != second["id"]


def test_a_resume_token_carries_identity_and_serves_for_nothing_else():
    token = resume_token(SECRET, "demo", "id", 7)

    claims = read_token(SECRET, token, "resume")
    assert (claims["room"], claims["id"], claims["order"]) == ("demo", "id", 7)
    assert code_of(token, "enter") == "bad_token"
    assert code_of(entry_token(SECRET, "demo"), "resume") == "bad_token"


def test_who_came_by_a_link_returns_with_the_resume_token_alone_and_may_do_nothing_else():
    claims = read_admission(SECRET, resume_token(SECRET, "demo", "ada", 7, admitted_by="link"))

    assert (claims["room"], claims["role"], claims["watch"]) == ("demo", "student", False)
    assert (claims["participant"], claims["id"]) == ("ada", "link")
    assert "uses" not in claims


def test_an_expired_resume_token_of_a_link_says_so(monkeypatch):
    token = resume_token(SECRET, "demo", "ada", 7, admitted_by="link")
    later = time.time() + tokens.RESUME_SECONDS + 1
    monkeypatch.setattr(tokens.time, "time", lambda: later)

    with pytest.raises(ProtocolError) as refused:
        read_admission(SECRET, token)
    assert refused.value.code == "token_expired"


def test_a_token_for_sharing_admits_nobody_and_no_other_shares():
    assert code_of(share_token(SECRET), "share") == "good"
    assert code_of(share_token(SECRET), "enter") == "bad_token"
    for token in (entry_token(SECRET, "demo", role="teacher"), resume_token(SECRET, "demo", "id", 7)):
        assert code_of(token, "share") == "bad_token"


def test_an_expired_token_says_so(monkeypatch):
    token = entry_token(SECRET, "demo", expires=60)
    now = time.time()

    monkeypatch.setattr(tokens.time, "time", lambda: now + 61)

    assert code_of(token) == "token_expired"


def test_a_token_of_another_secret_is_bad():
    assert code_of(entry_token("another secret", "demo")) == "bad_token"


def test_no_changed_token_is_good():
    token = entry_token(SECRET, "demo", role="observer", expires=60)
    body, _, signature = token.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["role"] = "teacher"
    raised = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    assert code_of(token) == "good"
    assert code_of(f"{raised}.{signature}") == "bad_token"
    for position in range(len(body)):
        other = "A" if token[position] != "A" else "B"
        assert code_of(token[:position] + other + token[position + 1 :]) == "bad_token"


@settings(derandomize=True, database=None, deadline=None, max_examples=100)
@given(
    st.one_of(
        st.text(), st.binary(), st.none(), st.integers(), st.lists(st.text()), st.from_regex(r"\w*\.\w*")
    )
)
def test_whatever_is_not_a_token_is_bad_and_nothing_worse(token):
    assert code_of(token) == "bad_token"


@pytest.mark.parametrize("room", ["", " ", "x" * 129, "a\nb", 7])
def test_no_token_is_made_for_a_room_that_cannot_be(room):
    with pytest.raises(ProtocolError) as refused:
        entry_token(SECRET, room)

    assert refused.value.code == "bad_room"


def test_an_unknown_role_is_refused_with_the_roles_that_there_are():
    with pytest.raises(InvalidArgumentError, match="student, teacher, observer"):
        entry_token(SECRET, "demo", role="admin")


def test_a_proof_depends_on_secret_challenge_and_port():
    proofs = {proof(SECRET, "a", 1), proof(SECRET, "b", 1), proof("another secret", "a", 1)}
    assert len({*proofs, proof(SECRET, "a", 2)}) == 4


def test_whoever_asks_for_proofs_never_chooses_what_is_signed_with_the_key_of_tokens(monkeypatch):
    signed = []
    digest = hmac.digest

    def spy(key, message, name):
        signed.append((key, message))
        return digest(key, message, name)

    monkeypatch.setattr(hmac, "digest", spy)
    proof(SECRET, "one challenge", 80)
    entry_token(SECRET, "demo")
    of_proofs = {key for key, message in signed if b"one challenge" in message}
    (of_tokens,) = {key for key, _message in signed[-1:]}

    assert of_proofs
    assert of_tokens not in of_proofs


def test_a_proof_is_no_signature_for_a_token():
    body, _, signature = entry_token(SECRET, "demo").partition(".")

    assert proof(SECRET, body, 80) != signature


def test_what_a_relay_answers_at_its_address_is_known_to_who_has_its_secret():
    first, second = (Relay("http://127.0.0.1:8080", secret=SECRET).challenge() for _ in range(2))

    assert first["answer"] == proof(SECRET, first["challenge"], 8080)
    assert second["challenge"] != first["challenge"]


def test_a_relay_without_its_secret_makes_no_tokens():
    relay = Relay("https://relay.example.org/")

    assert relay.url == "https://relay.example.org"
    assert not relay.can_sign
    with pytest.raises(RelayError) as refused:
        relay.token("demo")
    assert refused.value.code == "bad_token"


def test_an_address_that_is_not_encrypted_is_warned_of_beyond_this_machine():
    with pytest.warns(UserWarning, match="not encrypted"):
        Relay("http://relay.example.org:8000")
    for address in (
        "http://127.0.0.1:8000",
        "http://localhost",
        "http://[::1]:8000",
        "https://relay.example.org",
    ):
        Relay(address)


def test_a_relays_repr_hides_its_secret():
    relay = Relay("https://relay.example.org", secret=SECRET)

    assert relay.can_sign
    assert code_of(relay.token("demo")) == "good"
    assert SECRET not in repr(relay)


@pytest.mark.parametrize("url", ["relay.example.org", "ws://relay.example.org", "", None])
def test_a_relays_address_must_be_http(url):
    with pytest.raises(InvalidArgumentError):
        Relay(url)


# -- origins


def test_only_named_origins_pass_and_clients_without_one():
    allowed = OriginPolicy(["https://notebooks.example.org/"])

    assert allowed("https://notebooks.example.org", {})
    assert allowed(None, {})
    for origin in (
        "http://notebooks.example.org",
        "https://notebooks.example.org:8443",
        "https://notebooks.example.org.evil.example.com",
        "https://evil.example.com",
        "null",
    ):
        assert not allowed(origin, {})


def test_pages_of_the_users_own_jupyter_servers_pass_even_of_one_started_later(tmp_path):
    allowed = OriginPolicy([], tmp_path)
    assert not allowed("http://localhost:8888", {})

    (tmp_path / "jpserver-1.json").write_text(json.dumps({"url": "http://localhost:8888/user/ada/"}))
    (tmp_path / "jpserver-2.json").write_text(json.dumps({"url": "https://127.0.0.1:443/"}))
    (tmp_path / "jpserver-3.json").write_text("{")

    for origin in (
        "http://localhost:8888",
        "http://127.0.0.1:8888",
        "http://[::1]:8888",
        "https://localhost",
    ):
        assert allowed(origin, {}), origin
    for origin in (
        "https://localhost:8888",
        "http://localhost:8889",
        "http://localhost",
        "http://10.0.0.1:8888",
    ):
        assert not allowed(origin, {}), origin


def test_a_jupyter_server_that_has_ended_no_longer_opens_the_relay(tmp_path):
    file = tmp_path / "jpserver-1.json"
    file.write_text(json.dumps({"url": "http://localhost:8888/"}))
    allowed = OriginPolicy([], tmp_path)
    assert allowed("http://localhost:8888", {})
    file.unlink()

    assert not allowed("http://localhost:9999", {})
    assert not allowed("http://localhost:8888", {})


@pytest.mark.parametrize(
    ("host", "origin", "passes"),
    [
        ("127.0.0.1:5000", "http://127.0.0.1:5000", True),
        ("localhost:5000", "http://localhost:5000", True),
        ("[::1]:5000", "http://[::1]:5000", True),
        ("127.0.0.1:5000", "http://127.0.0.1:8888", False),
        # A name of somebody's that leads here: the browser takes the page for one of the relay's.
        ("rebound.example.org:5000", "http://rebound.example.org:5000", False),
        ("127.0.0.1.example.org:5000", "http://127.0.0.1.example.org:5000", False),
    ],
)
def test_a_client_that_names_the_relay_itself_as_its_origin_passes(host, origin, passes):
    assert OriginPolicy()(origin, {"HTTP_HOST": host}) is passes


def test_the_join_page_of_a_relay_that_is_reached_by_tls_passes():
    by_tls, plain = SimpleNamespace(secure=True), SimpleNamespace(secure=False)
    own = {"HTTP_HOST": "192.0.2.7:6000", "aiohttp.request": by_tls}
    allowed = OriginPolicy()

    assert allowed("https://192.0.2.7:6000", own)
    for origin in (
        "http://192.0.2.7:6000",
        "https://192.0.2.7",
        "https://192.0.2.7:6001",
        "https://evil.example.com",
    ):
        assert not allowed(origin, own)
    # What came without TLS is not believed to have come with it.
    claimed = {**own, "aiohttp.request": plain, "wsgi.url_scheme": "https", "HTTP_X_FORWARDED_PROTO": "https"}
    assert not allowed("https://192.0.2.7:6000", claimed)


def test_behind_a_proxy_the_page_of_the_same_name_passes():
    allowed = OriginPolicy()
    proxied = {"HTTP_X_FORWARDED_HOST": "hub.example.org", "HTTP_X_FORWARDED_PROTO": "https"}

    assert allowed("https://hub.example.org", proxied)
    assert not allowed("https://evil.example.com", proxied)
    assert not allowed("http://hub.example.org", proxied)


def test_pages_of_an_origin_pass_that_somebody_vouches_for_who_knows_the_secret():
    origin = "http://127.0.0.1:2718"
    token = Relay("http://127.0.0.1:8080", secret=SECRET).origin_token(origin)
    allowed = OriginPolicy(secret=SECRET)
    shown = {"QUERY_STRING": f"room=demo&EIO=4&origin={token}"}

    assert allowed(origin, shown)
    # Whoever has come by the address is of another origin, which no page can deny.
    assert not allowed("https://evil.example.com", shown)
    assert not allowed("null", shown)
    assert not allowed(origin, {})
    assert not allowed(origin, {"QUERY_STRING": f"origin={entry_token(SECRET, 'demo')}"})
    assert not OriginPolicy(secret="another secret")(origin, shown)
    assert not OriginPolicy()(origin, shown)


def test_what_vouches_for_an_origin_opens_no_room():
    token = Relay("http://127.0.0.1:8080", secret=SECRET).origin_token("http://127.0.0.1:2718")

    with pytest.raises(ProtocolError) as refused:
        read_admission(SECRET, token)

    assert refused.value.code == "bad_token"


# -- allowances


def test_an_allowance_is_spent_and_grows_back(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: now[0])
    bucket = TokenBucket(rate=10, burst=3)

    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 100.0
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_a_refused_request_costs_nothing(monkeypatch):
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: 0.0)
    bucket = TokenBucket(rate=1, burst=2)

    assert not bucket.take(3)
    assert bucket.take(2)


def test_whoever_uses_up_one_allowance_leaves_everybody_elses(monkeypatch):
    clock = 0.0
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: clock)
    buckets = TokenBuckets(1.0, 2.0)

    assert [buckets.take("theirs") for _ in range(3)] == [True, True, False]
    assert buckets.take("ours")
    clock = 10.0
    for number in range(200):
        buckets.take(f"room {number}")
        clock += 10.0

    assert len(buckets._buckets) < 70
