"""What callbacks send is not waited for."""

from __future__ import annotations

import pytest

from rtc_widget.errors import ProtocolError
from rtc_widget.peer.kernel.callback_sends import CallbackSends
from rtc_widget.protocol.media_process import Send
from tests.support.fakes import FakeLink

MESSAGE = Send(bytes(200_000), "ada", 10.0)


def test_messages_are_handed_over_at_once_and_in_order() -> None:
    link, problems = FakeLink(), []
    sends = CallbackSends(link.as_link, lambda *problem: problems.append(problem))

    for number in range(3):
        sends.send(Send(f"{number}", None, 10.0))

    assert [command.data for command in link.given(Send)] == ["0", "1", "2"]
    assert not any(future.done() for future in link.waiting)
    assert problems == []


def test_what_was_not_sent_in_time_is_shown_once() -> None:
    link, problems = FakeLink(), []
    sends = CallbackSends(link.as_link, lambda *problem: problems.append(problem))

    for _ in range(3):
        sends.send(MESSAGE)
    for future in link.waiting:
        future.set_exception(ProtocolError("timeout", "Ada did not take it."))

    assert problems == [("timeout", "A message that a callback sent was lost. Ada did not take it.")]


def test_what_the_users_own_close_has_prevented_is_not_shown() -> None:
    link, problems = FakeLink(), []
    CallbackSends(link.as_link, lambda *problem: problems.append(problem)).send(MESSAGE)

    link.waiting[0].set_exception(ProtocolError("closed", "This peer has left the room."))

    assert problems == []


def test_no_more_waits_than_there_may() -> None:
    link = FakeLink()
    sends = CallbackSends(link.as_link, lambda *_: None)
    for _ in range(83):
        sends.send(MESSAGE)

    with pytest.raises(ProtocolError, match="rate_limited"):
        sends.send(MESSAGE)

    link.waiting[0].set_result(None)
    sends.send(MESSAGE)
