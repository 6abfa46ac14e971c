"""The Peers of this kernel by their ids: a widget of the same kernel can lead its page to them without any network."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any

from ..errors import ProtocolError
from ..protocol.media_process import OfferChannel
from .participants import Participant

Request = Callable[[OfferChannel], concurrent.futures.Future[Any]]
"""Sends a command to a Peer's process."""

_peers: dict[str, tuple[str, Request]] = {}


def put(room: str, me: Participant | None, before: Participant | None, request: Request) -> None:
    """Note as whom a Peer is in its room now. Callable from any thread.

    Parameters
    ----------
    room : str
        The room's name.
    me : Participant or None
        The Peer as a participant; None when it has left.
    before : Participant or None
        As whom it was there before.
    request : Request
        Sends a command to its process.
    """
    if before is not None:
        _peers.pop(before.id, None)
    if me is not None:
        _peers[me.id] = (room, request)


def ids(room: str) -> list[str]:
    """Return the ids of this kernel's Peers in a room. Callable from any thread.

    Parameters
    ----------
    room : str
        The room's name.

    Returns
    -------
    list of str
        Their ids.
    """
    return [peer for peer, (where, _request) in list(_peers.items()) if where == room]


def offer_channel(peer: str, participant: str) -> concurrent.futures.Future[tuple[int, str]]:
    """Offer a channel between a Peer and another participant of its room. Callable from any thread.

    Parameters
    ----------
    peer : str
        The Peer's id.
    participant : str
        The other's.

    Returns
    -------
    concurrent.futures.Future[tuple[int, str]]
        The port on 127.0.0.1, and the token that lets the other in.

    Raises
    ------
    ProtocolError
        ``unknown_participant`` where this kernel has no such Peer.
    """
    found = _peers.get(peer)
    if found is None:
        raise ProtocolError("unknown_participant", "This kernel has no Peer with that id.")
    return found[1](OfferChannel(participant))
