"""Single-use tokens that have been used."""

from __future__ import annotations

import stat
import time
from typing import TYPE_CHECKING

import pytest

from rtc_widget.relay import used_tokens
from rtc_widget.relay.used_tokens import UsedTokens

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relay.used"


def test_a_relay_that_is_started_anew_knows_which_tokens_have_been_used(path: Path) -> None:
    UsedTokens(path).add("nonce", time.time() + 60)

    assert "nonce" in UsedTokens(path)
    assert "another" not in UsedTokens(path)


def test_what_has_expired_is_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(used_tokens, "_COMPACT_LINES", 10)
    used = UsedTokens(path)
    used.add("of today", time.time() + 60)
    for number in range(100):
        used.add(f"of yesterday {number}", time.time() - 60)

    assert "of today" in used
    assert len(path.read_text().splitlines()) < 20


def test_nobody_else_may_read_them(path: Path) -> None:
    UsedTokens(path).add("nonce", time.time() + 60)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\xff\x00 x", b"12", b"never nonce", b"9" * 100_000 + b" nonce"])
def test_a_damaged_file_costs_its_damaged_lines_only(path: Path, content: bytes) -> None:
    path.write_bytes(b"%d good\n" % (time.time() + 60) + content)

    used = UsedTokens(path)

    assert "good" in used
    assert "nonce" not in used


def test_without_a_file_that_can_be_written_they_are_known_while_the_relay_runs(tmp_path: Path) -> None:
    used = UsedTokens(tmp_path / "nowhere" / "relay.used")
    used.add("nonce", time.time() + 60)

    assert "nonce" in used
