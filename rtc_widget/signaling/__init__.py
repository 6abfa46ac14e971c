"""Signaling in Python: the connection to the relay, the room's observer, and the tunnel for browsers."""
