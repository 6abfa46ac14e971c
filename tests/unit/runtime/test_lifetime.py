"""What may still be done with something, and on which thread."""

from __future__ import annotations

import pytest

from rtc_widget.errors import RtcWidgetError
from rtc_widget.runtime.lifetime import Lifetime
from tests.support.fakes import fake_threads


def test_what_is_closed_says_what_it_was_and_what_to_do() -> None:
    life = Lifetime("Peer", fake_threads()[1])
    life.check_open()

    life.closed = True

    with pytest.raises(RtcWidgetError, match="This Peer has been closed: create a new one") as refused:
        life.check_open()
    assert refused.value.code == "closed"


def test_a_callback_may_not_wait() -> None:
    fake, threads = fake_threads()
    life = Lifetime("Peer", threads)
    life.check_may_wait()

    fake.is_observer_thread = True

    with pytest.raises(RtcWidgetError) as refused:
        life.check_may_wait()
    assert refused.value.code == "would_deadlock"
