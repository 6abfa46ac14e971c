"""Errors and which of them end a connection."""

from __future__ import annotations

import pytest

from rtc_widget import errors


def test_a_connection_ends_only_where_trying_again_changes_nothing() -> None:
    of_who_asks = {
        "bad_token",
        "token_expired",
        "token_used",
        "wrong_room",
        "forbidden",
        "bad_room",
        "bad_name",
    }
    of_who_is_gone = {
        "taken_over",
        "kernel_gone",
        "removed",
        "token_revoked",
        "not_admitted",
        "nobody_answered",
    }

    assert {code for code in errors.CODES if errors.is_fatal(code)} == of_who_asks | of_who_is_gone


def test_an_unknown_code_may_pass_by() -> None:
    assert not errors.is_fatal("of a later version")


def test_every_final_code_is_one() -> None:
    assert set(errors.CODES) >= errors.FATAL


def test_an_error_says_its_message_and_code() -> None:
    error = errors.RelayError("relay_failed", "It did not start.")

    assert str(error) == "It did not start. [relay_failed]"
    assert error.info() == {"code": "relay_failed", "message": "It did not start."}


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.WaitTimeoutError, TimeoutError),
        (errors.InvalidArgumentError, ValueError),
        (errors.UnknownParticipantError, KeyError),
    ],
)
def test_errors_are_caught_as_pythons_own_too(kind: type[errors.RtcWidgetError], builtin: type) -> None:
    assert issubclass(kind, builtin)
    assert issubclass(kind, errors.RtcWidgetError)
