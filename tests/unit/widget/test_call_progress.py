"""Where a widget stands in its call, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rtc_widget.widget.call_progress import CallProgress, Progress

if TYPE_CHECKING:
    from collections.abc import Callable


def settle(progress: CallProgress, *, is_in: bool = False, is_away: bool = False) -> Progress:
    return progress.settle(is_in=is_in, is_away=is_away)


def says(phase: object, *, unseen: bool = False, is_in: bool = False) -> Callable[[CallProgress], None]:
    return lambda progress: progress.front_end(phase, unseen=unseen, is_in=is_in)


def watching(progress: CallProgress) -> None:
    progress.watching()


def lost(progress: CallProgress) -> None:
    progress.lost()


def entered(progress: CallProgress) -> None:
    settle(progress, is_in=True)


def left(progress: CallProgress) -> None:
    settle(progress, is_in=True)
    settle(progress)


def no_relay(progress: CallProgress) -> None:
    progress.failed(is_in=False)


@pytest.mark.parametrize(
    ("steps", "is_in", "is_away", "state"),
    [
        ([], False, False, "idle"),
        ([watching], False, False, "idle"),
        # a front end's word counts until the relay knows better
        ([says("connecting")], False, False, "connecting"),
        ([says("failed")], False, False, "failed"),
        ([says("left")], False, False, "left"),
        ([says("joined")], False, False, "idle"),
        ([says("reconnecting")], False, False, "idle"),
        ([says(None)], False, False, "idle"),
        ([says(["left"])], False, False, "idle"),
        ([watching, entered, says("failed", is_in=True)], True, False, "joined"),
        # in the room
        ([watching], True, False, "joined"),
        ([watching, says("connecting")], True, False, "joined"),
        ([watching], True, True, "reconnecting"),
        ([], True, False, "reconnecting"),
        ([watching, lost], True, False, "reconnecting"),
        ([watching, lost, watching], True, False, "joined"),
        # out of it again
        ([watching, left], False, False, "left"),
        ([watching, left, says("connecting")], False, False, "connecting"),
        # no relay
        ([no_relay], False, False, "failed"),
        ([no_relay, watching], False, False, "idle"),
        ([says("failed"), watching], False, False, "failed"),
        ([no_relay, watching], True, False, "joined"),
    ],
)
def test_where_a_widget_stands(
    steps: list[Callable[[CallProgress], object]], is_in: bool, is_away: bool, state: str
) -> None:
    progress = CallProgress()
    for step in steps:
        step(progress)

    assert settle(progress, is_in=is_in, is_away=is_away).state == state


def test_a_call_whose_relay_is_lost_for_good_goes_on_reconnecting() -> None:
    progress = CallProgress()
    progress.watching()
    settle(progress, is_in=True)

    progress.failed(is_in=True)

    assert settle(progress, is_in=True).state == "reconnecting"


def test_coming_and_going_are_told_once() -> None:
    progress = CallProgress()
    progress.watching()

    told = [settle(progress, is_in=is_in) for is_in in (False, True, True, False, False)]

    assert [each.entered for each in told] == [False, True, False, False, False]
    assert [each.left for each in told] == [False, False, False, True, False]


def test_a_widget_that_nothing_shows_is_abandoned_once_nobody_of_it_is_in_the_room() -> None:
    progress = CallProgress()
    progress.watching()
    settle(progress, is_in=True)
    progress.front_end("left", unseen=True, is_in=True)

    told = [settle(progress, is_in=is_in).is_abandoned for is_in in (True, False, False)]

    assert told == [False, True, False]


@pytest.mark.parametrize(("phase", "unseen"), [("left", False), ("failed", True)])
def test_a_widget_that_was_left_by_a_person_is_not_abandoned(phase: str, unseen: bool) -> None:
    progress = CallProgress()
    progress.front_end(phase, unseen=unseen, is_in=False)

    assert not settle(progress).is_abandoned


def test_a_widget_that_is_shown_again_meanwhile_is_not_abandoned() -> None:
    progress = CallProgress()
    progress.front_end("left", unseen=True, is_in=True)
    progress.front_end("connecting", unseen=False, is_in=False)

    assert not settle(progress).is_abandoned


@pytest.mark.parametrize(
    ("before", "after"),
    [(watching, "left"), (no_relay, "failed"), (left, "left"), (says("connecting"), "left")],
)
def test_a_closed_widget_has_left_unless_it_had_failed(
    before: Callable[[CallProgress], object], after: str
) -> None:
    progress = CallProgress()
    before(progress)

    progress.closed()

    assert settle(progress).state == after
