"""Real relays, their clients, and peers for the tests of this folder."""

from tests.support.relay_fixtures import connect, join, peers, relay, service
from tests.support.relay_processes import relays

__all__ = ["connect", "join", "peers", "relay", "relays", "service"]
