"""How a widget's kernel gets frames: through a peer of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from rtc_widget.runtime.lifetime import Lifetime
from rtc_widget.widget.frame_access import FrameAccess
from tests.support.fakes import fake_member, fake_threads, participant

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtc_widget.peer import Peer
    from rtc_widget.room.participants import Participant


class FakePeer:
    """Says what it was asked for."""

    def __init__(self) -> None:
        self.state = "joined"
        self.asked: list[tuple[Any, ...]] = []
        self.is_closed = False

    def frame(self, *asked: Any, **options: Any) -> str:
        self.asked.append(("frame", *asked, options))
        return "a frame"

    def frames(self, *asked: Any, **options: Any) -> str:
        self.asked.append(("frames", *asked, options))
        return "frames"

    def sound(self, *asked: Any, **options: Any) -> str:
        self.asked.append(("sound", *asked, options))
        return "audio"

    def close(self) -> None:
        self.is_closed = True


class Accessed:
    """Frame access of a widget that is in the room where its own participant is given, and the peers that it made."""

    def __init__(self, *others: Participant, me: Participant | None = None, state: str = "joined") -> None:
        self.peers: list[FakePeer] = []
        self.is_inviting = False
        self.fake, threads = fake_threads()
        self.life = Lifetime("RoomWidget", threads)
        self.member: Any = fake_member(*others, me=me, state=state)
        self.frames = FrameAccess(self.life, self.member, self.make_peer, lambda: self.is_inviting)

    def make_peer(self) -> Peer:
        """Make a peer."""
        self.peers.append(FakePeer())
        return cast("Peer", self.peers[-1])

    @property
    def asks(self) -> list[Callable[[str], object]]:
        """All that may be asked of a participant."""
        return [self.frames.frame, self.frames.frames, self.frames.sound]


def test_one_peer_serves_whatever_is_asked_for() -> None:
    access = Accessed(ada := participant("Ada"))
    assert access.peers == []

    results: list[Any] = [
        access.frames.frame("Ada", timeout=1.0),
        access.frames.frames("Ada", fps=5.0, screen=True),
        access.frames.sound("Ada", seconds=2.0),
    ]

    assert results == ["a frame", "frames", "audio"]
    (peer,) = access.peers
    assert peer.asked == [
        ("frame", ada, {"screen": False, "timeout": 1.0}),
        ("frames", ada, {"fps": 5.0, "screen": True, "timeout": 30.0}),
        ("sound", ada, {"seconds": 2.0, "timeout": 10.0}),
    ]


def test_nobody_joins_for_a_name_that_nobody_has() -> None:
    access = Accessed(participant("Bob"), me=participant("Ada"))

    for ask in access.asks:
        with pytest.raises(InvalidArgumentError, match="In the room: 'Bob', 'Ada'"):
            ask("Nobody")

    assert access.peers == []


@pytest.mark.parametrize("state", ["idle", "connecting"])
def test_nobody_joins_for_such_a_name_before_the_widget_is_in_the_room_either(state: str) -> None:
    access = Accessed(participant("Bob"), state=state)

    for ask in access.asks:
        with pytest.raises(InvalidArgumentError, match=r"In the room: 'Bob'\. Did you mean 'Bob'"):
            ask("Bbo")
    access.frames.frame("Bob")

    assert len(access.peers) == 1


@pytest.mark.parametrize("state", ["left", "failed"])
def test_nobody_joins_for_a_widget_that_is_out_of_the_room(state: str) -> None:
    bob = participant("Bob")
    access = Accessed(bob, state=state)

    for ask in access.asks:
        with pytest.raises(ProtocolError, match=r"not in the room.*\[not_joined\]"):
            ask("Bob")
    with pytest.raises(ProtocolError):
        access.frames.frame(bob)
    assert access.peers == []

    access.is_inviting = True  # it comes back
    access.frames.frame("Bob")
    assert len(access.peers) == 1


def test_nobody_joins_for_a_widget_that_is_on_its_way_out() -> None:
    access = Accessed(participant("Bob"), me=participant("Ada"))
    access.frames.frame("Bob")
    access.frames.close()

    with pytest.raises(ProtocolError, match="not_joined"):
        access.frames.frame("Bob")
    access.member.me = participant("Ada")  # in anew
    access.frames.frame("Bob")

    assert [peer.is_closed for peer in access.peers] == [True, False]


def test_a_peer_that_is_made_while_the_widget_leaves_leaves_too() -> None:
    access = Accessed(participant("Bob"), me=participant("Ada"))
    make_peer = access.make_peer

    def leave_meanwhile() -> Peer:
        access.frames.close()
        return make_peer()

    access.frames._make_peer = leave_meanwhile
    with pytest.raises(ProtocolError, match="not_joined"):
        access.frames.frame("Bob")

    assert [peer.is_closed for peer in access.peers] == [True]


def test_a_name_means_whom_it_means_to_the_widget() -> None:
    other, own = participant("Ada", "other"), participant("Ada", "own")
    access = Accessed(other, me=own)

    access.frames.frame("Ada")
    access.frames.frame("Ada (2)")
    access.frames.frame("own")

    assert [asked[1] for asked in access.peers[0].asked] == [other, own, own]


@pytest.mark.parametrize("state", ["left", "failed"])
def test_a_peer_that_is_out_of_the_room_is_replaced(state: str) -> None:
    access = Accessed(participant("Ada"))
    access.frames.frame("Ada")
    access.peers[0].state = state

    access.frames.frame("Ada")

    assert [peer.is_closed for peer in access.peers] == [True, False]


def test_neither_a_callback_nor_a_closed_widget_makes_a_peer() -> None:
    access = Accessed()
    access.fake.is_observer_thread = True
    with pytest.raises(RtcWidgetError, match="would_deadlock"):
        access.frames.frame("Ada")
    access.life.closed = True
    with pytest.raises(RtcWidgetError, match="closed"):
        access.frames.sound("Ada")

    assert access.peers == []
