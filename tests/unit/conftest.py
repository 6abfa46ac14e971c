"""Thousands of quick tests: what stays from one to the next is not looked through again and again."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Leave all modules and tests out of garbage collection; what a test makes is still collected."""
    gc.collect()
    gc.freeze()
