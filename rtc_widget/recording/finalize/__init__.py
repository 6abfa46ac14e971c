"""From a staging folder to a recording's file."""
