"""The kernel's half of a `Peer`."""
