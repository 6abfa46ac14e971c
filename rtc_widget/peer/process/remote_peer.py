"""Another participant in a Python peer's room: the signaling, and the connection, which may be replaced."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from ...runtime.tasks import TaskSet
from ...signaling.negotiation_clock import NegotiationClock
from ...signaling.peer_signaling import Description, PeerSignaling, Post
from . import sdp_rules
from .browser_channel import BrowserChannel, Send
from .connection import Connection, ConnectionEvents
from .incoming import Incoming
from .outgoing import AudioHub, VideoHub
from .queued_candidate import QueuedCandidate

_REPAIR_SECONDS: Final = (0.2, 1.0, 3.0, 10.0)

NOTEBOOK_PAIR: Final = {"local": "notebook", "remote": "notebook", "protocol": "notebook"}
"""What is reported in place of a candidate pair while media take the notebook's own connection."""


@dataclass(frozen=True)
class RemoteContext:
    """What all remote peers of a room share.

    Attributes
    ----------
    room : str
        The room's name.
    order : callable
        Returns our position in the order of arrival, None before we have joined.
    ice_servers : callable
        Returns ``RTCIceServer`` dictionaries.
    choose_servers : callable
        Coroutine function that looks anew which servers answer, after which ``ice_servers`` returns those.
    video, audio : VideoHub, AudioHub
        What is sent.
    post : callable
        Sends an event to the relay; see `PeerSignaling`.
    report : callable
        Takes an entry of the report to the room's observers.
    flush_reports : callable
        Reports at once what was taken.
    on_message : callable
        Takes the sender's id and a data channel message.
    clock : NegotiationClock
        The room's.
    closing : TaskSet
        Holds connections until they are closed.
    """

    room: str
    order: Callable[[], int | None]
    ice_servers: Callable[[], list[dict[str, Any]]]
    choose_servers: Callable[[], Coroutine[Any, Any, None]]
    video: VideoHub
    audio: AudioHub
    post: Post
    report: Callable[[dict[str, Any]], None]
    flush_reports: Callable[[], None]
    on_message: Callable[[str, str | bytes], None]
    clock: NegotiationClock
    closing: TaskSet


class RemotePeer:
    """One other participant, from arrival to departure. Used on the loop.

    Parameters
    ----------
    entry : dict
        Their roster entry.
    context : RemoteContext
        Shared by the room.
    before : RemotePeer, optional
        The same participant in an earlier life, such as the page before a reload.
    """

    def __init__(
        self, entry: dict[str, Any], context: RemoteContext, before: RemotePeer | None = None
    ) -> None:
        self.id: str = entry["socketId"]
        self.entry = entry
        self.away: bool = entry["away"]
        self.incoming = Incoming()
        if before is not None:
            # Frame numbers continue, so that readers need not notice that there is another page.
            self.incoming.video.number = before.incoming.video.number
            self.incoming.screen.number = before.incoming.screen.number
        self._context = context
        self._repairs = 0
        # Of the other peer's connection that our last one was connected to.
        self._gone: set[str] = set()
        self._closed = False
        # The way that media take while ICE finds none.
        self._channel: BrowserChannel | None = None
        # Set when the connection that is there now is replaced.
        self._replaced = asyncio.Event()
        self.signaling = PeerSignaling(
            context.room,
            self.id,
            session=entry["session"],
            post=context.post,
            report=context.report,
            flush_reports=context.flush_reports,
            clock=context.clock,
        )
        self.signaling.on_offer_requested = self._on_offer_requested
        self.connection = self._open(first=self._offers_first())

    def update(self, entry: dict[str, Any]) -> None:
        """Apply a newer roster entry of the same life.

        Parameters
        ----------
        entry : dict
            The entry.
        """
        self.entry, self.away = entry, entry["away"]
        self.connection.resume()

    def set_away(self, away: bool) -> None:
        """Note whether their signaling path is lost.

        Parameters
        ----------
        away : bool
            Whether it is.
        """
        self.away = away
        if not away:
            self.connection.resume()

    def set_media(self, media: dict[str, bool]) -> None:
        """Note which media they have turned on.

        Parameters
        ----------
        media : dict
            By kind.
        """
        if not media["video"]:
            self.incoming.video.forget()
        if not media["screen"]:
            self.incoming.screen.forget()
        self.entry["media"] = media

    def close(self) -> None:
        """End the connection."""
        self._closed = True
        self._replaced.set()
        self._context.closing.spawn(self.connection.close())
        if self._channel is not None:
            self._context.closing.spawn(self._channel.close())

    def open_channel(self, send: Send) -> BrowserChannel:
        """Let media and messages take the notebook's own connection from now on, until the channel is closed.

        Parameters
        ----------
        send : callable
            Coroutine function that sends a message of the channel.

        Returns
        -------
        BrowserChannel
            Takes what comes; closing it is the caller's.
        """
        channel = BrowserChannel(
            send,
            incoming=self.incoming,
            video=self._context.video,
            audio=self._context.audio,
            on_message=lambda data: self._context.on_message(self.id, data),
            on_closed=lambda: self._on_channel_closed(channel),
        )
        before, self._channel = self._channel, channel
        if before is not None:
            self._context.closing.spawn(before.close())
        self._report_channel()
        self._context.closing.spawn(channel.send_all(self.connection.channel.take_unsent()))
        self._wake_senders()
        return channel

    def report_all(self) -> None:
        """Report every state anew, for an observer that has missed changes."""
        self.connection.report_all()
        if self._channel is not None:
            self._report_channel()

    async def measure(self) -> None:
        """Measure once and report what came since the last time."""
        if self._channel is None:
            await self.connection.measure()
        else:
            self._report({"type": "stats", **self._channel.stats.measure()})

    @property
    def takes_messages(self) -> bool:
        """Whether a message would be on its way at once."""
        return self._channel is not None or self.connection.channel.is_open

    def send_later(self, data: str | bytes) -> bool:
        """Send a message now, or when the connection's data channel opens.

        Parameters
        ----------
        data : str or bytes
            The message.

        Returns
        -------
        bool
            False when so many messages wait that this one is not taken.
        """
        return self.connection.channel.send_later(data)

    async def send(self, data: str | bytes, timeout: float) -> bool:  # noqa: ASYNC109
        """Send a message once there is a channel that is open and has room, also that of another connection.

        Parameters
        ----------
        data : str or bytes
            The message.
        timeout : float
            Seconds.

        Returns
        -------
        bool
            Whether that was in time.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not self._closed:
                    replaced = self._replaced
                    if self._channel is not None:
                        if await self._channel.send_message(data):
                            return True
                    elif await self._send_over_connection(data, replaced):
                        return True
                    else:
                        await replaced.wait()
        return False

    async def _send_over_connection(self, data: str | bytes, replaced: asyncio.Event) -> bool:
        """Send over the data channel, unless another way is there before it takes the message."""
        sending = asyncio.ensure_future(self.connection.channel.send(data))
        waiting = asyncio.ensure_future(replaced.wait())
        try:
            await asyncio.wait((sending, waiting), return_when=asyncio.FIRST_COMPLETED)
            return sending.done() and sending.result()
        finally:
            sending.cancel()
            waiting.cancel()

    def _report(self, entry: dict[str, Any]) -> None:
        self._context.report({**entry, "peer": self.id})

    def _report_channel(self) -> None:
        self._report({"type": "state", "name": "connection_state", "value": "connected"})
        self._report({"type": "pair", **NOTEBOOK_PAIR})

    def _on_channel_closed(self, channel: BrowserChannel) -> None:
        if self._channel is channel:
            self._channel = None
            if not self._closed:
                self.connection.report_all()

    def _wake_senders(self) -> None:
        self._replaced.set()
        self._replaced = asyncio.Event()

    def _offers_first(self) -> bool:
        """Return whether this side makes the first offer: always towards our browsers, else whoever joined first."""
        if self.entry["caps"].get("rollback"):
            return True
        order = self._context.order()
        return order is not None and order < self.entry["order"]

    def _open(self, *, first: bool) -> Connection:
        context = self._context
        made: Connection | None = None

        def is_current() -> bool:
            # Accept it while it is being made; ignore what a replaced connection still reports.
            return made is None or self.connection is made

        def report(entry: dict[str, Any]) -> None:
            if is_current():
                if entry.get("value") == "connected":
                    self._repairs = 0
                if self._channel is None or not _is_hidden(entry):
                    self._report(entry)

        def on_superseded(offer: Description, message: str | None, candidates: list[QueuedCandidate]) -> None:
            if is_current() and not self._closed:
                self._supersede(offer, message, candidates)

        def on_crossed() -> None:
            if is_current() and not self._closed:
                self._replace(first=False)
                self.signaling.request_offer()

        def on_silent() -> None:
            # By the time that either side gives up, both know.
            context.closing.spawn(context.choose_servers())

        def on_broken() -> None:
            if is_current() and not self._closed:
                self._repair()

        made = Connection(
            caps=self.entry["caps"],
            first=first,
            polite=not self._offers_first(),
            gone=self._gone,
            ice_servers=context.ice_servers(),
            video=context.video,
            audio=context.audio,
            incoming=self.incoming,
            signaling=self.signaling,
            events=ConnectionEvents(
                report=report,
                on_message=lambda data: context.on_message(self.id, data),
                on_superseded=on_superseded,
                on_crossed=on_crossed,
                on_silent=on_silent,
                on_broken=on_broken,
            ),
        )
        return made

    def _replace(self, *, first: bool) -> None:
        """Make another connection, which takes over the signaling."""
        before = self.connection
        if self.entry["caps"].get("rollback") is False:
            # A browser's may go on with another one of ours; a peer's cannot, and is replaced as well.
            self._gone = before.remote_fingerprints or self._gone
        self.connection = self._open(first=first)
        for data in before.channel.take_unsent():
            self.connection.channel.send_later(data)
        self._wake_senders()
        self._context.closing.spawn(before.close())

    def _supersede(self, offer: Description, message: str | None, candidates: list[QueuedCandidate]) -> None:
        """Answer an offer that is of another connection, or that only another connection of ours can answer."""
        self._replace(first=False)
        if self._gone & sdp_rules.fingerprints(offer["sdp"]):
            # What failed here goes on there.
            self.signaling.request_offer()
            return
        self.signaling.on_description(offer, message)
        for queued in candidates:
            self.signaling.on_candidate(queued.candidate, queued.message)

    def _repair(self) -> None:
        """Make another connection in place of one that failed: aiortc cannot restart ICE."""
        broken = self.connection
        pause = _REPAIR_SECONDS[min(self._repairs, len(_REPAIR_SECONDS) - 1)]
        self._repairs += 1

        first = self._offers_first()
        self._context.clock.later(pause, lambda: self._begin_anew(broken, first=first))

    def _begin_anew(self, broken: Connection, *, first: bool) -> None:
        """Replace a connection by another one, with servers that can be reached now."""

        async def begin() -> None:
            # Whatever has broken it may have cut off a server as well.
            await self._context.choose_servers()
            if self.connection is broken and not self._closed:
                self._replace(first=first)
                if not first:
                    self.signaling.request_offer()

        if not self._closed:
            self._context.closing.spawn(begin())

    def _on_offer_requested(self) -> None:
        if self.connection.unanswered:
            self.connection.resume()  # ours is a new one too, and its first offer was lost
        elif "rollback" in self.entry["caps"]:
            # Whoever knows our rules only requests an offer for a new connection.
            self._begin_anew(self.connection, first=True)
        else:
            self.connection.renegotiate()


def _is_hidden(entry: dict[str, Any]) -> bool:
    """Return whether it is about a connection in whose place a channel is used."""
    return entry.get("name") == "connection_state" or entry.get("code") == "connection_failed"
