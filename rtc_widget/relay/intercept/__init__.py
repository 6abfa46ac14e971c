"""What a teacher holds, steps and breaks of a room's signaling."""
