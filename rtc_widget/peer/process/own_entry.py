"""A peer's own entry in the roster, which the relay sends to everybody else."""

from __future__ import annotations

from typing import Any

from ...protocol.owner_key import owner_name


def own_entry(request: dict[str, Any], joined: dict[str, Any], owner_key: str) -> dict[str, Any]:
    """Make it of what was asked for and what the relay answered.

    Parameters
    ----------
    request, joined : dict
        The payload of ``join_room``, and its acknowledgement.
    owner_key : str
        The owner's key.

    Returns
    -------
    dict
        As an observer of the room would get it.
    """
    return {
        **{key: request[key] for key in ("name", "kind", "media", "caps", "session")},
        "socketId": joined["socketId"],
        "order": joined["order"],
        "away": False,
        "owner": owner_name(owner_key),
    }
