"""What a user can import, call and read is what it was, wherever it is defined."""

from __future__ import annotations

from rtc_widget import errors
from tests.support.golden import agrees
from tests.support.golden.api import public


def test_every_public_name_can_be_used_as_before() -> None:
    agrees("api", public())


def test_every_error_code_means_what_it_did() -> None:
    agrees("codes", errors.CODES)
