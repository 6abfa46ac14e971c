"""A recording's file as a ZIP archive: its members, and what can be saved of one that breaks off."""

from __future__ import annotations

import copy
import io
import lzma
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from ...errors import InvalidArgumentError
from .. import manifest

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_LOCAL_MARK: Final = b"PK\x03\x04"
_CHUNK: Final = 1 << 20
# Only what is text is compressed: that of a day is less. Who is sent a file must be able to open it without fear.
_MOST_EXPANDED: Final = 1 << 30

BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    LookupError,
    RuntimeError,  # encrypted; with it NotImplementedError, for a compression that is not known
    ValueError,
    OverflowError,
)
"""What reading a damaged archive raises."""


class Slice(io.RawIOBase):
    """A member that is stored as it is, as a file of its own: `zipfile` reads from the beginning to seek back."""

    def __init__(self, path: Path, offset: int, size: int) -> None:
        self._file = path.open("rb")
        self._offset, self._size, self._at = offset, size, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something."""
        count = max(0, min(len(buffer), self._size - self._at))
        self._file.seek(self._offset + self._at)
        read = self._file.readinto(memoryview(buffer)[:count])
        self._at += read
        return read

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return where it is."""
        return self._at

    def close(self) -> None:
        """Close the archive too."""
        self._file.close()
        super().close()


def check(path: Path) -> None:
    """Refuse what is no archive with a manifest in it, and what would fill the memory.

    Raises
    ------
    InvalidArgumentError
        ``bad_recording``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            archive.getinfo(manifest.NAME)
            packed = [info for info in archive.infolist() if info.compress_type != zipfile.ZIP_STORED]
            expanded = sum(info.file_size for info in packed)
    except KeyError:
        msg = f"{str(path)!r} is no recording: there is no {manifest.NAME} in it."
        raise InvalidArgumentError("bad_recording", msg) from None
    if expanded > _MOST_EXPANDED:
        msg = f"{str(path)!r} is no recording: {expanded / 2**30:.0f} GiB are packed into it, which no recording needs."
        raise InvalidArgumentError("bad_recording", msg)


def members(path: Path) -> dict[str, int]:
    """Return the names of an archive's members, and their sizes."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info.file_size for info in archive.infolist()}


def open_stored(path: Path, name: str) -> IO[bytes]:
    """Open a member that is stored as it is, or one that somebody else's program has compressed."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:
            return io.BytesIO(archive.read(info))
    with path.open("rb") as file:
        file.seek(info.header_offset)
        *_, name_length, extra_length = _LOCAL.unpack(file.read(_LOCAL.size))
    offset = info.header_offset + _LOCAL.size + name_length + extra_length
    return io.BufferedReader(Slice(path, offset, info.file_size))


def rewrite(path: Path, text: str) -> None:
    """Replace an archive's manifest; until all is written, what was there stays."""
    beside = path.with_name(f".{path.name}.new")
    try:
        with zipfile.ZipFile(path) as old, beside.open("wb") as file:
            with zipfile.ZipFile(file, "w") as new:
                new.writestr(manifest.NAME, text)
                for info in old.infolist():
                    if info.filename != manifest.NAME:
                        with old.open(info) as source, new.open(copy.copy(info), "w") as target:
                            shutil.copyfileobj(source, target, _CHUNK)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def recover(path: Path, target: Path) -> None:
    """Write an archive of those members of a broken one that are whole.

    Raises
    ------
    InvalidArgumentError
        ``bad_recording`` where there is no manifest any more.
    """
    with path.open("rb") as file, zipfile.ZipFile(target, "w") as archive:
        for name, compression, data in _whole(file):
            archive.writestr(name, data, compress_type=compression)
        names = archive.namelist()
    if manifest.NAME not in names:
        msg = (
            f"{str(path)!r} is no recording, or only a piece of one: it is no ZIP file with a {manifest.NAME}. "
            "Was it copied or downloaded completely?"
        )
        raise InvalidArgumentError("bad_recording", msg)


def _whole(file: IO[bytes]) -> Iterator[tuple[str, int, bytes]]:
    """Yield name, compression and data of each member that can be read to its end, by the headers before them."""
    total = os.fstat(file.fileno()).st_size
    while len(head := file.read(_LOCAL.size)) == _LOCAL.size:
        mark, _, _, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(head)
        if mark != _LOCAL_MARK:
            return
        name, extra = file.read(name_length).decode("utf-8", "replace"), file.read(extra_length)
        if packed == 0xFFFFFFFF and len(extra) >= 20:
            size, packed = struct.unpack_from("<QQ", extra, 4)  # sizes of more than 4 GiB
        data = file.read(min(packed, total))
        try:
            if method == zipfile.ZIP_DEFLATED:
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, min(size, _MOST_EXPANDED) + 1)
        except zlib.error:
            return
        if len(data) != size or zlib.crc32(data) != crc:
            return
        yield name, method, data
