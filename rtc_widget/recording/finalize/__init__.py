"""Turns a staging folder into a recording's file."""
