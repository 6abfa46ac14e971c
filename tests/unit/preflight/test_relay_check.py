"""Whether the relay can be found and answers, and how its clock differs."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.errors import RelayError
from rtc_widget.preflight import relay_check
from rtc_widget.preflight.finding import Finding
from rtc_widget.relay.address import Relay
from rtc_widget.signaling.clock_sync import Offset
from tests.support.fakes import FakeClient, FakeRelays

SIGNING, OTHERS = Relay("http://127.0.0.1:1", secret="secret"), Relay("https://relay.example")


class Network:
    """A relay that answers, or does not, and a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *outcomes: FakeClient | Exception) -> None:
        self.relays = FakeRelays(*outcomes)
        self.offset = Offset(12.4, 0.5)
        monkeypatch.setattr(relay_check, "RelayClient", self.relays)
        monkeypatch.setattr(relay_check, "measure_offset", self._measure)
        monkeypatch.setattr(relay_check.Relay, "local", classmethod(lambda _cls: SIGNING))

    async def _measure(self, _client: Any) -> Offset:
        return self.offset


async def check(given: Relay | None) -> list[tuple[str, str]]:
    return [(finding.check, finding.state) for finding in await relay_check.check(given, "room")]


@pytest.mark.parametrize("given", [None, SIGNING])
async def test_a_relay_that_answers_is_good_and_its_connection_is_closed(
    monkeypatch: pytest.MonkeyPatch, given: Relay | None
) -> None:
    client = FakeClient()
    network = Network(monkeypatch, client)

    relay, clock = await relay_check.check(given, "room")

    assert (relay.state, clock.state) == ("good", "good")
    assert "answers the kernel in 1.0 ms" in relay.text
    assert "+12 ms from the kernel's (± 0.5 ms)" in clock.text
    assert client.is_closed
    (attempt,) = network.relays.attempts
    assert attempt[2]["token"]


async def test_another_ones_relay_need_not_let_us_in_to_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(monkeypatch, RelayError("bad_token", "No."))

    assert await check(OTHERS) == [("Relay", "good"), ("Clock", "not checked")]
    assert network.relays.attempts[0][2] == {}


@pytest.mark.parametrize("code", ["bad_token", "token_expired", "wrong_room"])
async def test_a_relay_of_another_secret_is_told_from_one_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    Network(monkeypatch, RelayError(code, "No."))

    (finding,) = await relay_check.check(SIGNING, "room")

    assert finding.state == "problem"
    assert "can be reached" in finding.text


@pytest.mark.parametrize(("given", "said"), [(None, "does not start"), (OTHERS, "does not answer")])
async def test_a_relay_that_does_not_answer_is_a_problem_without_its_address(
    monkeypatch: pytest.MonkeyPatch, given: Relay | None, said: str
) -> None:
    Network(monkeypatch, RelayError("relay_unreachable", "No relay answers at https://relay.example."))

    (finding,) = await relay_check.check(given, "room")

    assert finding.state == "problem"
    assert said in finding.text
    assert "relay_unreachable" in finding.text
    assert "relay.example" not in str(finding)


@pytest.mark.parametrize(
    ("offset", "error", "state", "said"),
    [
        (4_999, 0, "good", "+4999 ms"),
        (-6_000, 0, "warning", "-6000 ms"),
        (5_500, 600, "good", "+5500 ms"),  # it may be as little as 4900 ms
        (-0.4, 0.1, "good", " 0 ms"),
    ],
)
async def test_clocks_that_differ_for_certain_are_a_warning(
    monkeypatch: pytest.MonkeyPatch, offset: float, error: float, state: str, said: str
) -> None:
    network = Network(monkeypatch, FakeClient())
    network.offset = Offset(offset, error)

    clock: Finding = (await relay_check.check(SIGNING, "room"))[1]

    assert (clock.check, clock.state) == ("Clock", state)
    assert said in clock.text


async def test_a_connection_is_closed_also_when_measuring_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient()
    Network(monkeypatch, client)

    async def fail(_client: Any) -> Offset:
        raise RelayError("timeout", "It did not acknowledge.")

    monkeypatch.setattr(relay_check, "measure_offset", fail)

    assert await check(SIGNING) == [("Relay", "problem")]
    assert client.is_closed
