"""Which web pages may talk to the relay: an Origin check (RFC 6454) beside the token.

A browser sends any page's requests to 127.0.0.1. Only the pages of this user's own Jupyter servers, the relay's own join page,
those named explicitly, and those that a kernel vouches for are let in; clients that are not browsers send no Origin and need the
token alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..errors import ProtocolError
from .tokens import read_token

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _origin(scheme: str, host: str, port: int | None) -> str:
    default = {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{host}" if port in (None, default) else f"{scheme}://{host}:{port}"


class OriginPolicy:
    """Decide on origins, for python-engineio's ``cors_allowed_origins``.

    Parameters
    ----------
    allowed : iterable of str
        Exact origins, such as ``https://notebooks.example.org``.
    jupyter_runtime_dir : Path or None
        Where the user's Jupyter servers describe themselves (``jpserver-*.json``), read again for an unknown
        origin; None to admit none of them.
    secret : str or None
        The relay's: who knows it may vouch for an origin, as a kernel does for the pages that show its widgets.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        jupyter_runtime_dir: Path | None = None,
        *,
        secret: str | None = None,
    ) -> None:
        self._allowed = frozenset(origin.rstrip("/") for origin in allowed)
        self._secret = secret
        self._runtime_dir = jupyter_runtime_dir
        self._jupyter: frozenset[str] = frozenset()

    def __call__(self, origin: str | None, environ: dict[str, Any]) -> bool:
        """Decide whether a request with this Origin header is allowed.

        Parameters
        ----------
        origin : str or None
            The header, None without one.
        environ : dict
            The request's WSGI environment.

        Returns
        -------
        bool
            Whether it is.
        """
        if not origin or origin in self._allowed or origin in self._jupyter:
            return True
        # Some clients that are no browsers name the relay itself. No page comes from there, nor from a name that only leads here.
        own = environ.get("HTTP_HOST", "")
        if origin == f"http://{own}" and urlsplit(origin).netloc.rpartition(":")[0] in _LOOPBACK:
            return True
        # The join page of a relay that is reached by TLS: a name that was made to lead here has no certificate for it.
        request = environ.get("aiohttp.request")
        if origin == f"https://{own}" and request is not None and request.secure:
            return True
        # Behind a proxy that serves page and relay under one name the browser cannot be another site's.
        host = environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[0].strip()
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[0].strip()
        if host and scheme and origin == f"{scheme}://{host}":
            return True
        if self._is_vouched_for(origin, environ):
            return True
        self._jupyter = self._read_jupyter_servers()
        return origin in self._jupyter

    def _is_vouched_for(self, origin: str, environ: dict[str, Any]) -> bool:
        """Return whether the address has a token for this origin: no page of another one can show that."""
        tokens = parse_qs(environ.get("QUERY_STRING", "")).get("origin")
        if self._secret is None or not tokens:
            return False
        try:
            return bool(read_token(self._secret, tokens[0], "origin")["origin"] == origin)
        except ProtocolError:
            return False

    def _read_jupyter_servers(self) -> frozenset[str]:
        if self._runtime_dir is None:
            return frozenset()
        found: set[str] = set()
        for path in self._runtime_dir.glob("jpserver-*.json"):
            try:
                url = urlsplit(json.loads(path.read_text())["url"])
                hosts = {url.hostname or "localhost", *_LOOPBACK}
                found.update(_origin(url.scheme, host, url.port) for host in hosts)
            except (OSError, ValueError, KeyError, TypeError):
                continue  # a server that is just starting or ending
        return frozenset(found)
