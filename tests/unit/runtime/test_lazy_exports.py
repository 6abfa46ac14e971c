"""Public names that are imported when they are first used."""

from __future__ import annotations

import pytest

from rtc_widget import trace
from rtc_widget.runtime.lazy_exports import lazy_exports


def test_a_name_is_what_its_module_calls_so_and_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from rtc_widget.trace.messages import Message

    monkeypatch.delattr(trace, "Message", raising=False)
    homes = {"Message": "messages"}
    found = lazy_exports("rtc_widget.trace", homes)

    assert found("Message") is Message
    homes.clear()
    assert trace.Message is Message


def test_any_other_name_is_missing_as_from_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'rtc_widget\.trace' has no attribute 'Massage'$"):
        trace.Massage  # noqa: B018
