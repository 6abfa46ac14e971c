"""What a relay remembers of tokens: how many participants each has admitted, and which are revoked."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import ProtocolError

log = logging.getLogger(__name__)

_LONGEST: Final = 128
_REVOKED: Final = "revoked"
# Expired entries are dropped from the file once it has so many lines.
_COMPACT_LINES: Final = 1_000


@dataclass(slots=True)
class _Entry:
    expires: float
    uses: int = 0
    revoked: bool = False


class TokenLedger:
    """Uses and revocations of tokens, by their ids, until they expire. Used on the relay's loop.

    Parameters
    ----------
    path : Path or None
        A file that survives the relay, readable by the user only, with a line ``expiry id`` for each use and ``expiry id
        revoked`` for each revocation; None to remember them only while the relay runs.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._entries: dict[str, _Entry] = {}
        for expires, token_id, revoked in _read(path) if path is not None else ():
            self._note(token_id, expires, revoked=revoked)
        self._lines = 0
        self._compact()

    def uses(self, token_id: str) -> int:
        """Return how many participants a token has admitted.

        Parameters
        ----------
        token_id : str
            The token's id.

        Returns
        -------
        int
            The count.
        """
        entry = self._entries.get(token_id)
        return entry.uses if entry is not None else 0

    def is_used_up(self, token_id: str, most: int | None) -> bool:
        """Tell whether a token has admitted as many as it may.

        Parameters
        ----------
        token_id : str
            The token's id.
        most : int or None
            How many that is; None for any number.

        Returns
        -------
        bool
            Whether it admits nobody else.
        """
        return most is not None and self.uses(token_id) >= most

    def is_revoked(self, token_id: str | None) -> bool:
        """Tell whether a token has been revoked.

        Parameters
        ----------
        token_id : str or None
            The token's id.

        Returns
        -------
        bool
            Whether it admits nobody any more.
        """
        entry = None if token_id is None else self._entries.get(token_id)
        return entry is not None and entry.revoked

    def check_revoked(self, claims: dict[str, Any]) -> None:
        """Refuse who has a token that has been revoked.

        Parameters
        ----------
        claims : dict
            The token's claims.

        Raises
        ------
        ProtocolError
            ``token_revoked``.
        """
        if self.is_revoked(claims.get("id")):
            raise ProtocolError("token_revoked", "A teacher has revoked this token: ask for a new one.")

    def check_uses(self, claims: dict[str, Any]) -> None:
        """Refuse who comes for the first time by a token that has admitted as many as it may.

        Parameters
        ----------
        claims : dict
            The token's claims.

        Raises
        ------
        ProtocolError
            ``token_used``.
        """
        most = claims.get("uses")
        if self.is_used_up(claims.get("id", ""), most):
            people = "one participant" if most == 1 else f"{most} participants"
            raise ProtocolError("token_used", f"This token admits {people} and has been used.")

    def add_use(self, token_id: str, expires: float) -> None:
        """Count one more use.

        Parameters
        ----------
        token_id : str
            The token's id.
        expires : float
            When it expires, seconds since the epoch.
        """
        self._add(token_id, expires, revoked=False)

    def revoke(self, token_id: str, expires: float) -> None:
        """Revoke a token.

        Parameters
        ----------
        token_id : str
            The token's id.
        expires : float
            When it expires, seconds since the epoch.
        """
        self._add(token_id, expires, revoked=True)

    def _add(self, token_id: str, expires: float, *, revoked: bool) -> None:
        self._note(token_id, expires, revoked=revoked)
        self._lines += 1
        if self._lines > _COMPACT_LINES:
            self._compact()
        else:
            self._write([_line(expires, token_id, revoked=revoked)], os.O_APPEND)

    def _note(self, token_id: str, expires: float, *, revoked: bool) -> None:
        entry = self._entries.setdefault(token_id, _Entry(expires))
        entry.revoked |= revoked
        entry.uses += not revoked

    def _compact(self) -> None:
        now = time.time()
        self._entries = {key: entry for key, entry in self._entries.items() if entry.expires > now}
        lines = []
        for token_id, entry in self._entries.items():
            lines += [_line(entry.expires, token_id, revoked=False)] * entry.uses
            lines += [_line(entry.expires, token_id, revoked=True)] * entry.revoked
        self._lines = len(lines)
        self._write(lines, os.O_TRUNC)

    def _write(self, lines: list[str], mode: int) -> None:
        if self._path is None:
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | mode, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.writelines(lines)
        except OSError as error:
            log.warning("Used tokens are remembered only until the relay ends: %s.", error.strerror)


def _line(expires: float, token_id: str, *, revoked: bool) -> str:
    return f"{expires:.0f} {token_id}{f' {_REVOKED}' if revoked else ''}\n"


def _read(path: Path) -> Iterator[tuple[float, str, bool]]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        expires, token_id, revoked, *more = [*line.split(" "), "", ""]
        known = revoked in ("", _REVOKED) and not any(more)
        if known and expires.isdecimal() and len(expires) < 16 and 0 < len(token_id) <= _LONGEST:
            yield float(expires), token_id, bool(revoked)
