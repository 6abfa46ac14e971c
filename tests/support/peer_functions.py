"""Transforms that the media process can import."""

from __future__ import annotations

import time

import numpy as np


def invert(rgb: np.ndarray) -> np.ndarray:
    return 255 - rgb


def fail(rgb: np.ndarray) -> np.ndarray:
    raise ZeroDivisionError("in the user's transform")


def slow(rgb: np.ndarray) -> np.ndarray:
    time.sleep(0.5)  # what is slow about it
    return rgb
