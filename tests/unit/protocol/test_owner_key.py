"""The secret of a widget, and its public name."""

from __future__ import annotations

import pytest

from rtc_widget.protocol.owner_key import new_owner_key, owner_name


def test_a_name_goes_with_its_key_and_does_not_say_it() -> None:
    key = new_owner_key()

    assert owner_name(key) == owner_name(key)
    assert owner_name(key) != owner_name(new_owner_key())
    assert key not in str(owner_name(key))


@pytest.mark.parametrize("key", [None, "", "short", "x" * 129, 7, b"0123456789abcdef"])
def test_what_cannot_be_a_key_has_no_name(key: object) -> None:
    assert owner_name(key) is None
