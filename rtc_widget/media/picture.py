"""What is one picture: an array, or whatever says itself how it is an array."""

from __future__ import annotations

from typing import Any, Protocol, TypeGuard

import av
import numpy.typing as npt


class _Array(Protocol):
    def __array__(self) -> npt.NDArray[Any]: ...


class _ArrayInterface(Protocol):
    @property
    def __array_interface__(self) -> Any: ...


Picture = npt.NDArray[Any] | _Array | _ArrayInterface | av.VideoFrame


def is_picture(value: object) -> TypeGuard[Picture]:
    """Whether a value is an array, or a picture of another library, rather than what gives pictures one by one.

    Parameters
    ----------
    value : object
        What the user passed.

    Returns
    -------
    bool
        Whether `check_frame` says if it can be sent.
    """
    return isinstance(value, av.VideoFrame) or any(
        hasattr(value, name) for name in ("__array__", "__array_interface__")
    )
