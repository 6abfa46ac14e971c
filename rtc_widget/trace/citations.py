"""Sections of RFCs that a text cites, as links."""

from __future__ import annotations

import re
from html import escape
from typing import Final

# "RFC 8842", "RFC 8842, 5.1", "RFC 8866, 5.5 and 5.6"; what follows in a sentence is no section.
_CITED: Final = re.compile(
    r"RFC (?P<rfc>\d{3,5})(?:, (?P<first>\d+(?:\.\d+)*)(?: and (?P<second>\d+(?:\.\d+)+))?)?"
)


def cited(text: str) -> str:
    """Escape a text for HTML, and make the sections of RFCs in it links.

    Parameters
    ----------
    text : str
        Such as "RFC 4145, 4; RFC 8842, 5".

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> cited("RFC 3890")
    '<a href="https://www.rfc-editor.org/rfc/rfc3890" target="_blank" rel="noreferrer">RFC 3890</a>'
    """
    return _CITED.sub(_links, escape(text))


def _links(match: re.Match[str]) -> str:
    page = f"https://www.rfc-editor.org/rfc/rfc{match['rfc']}"
    if match["first"] is None:
        return _link(page, match[0])
    first = _link(f"{page}#section-{match['first']}", f"RFC {match['rfc']}, {match['first']}")
    if match["second"] is None:
        return first
    second = match["second"]
    return f"{first} and {_link(f'{page}#section-{second}', second)}"


def _link(address: str, text: str) -> str:
    return f'<a href="{address}" target="_blank" rel="noreferrer">{text}</a>'
