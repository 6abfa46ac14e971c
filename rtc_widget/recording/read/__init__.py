"""Reading a recording's file."""
