"""The page by which somebody without Jupyter joins a room, as the relay serves it.

It knows nothing of rooms and tokens: whoever may join is decided when the page connects, as everybody does. The token is behind
the ``#`` of a link, which browsers send nowhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

from .link import JOIN_PATH

_STATIC: Final = Path(__file__).parents[1] / "static"
_FILES: Final = ("join.js", "join.css")

_HEADERS: Final = {
    # No inline script, nothing of anybody else, no markup from a text, and not in a frame: a click there opens a camera.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), screen-wake-lock=(self), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

# Relative addresses: a proxy may serve the relay in a folder.
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Join a call</title>
<script src="../static/join.js"></script>
<link rel="stylesheet" href="../static/join.css">
<link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="robots" content="noindex">
</head>
<body>
<main id="join"><noscript>A call needs JavaScript: switch it on for this page, and reload it.</noscript></main>
</body>
</html>
"""


def add_join_page(app: web.Application) -> None:
    """Serve the page at ``/join/<room>``, and lead there from ``/<room>`` where nothing else has that address.

    Parameters
    ----------
    app : aiohttp.web.Application
        The relay's.
    """
    app.router.add_get(f"/{JOIN_PATH}/{{room}}", _page)
    app.router.add_get("/static/{file}", _static)
    app.router.add_get("/{room}", _lead)


async def _page(_request: web.Request) -> web.Response:
    return web.Response(text=_PAGE, content_type="text/html", headers=_HEADERS)


async def _static(request: web.Request) -> web.StreamResponse:
    name = request.match_info["file"]
    if name not in _FILES:
        raise web.HTTPNotFound
    path = _STATIC / name
    if not path.is_file():
        raise web.HTTPServiceUnavailable(text="The join page is not built: run 'make js' in the checkout.")
    return web.FileResponse(path, headers=_HEADERS)


async def _lead(request: web.Request) -> web.Response:
    # As it came, with its escapes; browsers keep what is behind the "#".
    raise web.HTTPFound(f"{JOIN_PATH}/{request.rel_url.raw_parts[-1]}", headers=_HEADERS)
