"""What a peer needs besides, and how it is asked for."""

from __future__ import annotations

import pytest

from rtc_widget.errors import RtcWidgetError
from rtc_widget.peer.kernel import extra


def test_what_is_missing_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    extra.check_installed()

    monkeypatch.setattr(extra, "missing", lambda: ["aiortc", "av"])

    with pytest.raises(
        RtcWidgetError, match=r'needs aiortc and av.*pip install "rtc-widget\[peer\]"'
    ) as caught:
        extra.check_installed()
    assert caught.value.code == "peer_missing"
