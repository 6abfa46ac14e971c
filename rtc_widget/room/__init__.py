"""What a room looks like from Python: participants, their states, and messages."""
