"""What the processes of a call hold, and whether that grows."""
