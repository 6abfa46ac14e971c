"""A `Peer` in a process of its own, which says how it is whenever it is asked: ``python -m tests.support.network_peer OPTIONS``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from rtc_widget import Peer, Relay, TurnServer


def main() -> None:
    """Be in the room until standard input ends; answer each line of it with one of JSON."""
    given: dict[str, Any] = json.loads(sys.argv[1])
    turn = TurnServer(*given["turn"], secret=given["turn_secret"]) if given["turn"] else None
    seen: Counter[str] = Counter()
    with Peer(
        given["room"],
        name=given["name"],
        source="pattern",
        resolution=(320, 180),
        fps=15,
        relay=Relay(given["relay"], secret=given["secret"]),
        ice_servers=given["ice_servers"],
        turn=turn,
    ) as peer:
        peer.on_frame(lambda frame: seen.update([frame.sender]))
        for _line in sys.stdin:
            people = {
                each.name: {
                    "state": each.connection_state,
                    "pair": each.selected_candidate_pair,
                    "frames": seen[each.name],
                }
                for each in peer.participants
            }
            print(json.dumps({"state": peer.state, "people": people, "error": peer.error}), flush=True)


if __name__ == "__main__":
    main()
