"""The packages that a peer needs and this package alone does not: the extra `peer`."""

from __future__ import annotations

import importlib.util

from ...errors import RtcWidgetError


def missing() -> list[str]:
    """Return which packages of the extra are not installed.

    Returns
    -------
    list of str
        Their names.
    """
    return [name for name in ("aiortc", "av", "numpy") if importlib.util.find_spec(name) is None]


def check_installed() -> None:
    """Raise an error when packages of the extra are missing.

    Raises
    ------
    RtcWidgetError
        ``peer_missing``, with the command that installs them.
    """
    names = " and ".join(missing())
    if names:
        msg = f'Peer needs {names}, not installed here: pip install "rtc-widget[peer]"'
        raise RtcWidgetError("peer_missing", msg)
