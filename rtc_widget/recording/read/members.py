"""The members of a recording's archive, read when they are needed."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from ...errors import InvalidArgumentError, RtcWidgetError
from ...runtime.paths import reason_of
from ...trace.io.jsonl import read
from ...trace.io.values import moment
from ...trace.stats import Stats
from ...trace.trace import Trace
from .. import json_lines
from ..contents import Change, Ended, Medium, Said
from ..manifest import NAME, Manifest
from . import archive


class Members:
    """The members of an archive.

    Parameters
    ----------
    path : Path
        The archive, which has a manifest.
    broken : bool
        Whether it was recovered from an incomplete one.

    Attributes
    ----------
    manifest : Manifest
        The participants and media.
    broken : bool
        As given.
    """

    def __init__(self, path: Path, *, broken: bool = False) -> None:
        self.path = path
        self.broken = broken
        self._members = archive.members(path)
        self.manifest = self.read_manifest()
        self._problems: list[str] = []
        # By file: why it is not among the media.
        self._unusable: dict[str, str] = {}
        self._verified = False

    @property
    def ended(self) -> Ended:
        """How the recording ended."""
        if self.broken:
            return Ended("damaged", "The file is incomplete: everything up to the break was read.")
        return self.manifest.ended

    def check_unchanged(self) -> None:
        """Check that the file is the one that was opened; a chapter may have been added to it.

        By its members' sizes and checksums: numbers of files are not everywhere the same for one file, and a file that
        is kept open could not be replaced on Windows.

        Raises
        ------
        InvalidArgumentError
            ``bad_recording`` when it is gone, or another.
        """
        where = repr(str(self.path))
        try:
            same = _without_manifest(archive.members(self.path)) == _without_manifest(self._members)
        except FileNotFoundError as error:
            msg = f"Cannot read {where}: {reason_of(error)}. It was moved or deleted since it was opened."
            raise InvalidArgumentError("bad_recording", msg) from None
        except OSError as error:
            raise InvalidArgumentError("bad_recording", f"Cannot read {where}: {reason_of(error)}.") from None
        except archive.BROKEN:
            same = False
        if not same:
            msg = f"Cannot read {where}: it was written over since it was opened. Recording.open opens what is there now."
            raise InvalidArgumentError("bad_recording", msg)

    def read_manifest(self) -> Manifest:
        """Read the manifest, to which others may have added chapters.

        Returns
        -------
        Manifest
            As it is now.
        """
        with zipfile.ZipFile(self.path) as opened:
            return Manifest.of(opened.read(NAME), str(self.path))

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Read of the file that was opened, before and after which it must be there."""
        self.check_unchanged()
        try:
            yield
        except archive.BROKEN:
            self.check_unchanged()
            raise

    def open_medium(self, medium: Medium) -> IO[bytes]:
        """Open a media file; it is the caller's to close.

        Parameters
        ----------
        medium : Medium
            Which.

        Returns
        -------
        file
            A binary file.

        Raises
        ------
        InvalidArgumentError
            ``bad_recording`` when the recording is gone, or another.
        """
        with self._reading():
            return archive.open_stored(self.path, medium.file)

    @property
    def unusable(self) -> tuple[tuple[Medium, str], ...]:
        """The media files that are missing or damaged, each with a sentence that says whose it is."""
        _ = self.media
        names = {person.id: person.name for person in self.manifest.participants}
        return tuple(
            (
                medium,
                f"What was recorded of {'the shared screen of ' if medium.track == 'screen' else ''}"
                f"{names.get(medium.participant, 'somebody')} cannot be read: "
                f"{self._unusable[medium.file]}",
            )
            for medium in self.manifest.media
            if medium.file in self._unusable
        )

    def problems(self) -> tuple[str, ...]:
        """Return what is missing or damaged. Reads everything.

        Returns
        -------
        tuple of str
            A sentence for each problem.
        """
        _ = self.media, self.trace, self.stats, self.messages, self.traits
        first = ["The file is incomplete."] if self.broken else []
        media = [problem for _, problem in self.unusable]
        return tuple(dict.fromkeys([*first, *self.manifest.problems, *media, *self._problems]))

    @cached_property
    def media(self) -> tuple[Medium, ...]:
        """The media files that exist and match their hash in the manifest."""
        return tuple(medium for medium in self.manifest.media if self._is_whole(medium))

    def _is_whole(self, medium: Medium) -> bool:
        if medium.file not in self._members:
            self._unusable[medium.file] = f"{medium.file} is missing."
            return False
        size, _ = self._members[medium.file]
        try:
            with self.open_medium(medium) as file:
                digest = hashlib.file_digest(cast("Any", file), "sha256").hexdigest()
        except RtcWidgetError:
            raise
        except archive.BROKEN:
            digest = ""
        if size != medium.size or digest != medium.sha256:
            self._unusable[medium.file] = f"{medium.file} is damaged, or not the file that was recorded."
            return False
        return True

    def verify_media(self) -> None:
        """Drop media whose streams do not match the manifest: anybody can make a hash fit. Needs av."""
        if self._verified:
            return
        wrong = [medium for medium in self.media if not self._matches_content(medium)]
        self._unusable |= {
            medium.file: f"{medium.file} does not match its description in the manifest." for medium in wrong
        }
        self.media = tuple(medium for medium in self.media if medium not in wrong)
        self._verified = True

    def _matches_content(self, medium: Medium) -> bool:
        from ...media.open_media import open_media

        if medium.seconds <= 0 or (medium.video is not None and min(medium.width, medium.height) <= 0):
            return False
        with self.open_medium(medium) as file:
            try:
                with open_media(file) as opened:
                    streams = opened.streams.video, opened.streams.audio
            except archive.BROKEN:
                return False
        announced = medium.video, medium.audio
        return all(codec is None or found for codec, found in zip(announced, streams, strict=True))

    @cached_property
    def trace(self) -> Trace:
        """The trace of the call."""
        return self._trace("trace.jsonl")

    @cached_property
    def stats(self) -> Stats:
        """The measurements of the call."""
        return Stats.of(self._trace("stats.jsonl"))

    def _trace(self, name: str) -> Trace:
        if name in self._members:
            try:
                with self._reading(), warnings.catch_warnings(record=True) as warned:
                    warnings.simplefilter("always")
                    with zipfile.ZipFile(self.path) as opened, opened.open(name) as file:
                        # Our own format only: others are compressed, or kept in memory as a whole.
                        trace = read(file, name)
                if trace is None:
                    raise ValueError("not a trace of ours")
                if warned:
                    self._problems.append(
                        f"{name} is incomplete or damaged: everything up to there was read."
                    )
                return trace
            except archive.BROKEN as error:
                if isinstance(error, RtcWidgetError) and error.code == "bad_recording":
                    raise
                self._problems.append(f"{name} is damaged.")
        else:
            self._problems.append(f"{name} is missing.")
        names = {person.id: person.name for person in self.manifest.participants}
        return Trace((), names=names, room=self.manifest.room)

    @cached_property
    def messages(self) -> tuple[Said, ...]:
        """The data channel messages."""
        return tuple(self._lines("messages.jsonl", _message))

    @cached_property
    def traits(self) -> tuple[Change, ...]:
        """The trait changes."""
        return tuple(self._lines("traits.jsonl", _change))

    def _lines(self, name: str, make: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
        if name not in self._members:
            self._problems.append(f"{name} is missing.")
            return
        try:
            with self._reading(), zipfile.ZipFile(self.path) as opened, opened.open(name) as file:
                yield from json_lines.read(file, name, self._problems, make)
        except RtcWidgetError:
            raise
        except archive.BROKEN:
            self._problems.append(f"{name} is damaged: everything up to there was read.")


def _without_manifest(members: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {name: about for name, about in members.items() if name != NAME}


def _message(value: dict[str, Any]) -> Said:
    to = value.get("to")
    data, size = value.get("data"), 0
    if "bytes" in value:
        size = int(value["bytes"])
        try:
            data = base64.b64decode(value["base64"]) if "base64" in value else None
        except binascii.Error:
            raise ValueError("base64") from None
    return Said(moment(value["time"]), str(value["from"]), None if to is None else str(to), data, size)


def _change(value: dict[str, Any]) -> Change:
    participant = value.get("participant")
    participant_id = None if participant is None else str(participant)
    return Change(moment(value["time"]), participant_id, str(value["name"]), value.get("value"))
