"""A recording's signaling session: announces the recording, and receives what participants record of themselves."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from ...errors import ProtocolError, RtcWidgetError, is_fatal
from ...runtime.tasks import TaskSet
from ...signaling.observer import Observer, ObserverListener
from .event_filter import EventFilter
from .staging_folder import StagingFolder

_ACK_SECONDS: Final = 0.03
# How long to wait for the last chunks; a browser on a busy machine encodes seconds behind.
_DRAIN_SECONDS: Final = 10.0
# Shorter outages leave no visible gap in a recording.
_GAP_SECONDS: Final = 2.0
# Per participant: enough for one mute every few seconds, for hours.
_MAX_SEGMENTS: Final = 2_000
_MIME: Final = re.compile(r"(?:video|audio)/[a-z0-9-]+(?:; ?codecs=[\w\",. -]+)?")
# Without these nothing else can be understood, and nobody causes many of them.
_ALWAYS_WRITTEN: Final = frozenset({"snapshot", "user_joined", "user_left"})
_SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

Key = tuple[str, str, int]
"""A segment: participant, track and number."""


@dataclass(slots=True)
class _OpenSegment:
    file: str
    size: int = 0
    written: int = 0
    ended: bool = False

    @property
    def received(self) -> int:
        """How far it has been written; the end counts as one byte."""
        return self.written + (1 if self.ended and self.written == self.size else 0)


class CaptureSession:
    """Records a room from `start` until `close`. Used on the RTC loop only.

    Parameters
    ----------
    room, recording : str
        The room's name and the recording's id.
    name : str
        The recorder's name, as announced to everybody.
    by : str or None
        The recorder's id, None where it is not in the room.
    observer : Observer
        The room's observer, with a teacher's token.
    folder : StagingFolder
        Receives events and media.
    event_filter : EventFilter
        Removes what may not be stored.
    max_bytes : float
        How much the recording may hold: of several participants none may take more than half of it.
    began : callable
        Called once everybody has been informed.
    failed : callable
        Takes the error when the relay refuses the recording for good.
    """

    def __init__(
        self,
        room: str,
        recording: str,
        *,
        name: str,
        by: str | None,
        observer: Observer,
        folder: StagingFolder,
        event_filter: EventFilter,
        max_bytes: float,
        began: Callable[[], None],
        failed: Callable[[RtcWidgetError], None],
    ) -> None:
        self._room, self._recording, self._name = room, recording, name
        self._by = {} if by is None else {"by": by}
        self._observer = observer
        self._folder, self._filter = folder, event_filter
        self._share = max_bytes / 2
        self._began, self._failed = began, failed
        self._segments: dict[Key, _OpenSegment] = {}
        self._segment_counts: Counter[str] = Counter()
        # Bytes by participant, and who has sent more than the share of one.
        self._sizes: Counter[str] = Counter()
        self._excessive: set[str] = set()
        self._declined: set[str] = set()
        # Names by id of the members that record themselves; and ids of those that have sent everything.
        self._members: dict[str, str] = {}
        self._done: set[str] = set()
        # Segments whose progress will be acknowledged in a moment, by participant.
        self._unacknowledged: dict[str, set[Key]] = {}
        self._announced = self._ending = False
        self._drained = asyncio.Event()
        self.lost_at: float | None = None
        self._tasks = TaskSet()
        self._listener = ObserverListener(self._on_snapshot, self._on_event, self._on_lost, self._on_failed)

    def start(self) -> None:
        """Start recording, as soon as there is a connection to the relay."""
        self._observer.add(self._listener)

    async def close(self) -> None:
        """Stop recording anything."""
        await self._observer.remove(self._listener)
        await self._tasks.close()

    @property
    def connected(self) -> bool:
        """Whether the relay is connected now."""
        return self._observer.connected

    async def end(self, *, drain: bool) -> None:
        """Announce that the recording is over, and receive what is still being sent.

        Parameters
        ----------
        drain : bool
            Whether to wait for the last chunks, for at most 10 s.
        """
        self._ending = True
        if not self._observer.connected:
            return
        try:
            await self._switch(on=False)
            async with asyncio.timeout(_DRAIN_SECONDS):
                while drain and self._pending_members():
                    self._drained.clear()
                    await self._drained.wait()
        except (RtcWidgetError, TimeoutError):
            for name in self._pending_members():
                self._folder.add_problem(f"The last seconds of {name} did not arrive in time.")

    def _pending_members(self) -> list[str]:
        """Return the names of the members that have not sent everything."""
        sent = self._done | self._declined | self._excessive
        return [name for key, name in self._members.items() if key not in sent]

    # -- from the room's observer

    def _on_snapshot(self, payload: dict[str, Any]) -> None:
        first = not self._announced
        self._members = {}
        for entry in payload["participants"]:
            self._add_member(entry)
        if first:
            self._folder.set_origin(payload["time"] / 1000)
        elif self.lost_at is not None and self._folder.seconds - self.lost_at > _GAP_SECONDS:
            when = f"from {self.lost_at:.1f} to {self._folder.seconds:.1f} s"
            self._folder.add_problem(f"The relay was unreachable {when}: the trace has a gap there.")
        self.lost_at = None
        self._write("snapshot", self._filter.snapshot(payload))
        self._tasks.spawn(self._announce(first))

    def _add_member(self, entry: dict[str, Any]) -> None:
        name = self._filter.text_values(entry["name"])
        self._folder.introduce(entry["socketId"], name)
        if entry["caps"].get("records"):
            self._members[entry["socketId"]] = name

    def _on_lost(self) -> None:
        if self.lost_at is None:
            self.lost_at = self._folder.seconds

    async def _announce(self, first: bool) -> None:
        try:
            await self._switch(on=not self._ending)
        except ProtocolError as error:
            if error.code == "forbidden":
                msg = "Recording a room needs a teacher's token from the relay's owner."
                self._failed(ProtocolError("forbidden", msg))
            elif error.code not in ("timeout", "relay_unreachable"):
                self._failed(error)
            # Otherwise the connection was lost, and the next one announces again.
            return
        self._announced = True
        if first:
            self._began()

    async def _switch(self, *, on: bool) -> None:
        payload = {"roomId": self._room, "recording": self._recording, "on": on, "name": self._name}
        await self._observer.request("record_room", {**payload, **self._by})

    def _on_failed(self, error: RtcWidgetError) -> None:
        if is_fatal(error.code):
            self._failed(error)

    def _on_event(self, event: str, payload: dict[str, Any]) -> None:
        if event == "recorded":
            if payload["recording"] == self._recording:
                self._on_chunk(payload["from"], payload["piece"])
            return
        if event == "user_joined":
            self._add_member(payload)
        elif event == "user_left":
            self._members.pop(payload["socketId"], None)
            self._done.discard(payload["socketId"])
            self._drained.set()
        filtered = self._filter.event(event, payload)
        if filtered is not None:
            self._write(event, filtered)

    def _write(self, event: str, payload: dict[str, Any]) -> None:
        if event == "signal":
            for sender, entries in groupby(payload["entries"], itemgetter("from")):
                self._write_of(sender, event, {**payload, "entries": [*entries]})
        elif event in _ALWAYS_WRITTEN:
            self._folder.write_line("heard", {"event": event, "payload": payload})
        else:
            self._write_of(payload.get("from", payload.get("socketId")), event, payload)

    def _write_of(self, participant: str | None, event: str, payload: dict[str, Any]) -> None:
        self._folder.write_line_of(participant, "heard", {"event": event, "payload": payload})

    # -- segment chunks

    def _on_chunk(self, sender: str, chunk: dict[str, Any]) -> None:
        if not _SAFE.fullmatch(sender):
            return
        if "done" in chunk:
            self._done.add(sender)
            self._drained.set()
            return
        if sender in self._declined:
            return
        if "declined" in chunk:
            self._drop_participant(sender)
            return
        if sender in self._excessive:
            return
        key = (sender, chunk["track"], chunk["number"])
        segment = self._segments.get(key) or self._open_segment(key, chunk)
        if segment is None:
            return
        if chunk["offset"] == segment.size and not segment.ended:
            self._append(key, segment, chunk)
        else:
            # A duplicate, whose sender has missed the acknowledgement, or one that comes after a gap.
            self._ack_soon(key)

    def _open_segment(self, key: Key, chunk: dict[str, Any]) -> _OpenSegment | None:
        sender, track, number = key
        if chunk["offset"] != 0:
            return None
        if self._segment_counts[sender] >= _MAX_SEGMENTS:
            name = self._members.get(sender, "a participant")
            self._folder.add_problem(f"Only the first {_MAX_SEGMENTS} segments of {name} were kept.")
            return None
        self._segment_counts[sender] += 1
        mime = chunk["mime"] if _MIME.fullmatch(chunk["mime"]) else "video/webm"
        ending = "mp4" if "mp4" in chunk["mime"] else "webm"
        segment = self._segments[key] = _OpenSegment(f"media/{sender}-{track}-{number}.{ending}")
        about = {field: chunk[field] for field in ("at", "video", "audio")}
        about = {"participant": sender, "track": track, "number": number, "mime": mime, **about}
        self._folder.write_line("segments", {**about, "file": segment.file})
        return segment

    def _append(self, key: Key, segment: _OpenSegment, chunk: dict[str, Any]) -> None:
        try:
            data = base64.b64decode(chunk["data"], validate=True)
        except (binascii.Error, ValueError):
            return
        if self._takes_too_much(key[0], len(data)):
            return
        loop = asyncio.get_running_loop()

        def written() -> None:
            segment.written += len(data)
            loop.call_soon_threadsafe(self._ack_soon, key)

        if not self._folder.append(segment.file, data, written):
            return  # unacknowledged, so it will be resent
        segment.size += len(data)
        self._sizes[key[0]] += len(data)
        if chunk["last"]:
            segment.ended = True
            self._folder.finish_file(segment.file)

    def _takes_too_much(self, sender: str, more: int) -> bool:
        """Keep nothing more of somebody who would fill the recording, which ends it for everybody."""
        if self._sizes[sender] + more <= self._share or not self._sizes.keys() - {sender}:
            return False
        self._excessive.add(sender)
        name = self._members.get(sender, "a participant")
        self._folder.add_problem(
            f"What {name} sent took half of the recording's limit: the rest was left out."
        )
        self._drained.set()
        return True

    def _drop_participant(self, participant: str) -> None:
        self._declined.add(participant)
        self._folder.write_line("declined", {"participant": participant})
        theirs = [key for key in self._segments if key[0] == participant]
        self._folder.remove_files([self._segments.pop(key).file for key in theirs])

    def _ack_soon(self, key: Key) -> None:
        """Acknowledge a segment's progress to its sender, once for many chunks."""
        if key not in self._segments:
            return
        if key[0] not in self._unacknowledged:
            self._unacknowledged[key[0]] = set()
            self._tasks.spawn(self._send_acks(key[0]))
        self._unacknowledged[key[0]].add(key)

    async def _send_acks(self, participant: str) -> None:
        await asyncio.sleep(_ACK_SECONDS)
        keys = self._unacknowledged.pop(participant, set())
        segments = {key: self._segments[key] for key in keys if key in self._segments}
        offsets = [
            {"track": key[1], "number": key[2], "offset": one.received} for key, one in segments.items()
        ]
        if not offsets:
            return
        payload = {"roomId": self._room, "recording": self._recording, "to": participant, "pieces": offsets}
        # If the connection is lost meanwhile, the chunks are resent and acknowledged again.
        with contextlib.suppress(ProtocolError):
            await self._observer.request("received", payload)
