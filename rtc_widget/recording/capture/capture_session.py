"""One recording's line to the relay: says that the room is recorded, and takes what participants record of themselves."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ...errors import ProtocolError, RtcWidgetError, is_fatal
from ...runtime.tasks import TaskSet
from ...signaling.observer import Observer, ObserverListener
from .event_filter import Plain
from .staging_folder import Folder

_SAY_SECONDS: Final = 0.03
# What is still on its way at the end; a browser on a busy machine is seconds behind with encoding.
_REST_SECONDS: Final = 10.0
# An outage that nobody would notice in a recording.
_GAP_SECONDS: Final = 2.0
# Of one participant: a mute every few seconds for hours.
_MAX_SEGMENTS: Final = 2_000
_MIME: Final = re.compile(r"(?:video|audio)/[a-z0-9-]+(?:; ?codecs=[\w\",. -]+)?")
_SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

Key = tuple[str, str, int]
"""A segment: participant, track and number."""


@dataclass(slots=True)
class _Segment:
    file: str
    size: int = 0
    written: int = 0
    ended: bool = False

    @property
    def received(self) -> int:
        """How far it has been written, the end counted as a byte."""
        return self.written + (1 if self.ended and self.written == self.size else 0)


class CaptureSession:
    """Records a room from `start` until `close`. Used on the RTC loop.

    Parameters
    ----------
    room, recording : str
        The room's name and the recording's id.
    name : str
        Who records, as everybody is told.
    observer : Observer
        Of the room, with a teacher's token.
    folder : Folder
        Where to.
    plain : Plain
        What may be written.
    began : callable
        Called when everybody has been told.
    failed : callable
        Takes the error when the relay refuses for good.
    """

    def __init__(
        self,
        room: str,
        recording: str,
        *,
        name: str,
        observer: Observer,
        folder: Folder,
        plain: Plain,
        began: Callable[[], None],
        failed: Callable[[RtcWidgetError], None],
    ) -> None:
        self._room, self._recording, self._name = room, recording, name
        self._observer = observer
        self._folder, self._plain = folder, plain
        self._began, self._failed = began, failed
        self._segments: dict[Key, _Segment] = {}
        self._counts: Counter[str] = Counter()
        self._declined: set[str] = set()
        # Who is here and records itself, by id, with their names; and who has sent everything.
        self._here: dict[str, str] = {}
        self._done: set[str] = set()
        # Participants who are to be told in a moment how far it has come, and with which segments.
        self._unsaid: dict[str, set[Key]] = {}
        self._begun = self._ending = False
        self._rested = asyncio.Event()
        self.lost_at: float | None = None
        self._tasks = TaskSet()
        self._listener = ObserverListener(self._on_snapshot, self._on_event, self._on_lost, self._on_failed)

    def start(self) -> None:
        """Record from now on, or as soon as there is a relay."""
        self._observer.add(self._listener)

    async def close(self) -> None:
        """Record nothing more."""
        await self._observer.remove(self._listener)
        await self._tasks.close()

    @property
    def connected(self) -> bool:
        """Whether the relay is there now."""
        return self._observer.connected

    async def end(self, *, rest: bool) -> None:
        """Tell everybody that it is over, and take what is on its way if there is a ``rest`` to be had."""
        self._ending = True
        if not self._observer.connected:
            return
        try:
            await self._switch(on=False)
            async with asyncio.timeout(_REST_SECONDS):
                while rest and self._missing():
                    self._rested.clear()
                    await self._rested.wait()
        except (RtcWidgetError, TimeoutError):
            for name in self._missing():
                self._folder.problem(f"The last seconds of {name} did not come in time.")

    def _missing(self) -> list[str]:
        """Return the names of those who have not sent everything."""
        sent = self._done | self._declined
        return [name for key, name in self._here.items() if key not in sent]

    # -- from the room's observer

    def _on_snapshot(self, watched: dict[str, Any]) -> None:
        first = not self._begun
        self._here = {}
        for entry in watched["participants"]:
            self._came(entry)
        if first:
            self._folder.begin(watched["time"] / 1000)
        elif self.lost_at is not None and self._folder.seconds - self.lost_at > _GAP_SECONDS:
            when = f"from {self.lost_at:.1f} to {self._folder.seconds:.1f} s"
            self._folder.problem(f"There was no relay {when}: what happened then is not in the trace.")
        self.lost_at = None
        self._write("snapshot", self._plain.snapshot(watched))
        self._tasks.spawn(self._announce(first))

    def _came(self, entry: dict[str, Any]) -> None:
        if entry["caps"].get("records"):
            self._here[entry["socketId"]] = self._plain.said(entry["name"])

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
            # Else the connection was lost, and the next one tries again.
            return
        self._begun = True
        if first:
            self._began()

    async def _switch(self, *, on: bool) -> None:
        said = {"roomId": self._room, "recording": self._recording, "on": on, "name": self._name}
        await self._observer.request("record_room", said)

    def _on_failed(self, error: RtcWidgetError) -> None:
        if is_fatal(error.code):
            self._failed(error)

    def _on_event(self, event: str, payload: dict[str, Any]) -> None:
        if event == "recorded":
            if payload["recording"] == self._recording:
                self._take(payload["from"], payload["piece"])
            return
        if event == "user_joined":
            self._came(payload)
        elif event == "user_left":
            self._here.pop(payload["socketId"], None)
            self._done.discard(payload["socketId"])
            self._rested.set()
        kept = self._plain.event(event, payload)
        if kept is not None:
            self._write(event, kept)

    def _write(self, event: str, payload: dict[str, Any]) -> None:
        self._folder.line("heard", {"event": event, "payload": payload})

    # -- pieces

    def _take(self, sender: str, piece: dict[str, Any]) -> None:
        if not _SAFE.fullmatch(sender):
            return
        if "done" in piece:
            self._done.add(sender)
            self._rested.set()
            return
        if sender in self._declined:
            return
        if "declined" in piece:
            self._leave_out(sender)
            return
        key = (sender, piece["track"], piece["number"])
        segment = self._segments.get(key) or self._begin(key, piece)
        if segment is None:
            return
        if piece["offset"] == segment.size and not segment.ended:
            self._append(key, segment, piece)
        else:
            # It came before, and its sender does not know.
            self._say_soon(key)

    def _begin(self, key: Key, piece: dict[str, Any]) -> _Segment | None:
        sender, track, number = key
        if piece["offset"] != 0:
            return None
        if self._counts[sender] >= _MAX_SEGMENTS:
            name = self._here.get(sender, "somebody")
            self._folder.problem(f"Of {name} only the first {_MAX_SEGMENTS} segments were kept.")
            return None
        self._counts[sender] += 1
        mime = piece["mime"] if _MIME.fullmatch(piece["mime"]) else "video/webm"
        ending = "mp4" if "mp4" in piece["mime"] else "webm"
        segment = self._segments[key] = _Segment(f"{sender}-{track}-{number}.{ending}")
        about = {field: piece[field] for field in ("at", "video", "audio")}
        about = {"participant": sender, "track": track, "number": number, "mime": mime, **about}
        self._folder.line("segments", {**about, "file": f"media/{segment.file}"})
        return segment

    def _append(self, key: Key, segment: _Segment, piece: dict[str, Any]) -> None:
        try:
            data = base64.b64decode(piece["data"], validate=True)
        except (binascii.Error, ValueError):
            return
        loop = asyncio.get_running_loop()

        def written() -> None:
            segment.written += len(data)
            loop.call_soon_threadsafe(self._say_soon, key)

        if not self._folder.add(segment.file, data, written):
            return  # it is sent again
        segment.size += len(data)
        if piece["last"]:
            segment.ended = True
            self._folder.finish(segment.file)

    def _leave_out(self, participant: str) -> None:
        self._declined.add(participant)
        self._folder.line("declined", {"participant": participant})
        theirs = [key for key in self._segments if key[0] == participant]
        self._folder.remove([self._segments.pop(key).file for key in theirs])

    def _say_soon(self, key: Key) -> None:
        """Tell the sender how far a segment has come: once for many pieces."""
        if key not in self._segments:
            return
        if key[0] not in self._unsaid:
            self._unsaid[key[0]] = set()
            self._tasks.spawn(self._say(key[0]))
        self._unsaid[key[0]].add(key)

    async def _say(self, participant: str) -> None:
        await asyncio.sleep(_SAY_SECONDS)
        keys = self._unsaid.pop(participant, set())
        segments = {key: self._segments[key] for key in keys if key in self._segments}
        pieces = [
            {"track": key[1], "number": key[2], "offset": one.received} for key, one in segments.items()
        ]
        if not pieces:
            return
        said = {"roomId": self._room, "recording": self._recording, "to": participant, "pieces": pieces}
        # A connection that was lost meanwhile: it is sent again, and said again.
        with contextlib.suppress(ProtocolError):
            await self._observer.request("received", said)
