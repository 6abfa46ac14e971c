"""How to make a picture of an array that is none: expressions that a user can copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def of_values(pixels: npt.NDArray[Any]) -> str:
    """Return how values become uint8 from 0 to 255. What they mean is told by their type, and by the largest.

    Parameters
    ----------
    pixels : numpy.ndarray
        Of any type but uint8.

    Returns
    -------
    str
        The end of a sentence, empty when nothing is known.
    """
    kind = pixels.dtype.kind
    if kind not in "biuf":
        return ""
    if kind == "b":
        return ": frame.astype(numpy.uint8) * 255"
    if kind == "f":
        largest = np.nan_to_num(pixels).max(initial=0)
        if largest <= 1:
            return (
                ": (numpy.clip(numpy.nan_to_num(frame), 0, 1) * 255).astype(numpy.uint8)"
                " if its values are from 0 to 1"
            )
        return ": numpy.clip(numpy.nan_to_num(frame), 0, 255).astype(numpy.uint8)"
    if pixels.dtype == np.uint16 and pixels.max(initial=0) > 255:
        return ": (frame // 257).astype(numpy.uint8) if its values are from 0 to 65535"
    return ": numpy.clip(frame, 0, 255).astype(numpy.uint8)"


def of_shape(shape: tuple[int, ...]) -> str:
    """Return how an array gets the shape of a picture.

    Parameters
    ----------
    shape : tuple of int
        The array's.

    Returns
    -------
    str
        The end of a sentence, empty when nothing is known.
    """
    match shape:
        case (_, _, 1 | 2):
            return ": frame[:, :, 0]"
        case (1, _, _):
            return ": frame[0]"
        case (3 | 4, _, _):
            return ": frame.transpose(1, 2, 0)"
        case (_, _, channels) if channels > 4:
            return ": frame[:, :, :3]"
        case (_, 3 | 4, _, wide) if wide > 4:
            return ": frame[0].transpose(1, 2, 0)"
        case (_, _, _, _):
            return ": frame[0]"
    return ""


def of_samples(samples: npt.NDArray[Any]) -> str:
    """Return how samples of another integer type become int16.

    Parameters
    ----------
    samples : numpy.ndarray
        Of any type but int16 and floating point.

    Returns
    -------
    str
        The end of a sentence, empty when nothing is known.
    """
    kind, size = samples.dtype.kind, samples.dtype.itemsize
    if (kind, size) == ("u", 1):
        return ": (samples.astype(numpy.int16) - 128) * 256, as in a WAV file of 8 bits"
    if (kind, size) == ("i", 4):
        return ": (samples >> 16).astype(numpy.int16) if its values have 32 bits"
    return ""
