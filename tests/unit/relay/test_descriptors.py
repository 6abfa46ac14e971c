"""A relay that has no file descriptors left says so, and not a hundred times a second."""

from __future__ import annotations

import errno
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rtc_widget.relay import descriptors
from rtc_widget.relay.descriptors import AcceptErrors


class Loop:
    """Keeps what is handled as usual."""

    def __init__(self) -> None:
        self.as_usual: list[dict[str, Any]] = []
        self.default_exception_handler = self.as_usual.append


def full(number: int = errno.EMFILE) -> dict[str, Any]:
    return {
        "message": "accept failed",
        "exception": OSError(number, "Too many open files"),
        "socket": object(),
    }


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(now=5.0)
    monkeypatch.setattr(descriptors, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def test_it_is_said_at_once_and_then_once_a_minute(
    clock: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    errors, loop = AcceptErrors(), Loop()

    said = []
    for now in (5.0, 5.01, 64.9, 65.0, 66.0):
        clock.now = now
        errors.handle(cast("Any", loop), full())
        said.append(len(caplog.records))

    assert said == [1, 1, 1, 2, 2]
    assert "No connection can be accepted now: Too many open files." in caplog.text
    assert loop.as_usual == []


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_everything_that_can_be_used_up_counts(
    clock: SimpleNamespace, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    AcceptErrors().handle(cast("Any", Loop()), full(number))

    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "context",
    [
        {"message": "A task failed", "exception": ValueError("x")},
        {"message": "Another socket", "exception": OSError(errno.EMFILE, "Too many open files")},
        {**full(), "exception": OSError(errno.ECONNRESET, "Reset")},
        {"message": "no exception", "socket": object()},
    ],
    ids=["task", "another socket", "another error", "none"],
)
def test_anything_else_is_handled_as_usual(clock: SimpleNamespace, context: dict[str, Any]) -> None:
    loop = Loop()

    AcceptErrors().handle(cast("Any", loop), context)

    assert loop.as_usual == [context]
