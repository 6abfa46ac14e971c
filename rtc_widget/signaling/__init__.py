"""Python's side of signaling: the connection to the relay, the room's observer, and the tunnel for browsers."""
