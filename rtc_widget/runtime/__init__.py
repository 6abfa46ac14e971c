"""Threads, waiters, cells and argument checks: what all other packages rely on."""
