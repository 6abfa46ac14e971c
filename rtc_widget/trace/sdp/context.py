"""The context of a line of a session description: its section."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """What a section says about the numbers in its lines.

    Attributes
    ----------
    kind : str
        "audio", "video", "application"; empty before the first m-line.
    codecs : dict
        Codec names by payload type.
    """

    kind: str = ""
    codecs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, section: list[str]) -> Context:
        """Read a section.

        Parameters
        ----------
        section : list of str
            Its lines; those before the first m-line form one too.

        Returns
        -------
        Context
            The context.
        """
        kind = section[0][2:].split(" ")[0] if section and section[0].startswith("m=") else ""
        found = (re.match(r"a=rtpmap:(\d+) ([^/]+)/", line) for line in section)
        return cls(kind, {match[1]: match[2] for match in found if match})

    def codec(self, payload_type: str) -> str:
        """Describe a payload type.

        Parameters
        ----------
        payload_type : str
            The number.

        Returns
        -------
        str
            The codec's name and the number, or only the number when there is no rtpmap for it.
        """
        name = self.codecs.get(payload_type)
        return f"{name} (payload type {payload_type})" if name else f"payload type {payload_type}"


Say = Callable[["re.Match[str]", Context], str]
"""Says what a line means, from its match and its section."""
