"""The internet of a lesson, on one machine: a router in front of every participant, a STUN and a TURN server."""
