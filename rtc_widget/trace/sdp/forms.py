"""The forms of lines that are often malformed: what is of a known kind and has not its form is not merely unknown."""

from __future__ import annotations

import re
from typing import Final

from .context import Meaning

# By kind: the form of its value, wide enough for what is valid and unknown here, and where it is given. Ports, and
# what is private, may be placeholders.
_FORMS: Final = {
    "v=": (re.compile(r"\d+"), "RFC 8866, 5.1"),
    "o=": (re.compile(r"\S+ \S+ \d+ \S+ \S+ \S+"), "RFC 8866, 5.2"),
    "c=": (re.compile(r"\S+ \S+ \S+"), "RFC 8866, 5.7"),
    "b=": (re.compile(r"[^\s:]+:\d+"), "RFC 8866, 5.8"),
    "t=": (re.compile(r"\d+ \d+"), "RFC 8866, 5.9"),
    "m=": (re.compile(r"\S+ \S+ \S+ \S.*"), "RFC 8866, 5.14"),
    "a=rtpmap": (re.compile(r"\d+ [^/\s]+/\d+(?:/\S+)?"), "RFC 8866, 6.6"),
    "a=fmtp": (re.compile(r"\S+ \S.*"), "RFC 8866, 6.15"),
    "a=ptime": (re.compile(r"\d+(?:\.\d+)?"), "RFC 8866, 6.4"),
    "a=maxptime": (re.compile(r"\d+(?:\.\d+)?"), "RFC 8866, 6.5"),
    "a=framerate": (re.compile(r"\d+(?:\.\d+)?"), "RFC 8866, 6.13"),
    "a=mid": (re.compile(r"\S+"), "RFC 5888, 4"),
    "a=msid": (re.compile(r"\S+(?: \S+)?"), "RFC 8830, 2"),
    "a=rtcp": (re.compile(r"\S+(?: \S+ \S+ \S+)?"), "RFC 3605, 2.1"),
    "a=rtcp-fb": (re.compile(r"(?:\d+|\*) \S.*"), "RFC 4585, 4.2"),
    "a=extmap": (re.compile(r"\d+(?:/\w+)? \S.*"), "RFC 8285, 5"),
    "a=candidate": (re.compile(r"\S+ \d+ \S+ \d+ \S+ \S+ typ \S.*"), "RFC 8839, 5.1"),
    "a=ice-ufrag": (re.compile(r"\S+"), "RFC 8839, 5.4"),
    "a=ice-pwd": (re.compile(r"\S+"), "RFC 8839, 5.4"),
    "a=fingerprint": (re.compile(r"\S+ \S+"), "RFC 8122, 5"),
    "a=setup": (re.compile(r"\S+"), "RFC 4145, 4"),
    "a=ssrc": (re.compile(r"\d+ \S.*"), "RFC 5576, 4.1"),
    "a=sctp-port": (re.compile(r"\d+"), "RFC 8841, 5"),
    "a=max-message-size": (re.compile(r"\d+"), "RFC 8841, 6"),
}


def malformed(line: str) -> Meaning | None:
    """Explain a line that is of a known kind, and has not its form.

    Parameters
    ----------
    line : str
        The line, without its line end.

    Returns
    -------
    Meaning or None
        None for a line of another kind, and for one that has its form.
    """
    kind, value = line[:2], line[2:]
    if kind == "a=":
        name, _, value = value.partition(":")
        kind += name
    if kind not in _FORMS:
        return None
    form, source = _FORMS[kind]
    if form.fullmatch(value):
        return None
    document, _, section = source.partition(", ")
    text = (
        f"Malformed: a line that begins with {kind} has not the form that {document}, section {section}, gives it. "
        "A receiver has to refuse a description with such a line."
    )
    return Meaning(text, f"{source}; RFC 8829, 5.8", known=False)
