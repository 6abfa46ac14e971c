"""A trace has what its reader knows already: a peer's news reaches the cell that waits for it before the room's observer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rtc_widget import RoomWidget

if TYPE_CHECKING:
    from tests.support.peers import Peers


def test_a_trace_that_is_asked_for_as_soon_as_a_peer_is_connected_has_both_sides_connected(
    peers: Peers,
) -> None:
    desk = RoomWidget(peers.room, name="Teacher", relay=peers.relay)
    try:
        ada = peers("Ada")
        ada.wait_for("joined", 30)
        for name in ("Bob", "Carol", "Dan"):
            peer = peers(name)
            peer.wait_for(lambda peer: "Ada" in peer.participants, 30)
            peer.wait_for(lambda peer: peer.participants["Ada"].connection_state == "connected", 30)
            states = desk.trace.between("Ada", name).filter(
                "state", where=lambda event: event.data["name"] == "connection_state"
            )
            last = {states.name_of(event.participant): event.data["value"] for event in states}
            assert last == {"Ada": "connected", name: "connected"}
    finally:
        desk.close()
