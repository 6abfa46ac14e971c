"""STUN and TURN servers: which are named, with which credentials, and whether they answer."""
