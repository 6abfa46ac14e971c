"""Random schedules of what may happen in a room, and whether everybody sees everybody afterwards."""
