"""Threads, waiters, cells and argument checks: what everything else runs on."""
