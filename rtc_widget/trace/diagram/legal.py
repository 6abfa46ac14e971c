"""What neither XML nor UTF-8 allows is kept out of what is written."""

from __future__ import annotations

import re
from typing import Final

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Replace characters that neither XML nor UTF-8 allow; dumps of other programs may contain them.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        The text with U+FFFD in their place.
    """
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
