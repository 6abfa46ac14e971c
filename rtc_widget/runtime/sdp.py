"""The structure of session descriptions (RFC 8866, section 5): lines, in a section for the session and one per m-line."""

from __future__ import annotations

from collections.abc import Iterable


def sections_of(lines: Iterable[str]) -> list[list[str]]:
    """Group the lines of a session description by section.

    Parameters
    ----------
    lines : iterable of str
        The lines, without line ends.

    Returns
    -------
    list of list of str
        The session's lines, which may be none, then those of each m-line, which begin with it.
    """
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    return sections
