"""Traces read from and written to files."""
