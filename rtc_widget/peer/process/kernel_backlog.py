"""What a kernel has been told and has not handled yet, of which others cause no more than a limit."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Final

from ...protocol.limits import LIMITS
from ...protocol.media_process import Entered, Event, MessageReceived, Notification, Problem, RoomEvent
from ..ipc.pipe import pack

LIMIT: Final = 1 << 24
"""Bytes that may wait for a kernel before something is left out."""

_SHARE: Final = LIMIT // LIMITS["room_capacity"]
# Who joins counts for who leaves; and nothing but a teacher's recording tells of it.
_ALWAYS_TOLD: Final = ("user_left", "recording")
# What an event takes besides its bytes.
_OVERHEAD: Final = 512

Whose = tuple[int, str]
"""A peer, and the participant whose messages these are, or "" for what happens in its room."""


class KernelBacklog:
    """Passes events on to a kernel that may be busy, in their order; of messages the newest are dropped where too much waits.

    Who has less than an equal share waiting loses nothing, however much the others send. Of what happens in a room nothing
    is lost: where it is too much, it is told anew once the kernel has caught up.

    Parameters
    ----------
    answer : callable
        Takes what is for the kernel.
    name_of : callable
        Returns what a peer's participant is called.
    tell_again : callable
        Takes the number of a peer whose room is to be told anew.
    """

    def __init__(
        self,
        answer: Callable[[Notification], None],
        name_of: Callable[[int, str], str],
        tell_again: Callable[[int], None],
    ) -> None:
        self._answer, self._name_of, self._tell_again = answer, name_of, tell_again
        self._end = 0
        self._waiting: deque[tuple[int, Whose, int]] = deque()
        self._sizes: Counter[Whose] = Counter()
        self._size = 0
        # Whom the kernel knows, by peer: whose end it has to be told.
        self._known: dict[int, set[str]] = {}
        # Peers whose rooms the kernel does not know any more; and of whom it was said that messages were dropped.
        self._behind: set[int] = set()
        self._told: set[Whose] = set()

    def tell(self, peer: int, event: Event) -> None:
        """Pass on an event, unless too much waits already.

        Parameters
        ----------
        peer : int
            The peer's number.
        event : Event
            What has happened.
        """
        match event:
            case MessageReceived(sender, data):
                self._pass_on(peer, sender, event, len(data))
            case RoomEvent(name, payload) if name not in _ALWAYS_TOLD:
                told = self._pass_on(peer, "", event, len(pack(Notification(peer, event))))
                if told and name == "user_joined":
                    self._known.setdefault(peer, set()).add(payload["socketId"])
            case RoomEvent("user_left", payload):
                known = self._known.get(peer, set())
                if payload["socketId"] in known or peer not in self._behind:
                    self._answer(Notification(peer, event))
                known.discard(payload["socketId"])
            case Entered(roster):
                self._known.setdefault(peer, set()).update(entry["socketId"] for entry in roster)
                self._answer(Notification(peer, event))
            case _:
                self._answer(Notification(peer, event))

    def forget(self, peer: int) -> None:
        """Tell nothing anew of a peer that has been closed.

        Parameters
        ----------
        peer : int
            The peer's number.
        """
        self._behind.discard(peer)
        self._known.pop(peer, None)
        self._told = {each for each in self._told if each[0] != peer}

    def handled(self, end: int) -> None:
        """Learn how far the kernel has come.

        Parameters
        ----------
        end : int
            The end of the last event that it has handled.
        """
        while self._waiting and self._waiting[0][0] <= end:
            _end, whose, size = self._waiting.popleft()
            self._count(whose, -size)
        if self._size <= LIMIT // 2:
            behind, self._behind = self._behind, set()
            for peer in behind:
                self._tell_again(peer)

    def _pass_on(self, peer: int, sender: str, event: Event, size: int) -> bool:
        whose, size = (peer, sender), size + _OVERHEAD
        is_late = not sender and peer in self._behind
        if is_late or not self._has_room(whose, size):
            self._leave_out(peer, sender)
            return False
        self._end += size
        self._waiting.append((self._end, whose, size))
        self._count(whose, size)
        self._answer(Notification(peer, event, self._end))
        return True

    def _has_room(self, whose: Whose, size: int) -> bool:
        if self._size + size <= LIMIT:
            return True
        # Twice the limit, whatever number of participants come and go meanwhile.
        return self._sizes[whose] + size <= _SHARE and self._size + size <= 2 * LIMIT

    def _count(self, whose: Whose, size: int) -> None:
        self._size += size
        self._sizes[whose] += size
        if not self._sizes[whose]:
            del self._sizes[whose]

    def _leave_out(self, peer: int, sender: str) -> None:
        if not sender:
            self._behind.add(peer)
        elif (peer, sender) not in self._told:
            self._told.add((peer, sender))
            text = (
                f"Messages of {self._name_of(peer, sender)} were dropped: {LIMIT >> 20} MiB wait for this kernel, "
                "which is busy, or whose callbacks take longer than messages take to come."
            )
            self._answer(Notification(peer, Problem("rate_limited", text)))
