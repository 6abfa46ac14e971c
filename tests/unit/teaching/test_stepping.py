"""Going on message by message, as a debugger does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError
from rtc_widget.runtime.waiters import Waiters
from rtc_widget.teaching.stepping import Stepping
from tests.support.fakes import fake_life

CANDIDATE, OFFER, ANSWER = "ice_candidate", "offer", "answer"


class Paused:
    """A room that is paused, with messages that wait."""

    def __init__(self, *kinds: str) -> None:
        self.held = [
            {"id": f"m{n}", "kind": kind, "from": "ada", "to": "bob", "at": 0.0}
            for n, kind in enumerate(kinds)
        ]
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.stepping = Stepping(
            fake_life(),
            Waiters(SimpleNamespace()),
            request=self._request,
            state=lambda: {"paused": True, "held": self.held, "breaks": []},
            names=dict,
            members=dict,
        )

    def _request(self, action: str, **options: Any) -> None:
        self.asked.append((action, options))
        if action == "release":
            self.held = [each for each in self.held if each["id"] != options["message"]]

    @property
    def released(self) -> list[str]:
        return [options["message"] for action, options in self.asked if action == "release"]


def test_stepping_over_candidates_stops_at_the_next_message_that_is_none() -> None:
    room = Paused(CANDIDATE, CANDIDATE, ANSWER, CANDIDATE)

    waiting = room.stepping.step_over(timeout=0.05)

    assert waiting is not None
    assert (waiting.id, room.released) == ("m2", ["m0", "m1"])


def test_stepping_over_what_is_not_there_releases_nothing() -> None:
    room = Paused(OFFER, CANDIDATE)

    assert room.stepping.step_over(timeout=0.05) is not None
    assert room.released == []


def test_when_only_candidates_come_nothing_waits_any_more() -> None:
    room = Paused(CANDIDATE)

    assert room.stepping.step_over(timeout=0.05) is None
    assert room.released == ["m0"]


@pytest.mark.parametrize(
    ("kinds", "found", "released"), [((), "m1", ["m0"]), ((ANSWER,), "m3", ["m0", "m1", "m2"])]
)
def test_stepping_to_a_message_holds_it(kinds: tuple[str, ...], found: str, released: list[str]) -> None:
    room = Paused(CANDIDATE, OFFER, CANDIDATE, ANSWER)

    assert room.stepping.step_to(*kinds, timeout=0.05).id == found
    assert room.released == released


def test_a_message_that_does_not_come_is_told() -> None:
    room = Paused(OFFER)

    with pytest.raises(ProtocolError, match=r"No answer came within 0\.05 s"):
        room.stepping.step_to(ANSWER, timeout=0.05)


def test_there_is_no_other_kind() -> None:
    room = Paused(OFFER)

    with pytest.raises(InvalidArgumentError, match="kind must be one of"):
        room.stepping.step_to("letter")
    with pytest.raises(InvalidArgumentError, match="kind must be one of"):
        room.stepping.step_over("candidate")
    assert room.released == []
