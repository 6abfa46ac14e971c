"""What may be in a log line."""

from __future__ import annotations

import contextlib
import io
import logging
import time
from typing import TYPE_CHECKING

import pytest

from rtc_widget.runtime import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SDP = "v=0\r\no=- 1 2 IN IP4 192.0.2.7\r\na=ice-pwd:secretsecret\r\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Connection to 192.0.2.7 port 50000", "Connection to <address> port 50000"),
        ("at fe80::1ff:fe23:4567:890a now", "at <address> now"),
        ("at 2001:db8::7 now", "at <address> now"),
        ("1b2c3d4e-0000-4000-8000-1234567890ab.local", "<address>"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:<secret>"),
        ("Token = eyJhbGciOi", "Token = <secret>"),
        ("password: hunter2 was refused", "password: <secret> was refused"),
        (f"setRemoteDescription {SDP}", "setRemoteDescription <SDP>"),
    ],
)
def test_what_says_where_or_who_somebody_is_becomes_a_placeholder(line: str, shown: str) -> None:
    assert logs.redact(line) == shown


@pytest.mark.parametrize(
    "line", ["aiortc 1.16.0 for Python 3.11", "Connection(0) Check failed", "3 of 4", ""]
)
def test_what_says_nothing_of_anybody_stays(line: str) -> None:
    assert logs.redact(line) == line


def test_a_records_arguments_are_redacted_too() -> None:
    record = logging.LogRecord(
        "aioice", logging.INFO, "", 1, "Check %s -> %s", ("192.0.2.7", "2001:db8::7"), None
    )

    assert logs.RedactingFilter().filter(record)

    assert record.getMessage() == "Check <address> -> <address>"


def test_of_an_error_only_its_kind_is_shown() -> None:
    try:
        raise ValueError(SDP)
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 1, "It failed.", (), (ValueError, error, error.__traceback__)
        )

    logs.RedactingFilter().filter(record)

    assert logging.Formatter().format(record) == "It failed. (ValueError)"


@pytest.mark.parametrize(
    "make",
    [
        lambda count: ":" * count,
        lambda count: "a:" * count,
        lambda count: "0123456789abcdef-" * count,
        lambda count: "1." * count,
        lambda count: "token" * count,
        lambda count: "token" + "=" * count,
        lambda count: "v=0" * count,
    ],
)
def test_twice_as_long_a_line_takes_about_twice_the_time(make: Callable[[int], str]) -> None:
    def cost(text: str) -> float:
        began = time.thread_time()
        logs.redact(text)
        return time.thread_time() - began

    # In turn, so that a machine that is busy for a while is so for both.
    once, twice = map(min, zip(*((cost(make(10_000)), cost(make(20_000))) for _ in range(7)), strict=True))

    # What grows with the square takes four times as long; what takes no time at all cannot be compared.
    assert twice < 3 * once + 0.0025


@contextlib.contextmanager
def fresh_root_logger() -> Iterator[logging.Logger]:
    """The root logger as it is when a process begins; put back afterwards."""
    root = logging.getLogger()
    handlers, level, disabled = list(root.handlers), root.level, root.manager.disable
    root.handlers[:] = []
    try:
        yield root
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(disabled)


def test_a_media_process_logs_nothing_unless_it_is_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(logs.VARIABLE, raising=False)

    with fresh_root_logger() as root:
        logs.configure_media_process()

        assert not logging.getLogger("aioice").isEnabledFor(logging.CRITICAL)
        assert root.handlers == []


def test_a_media_process_that_is_asked_to_logs_without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setenv(logs.VARIABLE, "info")
    monkeypatch.setattr("sys.stderr", shown)

    with fresh_root_logger():
        logs.configure_media_process()
        logging.getLogger("aioice").info("Check %s", "192.0.2.7")
        logging.getLogger("aioice").debug("not this")

    assert "aioice INFO Check <address>" in shown.getvalue()
    assert "not this" not in shown.getvalue()
