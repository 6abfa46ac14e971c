"""The relay: Socket.IO rooms that forward signaling between participants, in a process of its own.

It owns the roster (who is in a room, in which order they came), knows no media and keeps nothing on disk but, when
it is the user's local one, the file that says where it is.
"""
