"""Single-use tokens that have been used: also a relay that is started anew must know them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

_LONGEST: Final = 128
# Expired entries are dropped from the file once it has so many lines.
_COMPACT_LINES: Final = 1_000


class UsedTokens:
    """Nonces of used tokens until they expire. Used on the relay's loop.

    Parameters
    ----------
    path : Path or None
        A file that survives the relay, written as ``expiry nonce`` lines, readable by the user only; None to remember
        them only while the relay runs.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._expires = dict(_read(path)) if path is not None else {}
        self._lines = 0
        self._compact()

    def __contains__(self, nonce: object) -> bool:
        return nonce in self._expires

    def add(self, nonce: str, expires: float) -> None:
        """Remember a token.

        Parameters
        ----------
        nonce : str
            Its nonce.
        expires : float
            When it expires, seconds since the epoch.
        """
        self._expires[nonce] = expires
        self._lines += 1
        if self._lines > _COMPACT_LINES:
            self._compact()
        else:
            self._write([(nonce, expires)], os.O_APPEND)

    def _compact(self) -> None:
        self._expires = {nonce: end for nonce, end in self._expires.items() if end > time.time()}
        self._lines = len(self._expires)
        self._write(list(self._expires.items()), os.O_TRUNC)

    def _write(self, entries: list[tuple[str, float]], mode: int) -> None:
        if self._path is None:
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | mode, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.writelines(f"{expires:.0f} {nonce}\n" for nonce, expires in entries)
        except OSError as error:
            log.warning("Used tokens are remembered only until the relay ends: %s.", error.strerror)


def _read(path: Path) -> Iterator[tuple[str, float]]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        expires, _, nonce = line.partition(" ")
        if expires.isdecimal() and len(expires) < 16 and 0 < len(nonce) <= _LONGEST:
            yield nonce, float(expires)
