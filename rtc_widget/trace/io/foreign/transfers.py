"""The messages of a dump, which may know of their sending, of their coming, or of both."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...events import RELAY, Event

Mark = tuple[str, ...]


@dataclass(slots=True)
class Transfer:
    """A message in the making."""

    id: str
    sender: str
    receiver: str
    event: str
    content: dict[str, Any] | None
    sent: float | None = None
    received: float | None = None

    def events(self) -> Iterator[Event]:
        """Write the message's way.

        Yields
        ------
        Event
            Nobody saw the signaling: those of the server only say that there was a message.
        """
        data = {"event": self.event}
        ends = {"from": self.sender, "to": self.receiver, **data}
        time = min(time for time in (self.sent, self.received) if time is not None)
        if self.sent is not None:
            yield Event(self.sent, self.sender, "sent", self.receiver, self.id, data)
        yield Event(time, RELAY, "arrived", None, self.id, {**ends, "content": self.content, "unseen": True})
        yield Event(time, RELAY, "forwarded", None, self.id, ends)
        if self.received is not None:
            yield Event(self.received, self.receiver, "received", self.sender, self.id, data)


class Transfers:
    """All messages of a dump.

    What one connection sent and another took are one message when they say the same, each once: senders may say the same
    twice, and servers write their descriptions with the same session and version again and again.
    """

    def __init__(self) -> None:
        self._all: list[Transfer] = []
        self._unreceived: defaultdict[Mark, deque[Transfer]] = defaultdict(deque)
        self._unsent: defaultdict[Mark, deque[Transfer]] = defaultdict(deque)

    def __iter__(self) -> Iterator[Transfer]:
        return iter(self._all)

    def sent(
        self, time: float, ends: tuple[str, str], event: str, content: dict[str, Any] | None, *mark: str
    ) -> Transfer:
        """Add the sending of a message.

        Parameters
        ----------
        time : float
            When it was sent.
        ends : (str, str)
            Sender and receiver.
        event : str
            What carries it.
        content : dict or None
            What it says.
        *mark : str
            What tells it from other messages of this kind.

        Returns
        -------
        Transfer
            The message.
        """
        # A page may have given a description to its other connection before its own had set it.
        transfer = self._matched(self._unsent, self._unreceived, ends, event, content, mark)
        transfer.sent = time
        return transfer

    def received(
        self, time: float, ends: tuple[str, str], event: str, content: dict[str, Any] | None, *mark: str
    ) -> Transfer:
        """Add the coming of a message.

        Parameters
        ----------
        time : float
            When it came.
        ends : (str, str)
            Sender and receiver.
        event : str
            What carries it.
        content : dict or None
            What it says.
        *mark : str
            What tells it from other messages of this kind.

        Returns
        -------
        Transfer
            The message.
        """
        transfer = self._matched(self._unreceived, self._unsent, ends, event, content, mark)
        transfer.received = time
        return transfer

    def _matched(
        self,
        waiting: defaultdict[Mark, deque[Transfer]],
        others: defaultdict[Mark, deque[Transfer]],
        ends: tuple[str, str],
        event: str,
        content: dict[str, Any] | None,
        mark: Mark,
    ) -> Transfer:
        key = (*ends, event, *mark)
        if waiting[key]:
            return waiting[key].popleft()
        transfer = Transfer(f"m{len(self._all) + 1}", *ends, event, content)
        self._all.append(transfer)
        others[key].append(transfer)
        return transfer
