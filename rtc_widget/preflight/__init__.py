"""Preflight checks: what a call needs, in the kernel and in the page, each with advice.

They depend on as little of the rest as possible, because they are for when the rest does not work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ice.turn_server import TurnServer, check_turn
from ..relay.address import Relay
from ..runtime.signatures import explained
from ..runtime.validation import check_server_list
from .finding import Finding
from .report import Report

__all__ = ["Finding", "Report", "doctor"]


@explained
def doctor(
    relay: Relay | str | None = None,
    ice_servers: Sequence[Mapping[str, Any]] = (),
    turn: TurnServer | None = None,
) -> Report:
    """Check what a call needs, and advise where something is missing.

    As the last expression of a cell it shows the checks in the page, where the browser runs its own; `print` it for
    all of them as text. The camera is only opened by its button. Takes about a second, with STUN and TURN servers five, at most ten.

    Parameters
    ----------
    relay : Relay or str, optional
        The relay to check, as for `RoomWidget`; this user's own on this machine by default.
    ice_servers : sequence of dict
        ``RTCIceServer`` dictionaries whose STUN and TURN servers are tried.
    turn : TurnServer, optional
        A TURN server that is tried, with credentials made from its secret.

    Returns
    -------
    Report
        A `Doctor`, which is a widget; only the report where widgets cannot be made.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is no relay, list of servers or TURN server. What is wrong in a list is a finding.
    InvalidCallError
        ``bad_argument``, a `TypeError`, for an unknown keyword.

    Examples
    --------
    >>> report = doctor()  # doctest: +SKIP
    >>> report.wait(timeout=15)  # doctest: +SKIP
    True
    >>> [finding.check for finding in report.findings if finding.state == "problem"]  # doctest: +SKIP
    []
    """
    check_server_list(ice_servers)
    turn = check_turn(turn)
    if turn is not None:
        ice_servers = [*ice_servers, turn.ice_server()]
    if relay is not None and not isinstance(relay, Relay):
        relay = Relay(relay)
    try:
        from .doctor_widget import Doctor
    except (ImportError, OSError):  # no anywidget, or no front end to show
        report = Report(relay, ice_servers)
        report.run()
        return report
    return Doctor(relay, ice_servers)
