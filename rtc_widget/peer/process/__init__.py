"""The media process's half of a `Peer`: aiortc, in a process of its own."""
