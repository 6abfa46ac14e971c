"""A connection that is closed leaves no socket, at whatever moment of its gathering that is."""

from __future__ import annotations

import asyncio
from typing import Any

import psutil

from rtc_widget.peer.process.connection import Connection, ConnectionEvents
from rtc_widget.peer.process.incoming import Incoming
from rtc_widget.peer.process.outgoing import AudioHub, VideoHub
from rtc_widget.signaling.negotiation_clock import NegotiationClock
from rtc_widget.signaling.peer_signaling import PeerSignaling

# aioice binds its sockets between the fourth and the tenth turn of the loop.
TURNS = 40


def ignore(*_given: Any) -> None:
    """Do nothing."""


def begun() -> Connection:
    """Make a connection that begins to gather."""
    signaling = PeerSignaling(
        "demo",
        "bob",
        session="now",
        post=lambda *_given: True,
        report=ignore,
        flush_reports=ignore,
        clock=NegotiationClock(),
    )
    return Connection(
        caps={"rollback": True},
        first=True,
        polite=False,
        gone=set(),
        ice_servers=[],
        video=VideoHub(),
        audio=AudioHub(),
        incoming=Incoming(),
        signaling=signaling,
        events=ConnectionEvents(
            report=ignore,
            on_message=ignore,
            on_superseded=ignore,
            on_crossed=ignore,
            on_silent=ignore,
            on_broken=ignore,
        ),
    )


async def test_no_socket_is_left_whenever_a_connection_is_closed() -> None:
    left: dict[int, int] = {}
    before = len(psutil.Process().net_connections("udp"))
    for turns in range(TURNS):
        connection = begun()
        for _ in range(turns):
            await asyncio.sleep(0)
        await connection.close()
        # A transport closes its socket in the next turn.
        await asyncio.sleep(0)
        now = len(psutil.Process().net_connections("udp"))
        if now > before:
            left[turns] = now - before
        before = now

    assert left == {}
