"""Logging: what may be in a log line, and how the media process's logs are turned on."""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import Final

VARIABLE: Final = "RTC_WIDGET_LOG"
"""The environment variable that turns the media process's logs on: a level's name, such as "info" or "debug"."""

_SDP: Final = re.compile(r"v=0[\s\S]*")
_SECRET: Final = re.compile(
    r"(ice-(?:ufrag|pwd)|fingerprint|token|secret|credential|password)(\W{1,4})\S+", re.IGNORECASE
)
_IPV4: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])")
_MDNS: Final = re.compile(r"\b[0-9a-f-]{36}\.local\b")


def redact(text: str) -> str:
    """Remove session descriptions, addresses and secrets from a log line.

    Parameters
    ----------
    text : str
        A log line of ours, or of aiortc's or aioice's.

    Returns
    -------
    str
        The text with a placeholder for each.
    """
    text = _SDP.sub("<SDP>", text)
    text = _SECRET.sub(r"\1\2<secret>", text)
    for pattern in (_MDNS, _IPV4, _IPV6):
        text = pattern.sub("<address>", text)
    return text


class RedactingFilter(logging.Filter):
    """Passes every record, with addresses and session descriptions redacted."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record, after formatting its arguments, which may contain addresses.

        Parameters
        ----------
        record : LogRecord
            The record, which is changed.

        Returns
        -------
        bool
            True.
        """
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info and record.exc_info[0] is not None:
            # An error's text may quote a description.
            record.msg = f"{record.msg} ({record.exc_info[0].__name__})"
            record.exc_info = None
        return True


def configure_media_process() -> None:
    """Write this process's logs to standard error where `VARIABLE` says so; otherwise log nothing.

    aioice and aiortc log addresses and descriptions, which are nobody's business: every line is redacted.
    """
    level = logging.getLevelNamesMapping().get(os.environ.get(VARIABLE, "").upper())
    if level is None:
        logging.disable(logging.CRITICAL)
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    logging.basicConfig(
        level=level, handlers=[handler], format="%(asctime)s %(name)s %(levelname)s %(message)s"
    )
