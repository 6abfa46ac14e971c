"""A recording's file as a ZIP archive: its members, and recovery of an incomplete one."""

from __future__ import annotations

import copy
import io
import lzma
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from ...errors import InvalidArgumentError
from ...runtime.files import replacing
from .. import manifest

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_LOCAL_MARK: Final = b"PK\x03\x04"
_CHUNK: Final = 1 << 20
# What a recorder compresses is text, which becomes a tenth of its size. Whatever claims to have been far larger is
# meant to fill the reader's memory.
_MOST_EXPANDED: Final = 1 << 30
_MOST_RATIO: Final = 100
_SMALL: Final = 1 << 20
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    LookupError,
    RuntimeError,  # encrypted; includes NotImplementedError, for an unknown compression
    ValueError,
    OverflowError,
)
"""What reading a damaged archive raises."""


class StoredMember(io.RawIOBase):
    """An uncompressed member as a seekable file: `zipfile` rereads from the beginning to seek back.

    Parameters
    ----------
    path : Path
        The archive.
    offset, size : int
        Where the member's data are in it, bytes.
    """

    def __init__(self, path: Path, offset: int, size: int) -> None:
        self._file = path.open("rb")
        self._offset, self._size, self._at = offset, size, 0

    def readable(self) -> bool:
        """Return True: the member can be read.

        Returns
        -------
        bool
            True.
        """
        return True

    def seekable(self) -> bool:
        """Return True: the position can be changed.

        Returns
        -------
        bool
            True.
        """
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer.

        Parameters
        ----------
        buffer : object
            A writable buffer.

        Returns
        -------
        int
            The number of bytes that were read, 0 at the end.
        """
        count = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._offset + self._at)
        read = self._file.readinto(memoryview(buffer)[:count])
        self._at += read
        return read

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Change the position.

        Parameters
        ----------
        offset : int
            Bytes, relative to `whence`.
        whence : int
            One of ``os.SEEK_SET``, ``os.SEEK_CUR`` and ``os.SEEK_END``.

        Returns
        -------
        int
            The new position.
        """
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the position.

        Returns
        -------
        int
            Bytes from the member's beginning.
        """
        return self._at

    def close(self) -> None:
        """Close the member and the archive."""
        self._file.close()
        super().close()


def check(path: Path) -> None:
    """Check that a file is an archive with a manifest, whose members are stored or deflated, and not bombs.

    `zipfile` unpacks no more of a deflated member than its header says; of other methods it unpacks everything.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InvalidArgumentError
        ``bad_recording``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            archive.getinfo(manifest.NAME)
            infos = archive.infolist()
    except KeyError:
        msg = f"{str(path)!r} is not a recording: it has no {manifest.NAME}."
        raise InvalidArgumentError("bad_recording", msg) from None
    total = 0
    for info in infos:
        problem = _problem(info.compress_type, info.compress_size, info.file_size)
        total += 0 if info.compress_type == zipfile.ZIP_STORED else info.file_size
        if problem or total > _MOST_EXPANDED:
            problem = problem or f"it unpacks to more than {_MOST_EXPANDED >> 30} GiB"
            msg = f"{str(path)!r} is not a recording: {problem} ({info.filename[:80]!r})."
            raise InvalidArgumentError("bad_recording", msg)


def _problem(method: int, packed: int, expanded: int) -> str:
    """Return why a member is none of a recording's, by its header; empty when it may be."""
    if method not in _METHODS:
        return "a member is compressed in a way that recorders do not use"
    if method == zipfile.ZIP_STORED:
        return "" if packed == expanded else "a member's sizes contradict each other"
    if expanded > max(_SMALL, packed * _MOST_RATIO):
        return f"a member unpacks to more than {_MOST_RATIO} times its size"
    return ""


def members(path: Path) -> dict[str, tuple[int, int]]:
    """Return the members of an archive.

    Parameters
    ----------
    path : Path
        The archive.

    Returns
    -------
    dict
        Uncompressed sizes in bytes, and checksums, by name.
    """
    with zipfile.ZipFile(path) as archive:
        return {info.filename: (info.file_size, info.CRC) for info in archive.infolist()}


def open_stored(path: Path, name: str) -> IO[bytes]:
    """Open a member as a seekable file; one that another program has compressed is read into memory.

    Parameters
    ----------
    path : Path
        The archive.
    name : str
        The member.

    Returns
    -------
    file
        A binary file, which the caller closes.
    """
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:
            return io.BytesIO(archive.read(info))
    with path.open("rb") as file:
        file.seek(info.header_offset)
        *_, name_length, extra_length = _LOCAL.unpack(file.read(_LOCAL.size))
    offset = info.header_offset + _LOCAL.size + name_length + extra_length
    return io.BufferedReader(StoredMember(path, offset, info.file_size))


def rewrite(path: Path, text: str) -> None:
    """Replace an archive's manifest; the old file stays until everything is written, and its mode remains.

    Parameters
    ----------
    path : Path
        The archive.
    text : str
        The new manifest.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    with replacing(path, mode) as file:
        # As it was, whatever the umask.
        Path(file.name).chmod(mode)
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(file, "w") as new:
            new.writestr(manifest.NAME, text)
            for info in old.infolist():
                if info.filename != manifest.NAME:
                    with old.open(info) as source, new.open(copy.copy(info), "w") as target:
                        shutil.copyfileobj(source, target, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


def recover(path: Path, target: Path) -> None:
    """Write an archive of the intact members of an incomplete one.

    Parameters
    ----------
    path : Path
        The incomplete archive.
    target : Path
        The archive to write.

    Raises
    ------
    InvalidArgumentError
        ``bad_recording`` when no manifest is left.
    """
    with path.open("rb") as file, zipfile.ZipFile(target, "w") as archive:
        for name, compression, data in _whole(file):
            archive.writestr(name, data, compress_type=compression)
        names = archive.namelist()
    if manifest.NAME not in names:
        msg = (
            f"{str(path)!r} is not a recording, or an incomplete one: it is not a ZIP file with a {manifest.NAME}. "
            "Was it copied or downloaded completely?"
        )
        raise InvalidArgumentError("bad_recording", msg)


def _whole(file: IO[bytes]) -> Iterator[tuple[str, int, bytes]]:
    """Yield name, compression and data of each member that can be read to its end, by the headers before them."""
    total, expanded = os.fstat(file.fileno()).st_size, 0
    while len(head := file.read(_LOCAL.size)) == _LOCAL.size:
        mark, _, _, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(head)
        if mark != _LOCAL_MARK:
            return
        name, extra = file.read(name_length).decode("utf-8", "replace"), file.read(extra_length)
        if packed == 0xFFFFFFFF and len(extra) >= 20:
            size, packed = struct.unpack_from("<QQ", extra, 4)  # sizes of more than 4 GiB
        if _problem(method, packed, size):
            return
        data = file.read(min(packed, total))
        try:
            if method == zipfile.ZIP_DEFLATED:
                expanded += size
                if expanded > _MOST_EXPANDED:
                    return
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size + 1)
        except zlib.error:
            return
        if len(data) != size or zlib.crc32(data) != crc:
            return
        yield name, method, data
