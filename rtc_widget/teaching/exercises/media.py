"""The exercises of the sixth and seventh lesson: data channels, stats and quality."""

from __future__ import annotations

import statistics
from typing import Any, Final

from ...trace.trace import Trace
from .quantities import no_number, number_given
from .requirement import Given, NotSo, Requirement
from .seen import is_given
from .who_is_meant import bearers, newest

_SAMPLES: Final = 5
_NEAR: Final = 3.0
# What Ada sent before is among figures that are further apart than this.
_STEADY: Final = 10.0
_NARROW, _WIDE = 200, 320
# A still picture is sent once a second.
_STILL: Final = 2.0
_UNIT: Final = "frames per second"


def _has_heard(_room: Any, given: Given) -> object:
    return len(given["heard"]) > 0


def _has_question(_room: Any, given: Given) -> object:
    if not len(given["heard"]):
        return False
    last = given["heard"][-1]
    if not isinstance(last, dict):
        return NotSo(
            f"The last thing that Bob received is of type {type(last).__name__}: a dict was asked for."
        )
    return "question" in last or NotSo(
        f'The dict has {", ".join(map(repr, last)) or "no key"}, but no "question".'
    )


def _has_array(_room: Any, given: Given) -> object:
    if any(hasattr(each, "dtype") for each in given["heard"]):
        return True
    return bool(len(given["heard"])) and NotSo(
        f"Bob received something of type {type(given['heard'][-1]).__name__}: a list is sent as JSON, an array as an array."
    )


def _is_float32(_room: Any, given: Given) -> object:
    arrays = [each for each in given["heard"] if hasattr(each, "dtype")]
    if not arrays:
        return False
    last = arrays[-1]
    # In either order of bytes.
    if (last.dtype.kind, last.dtype.itemsize) != ("f", 4):
        return NotSo(f"Its dtype is {last.dtype}: an array keeps the dtype that it was sent with.")
    return last.ndim == 2 or NotSo(
        f"It has {last.ndim} dimension{'' if last.ndim == 1 else 's'}: its shape is {last.shape}."
    )


def _rates(room: Any) -> list[float]:
    """Return the frames per second that Bob has measured last, of the picture of the Ada who is there."""
    trace: Trace = room.trace
    ada, bob = newest(trace, "Ada"), newest(trace, "Bob")
    seen = [event.data.get("fps") for event in room.stats.by(bob) if event.peer == ada]
    return [float(each) for each in seen if each is not None][-_SAMPLES:]


def _is_number(room: Any, given: Given) -> object:
    if not is_given(given):
        return False
    return number_given(given, unit=_UNIT) is not None or NotSo(no_number(given, unit=_UNIT))


def _is_rate(room: Any, given: Given) -> object:
    answer = number_given(given, unit=_UNIT) if is_given(given) else None
    rates = _rates(room)
    if answer is None or len(rates) < _SAMPLES or statistics.median(rates) == 0:
        return False
    middle = statistics.median(rates)
    if middle <= _STILL:
        return NotSo(
            f"Bob's last figures of Ada have {middle:g} a second, as a still picture or none has: "
            'ada.use("pattern"), and the five seconds after it.'
        )
    # Of figures that fall to a still picture's, none is near the other.
    if abs(answer - middle) <= min(_NEAR, middle / 2):
        return True
    low, _, high = sorted(rates)[1:-1]
    if high - low > _STEADY:
        return False
    return NotSo(
        f"You answered {answer:g}. The median of Bob's last five figures of Ada is {'higher' if middle > answer else 'lower'}: "
        "room.stats.by('Bob') has an fps in every event. (What was sent before has gone from them after five seconds.)"
    )


def _pictures(room: Any) -> list[tuple[str, int]]:
    """Return who is seen as Ada, by id, and how wide that picture is as it arrives."""
    ids = bearers(room.trace, "Ada")
    return [
        (event.peer, event.data["width"])
        for event in room.stats
        if event.peer in ids and event.data.get("width")
    ]


def _was_wide(room: Any, _given: Given) -> object:
    return max((width for _ada, width in _pictures(room)), default=0) >= _WIDE


def _is_narrow(room: Any, _given: Given) -> object:
    seen = _pictures(room)
    now = newest(room.trace, "Ada")
    widths = [width for ada, width in seen if ada == now]
    if not widths:
        return False
    if widths[-1] < _NARROW:
        other_was_wide = max(widths) < _WIDE <= max(width for _ada, width in seen)
        return not other_was_wide or NotSo(
            "That is a new Ada, and the task is to do without one: ada.use(…) changes what the Ada in the call sends. "
            "Run the cell that makes Ada once more, and then only that."
        )
    narrowed = widths[-1] < max(widths)
    return narrowed and NotSo(
        f"It arrives {widths[-1]} pixels wide: narrower than before, and not narrow enough."
    )


MEDIA: Final[dict[str, tuple[Requirement, ...]]] = {
    "6.1": (
        Requirement(
            "Bob has received something.",
            "heard=heard is the list to which Bob's on_message appends: Ada has to send, to him.",
            _has_heard,
        ),
        Requirement(
            'The last thing he received is a dict with "question" in it.',
            "What JSON holds can be sent as it is: send({…}, to=…).",
            _has_question,
        ),
    ),
    "6.2": (
        Requirement(
            "Bob has received an array.",
            "send takes numpy arrays, too, and heard=heard is the list in which they arrive.",
            _has_array,
        ),
        Requirement(
            "It is a float32 array with two dimensions.",
            "An array keeps its dtype and its shape on the way: convert it before you send it.",
            _is_float32,
        ),
    ),
    "7.1": (
        Requirement(
            "You gave a number.",
            'check("7.1", room, answer=…) with the frames per second that arrive from Ada.',
            _is_number,
            asks="answer",
        ),
        Requirement(
            "It is what Bob measures, to within three.",
            "room.stats.by('Bob') has an fps in every event: the median of the last five counts. Wait for five of Ada's pattern.",
            _is_rate,
        ),
    ),
    "7.2": (
        Requirement(
            "Ada's video has been wide.",
            "Let Ada send her original source for a moment.",
            _was_wide,
        ),
        Requirement(
            "It arrives less than 200 pixels wide now.",
            "Ada's use takes another source: any array can be a frame, and arrays can be sliced.",
            _is_narrow,
        ),
    ),
}
"""Exercises 6.1 to 7.2."""
