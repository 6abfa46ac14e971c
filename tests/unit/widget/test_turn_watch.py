"""A page that gets nothing from its TURN server: the widget says so, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from traitlets import Dict, HasTraits

from rtc_widget.ice.ice_servers import IceServers
from rtc_widget.widget.turn_watch import TurnWatch
from tests.support.fakes import FakeThreads
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from rtc_widget.ice.inquiry import Outcome

TURN = {"urls": ["turn:t.example", "turn:t.example?transport=tcp"], "username": "ada", "credential": "pw"}


class Member(HasTraits):
    """A widget, as far as it shows an error."""

    error = Dict(None, allow_none=True)


class Watched:
    """A widget's page, a TURN server, and what the widget shows."""

    def __init__(self, *outcomes: Outcome, servers: IceServers | None = None) -> None:
        self.member, self.asked = Member(), 0
        self._outcomes = list(outcomes)
        self.watch = TurnWatch(
            cast("Any", self.member),
            cast("Any", FakeThreads()),
            IceServers([TURN]) if servers is None else servers,
            self._ask,
        )

    async def _ask(self, _url: Any, username: str, credential: str, _seconds: float) -> Outcome:
        assert (username, credential) == ("ada", "pw")
        self.asked += 1
        return self._outcomes.pop(0)

    def gathers(self, *kinds: str | None, peer: str = "bob") -> None:
        """Let the page report candidates; None is their end."""
        self.watch.take({"type": "step", "step": "createOffer", "peer": peer})
        for kind in kinds:
            self.watch.take({"type": "step", "step": "gathered", "kind": kind, "peer": peer})

    async def says(self) -> str:
        """Wait for the error, and return its code."""
        await wait_for(lambda: self.member.error, 10, "an error")
        return str(self.member.error["code"])


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (("refuses", "refuses"), "turn_refused"),
        (("silent", "refuses"), "turn_refused"),
        (("silent", "silent"), "turn_failed"),
        # The kernel reaches what the page does not.
        (("serves", "refuses"), "turn_failed"),
    ],
)
async def test_the_end_of_candidates_without_one_of_the_server_is_an_error(
    outcomes: tuple[Outcome, ...], code: str
) -> None:
    page = Watched(*outcomes)

    page.gathers("host", "srflx", None, None)

    assert await page.says() == code
    assert page.asked == 2


@pytest.mark.parametrize(
    ("outcomes", "error"), [(("refuses", "refuses"), "turn_refused"), (("serves", "refuses"), None)]
)
async def test_who_has_gathered_before_the_room_was_watched_is_told_of_a_refusal(
    outcomes: tuple[Outcome, ...], error: str | None
) -> None:
    page = Watched(*outcomes)
    state = {"type": "state", "name": "ice_gathering_state", "value": "complete", "peer": "bob"}

    page.watch.take({**state, "value": "gathering"})
    for _ in range(2):
        page.watch.take(state)

    await wait_for(lambda: page.asked == 2, 10, "both servers")
    if error is not None:
        assert await page.says() == error
    else:
        assert not page.member.error


async def test_the_state_of_a_connection_that_was_followed_says_nothing_new() -> None:
    page = Watched()

    page.gathers("relay", None)
    page.watch.take({"type": "state", "name": "ice_gathering_state", "value": "complete", "peer": "bob"})

    assert page.asked == 0


async def test_a_candidate_of_the_server_is_none_also_where_the_end_comes_twice() -> None:
    page = Watched()

    page.gathers("host", "relay", None, None)

    assert page.asked == 0


async def test_a_later_connection_is_looked_at_on_its_own() -> None:
    page = Watched("refuses", "refuses")

    page.gathers("relay", None)
    page.gathers("host", None)

    assert await page.says() == "turn_refused"


async def test_without_a_turn_server_nothing_is_missed() -> None:
    page = Watched(servers=IceServers([{"urls": ["stun:s.example"]}]))

    page.gathers("host", None)

    assert not page.asked
    assert not page.member.error
