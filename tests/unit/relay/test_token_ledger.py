"""What a relay remembers of tokens, also when it is started anew."""

from __future__ import annotations

import stat
import time
from typing import TYPE_CHECKING

import pytest

from rtc_widget.relay import token_ledger
from rtc_widget.relay.token_ledger import TokenLedger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relay.used"


def test_a_relay_that_is_started_anew_knows_which_tokens_have_been_used(path: Path) -> None:
    TokenLedger(path).add_use("nonce", time.time() + 60)

    TokenLedger(path).add_use("nonce", time.time() + 60)

    assert TokenLedger(path).uses("nonce") == 2
    assert TokenLedger(path).uses("another") == 0


def test_a_relay_that_is_started_anew_knows_which_tokens_are_revoked(path: Path) -> None:
    first = TokenLedger(path)
    first.add_use("nonce", time.time() + 60)
    first.revoke("nonce", time.time() + 60)

    second = TokenLedger(path)

    assert second.is_revoked("nonce")
    assert second.uses("nonce") == 1
    assert not second.is_revoked("another")
    assert not second.is_revoked(None)


def test_what_has_expired_is_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_ledger, "_COMPACT_LINES", 10)
    used = TokenLedger(path)
    used.add_use("of today", time.time() + 60)
    for number in range(100):
        used.add_use(f"of yesterday {number}", time.time() - 60)

    assert used.uses("of today") == 1
    assert len(path.read_text().splitlines()) < 20


def test_nobody_else_may_read_them(path: Path) -> None:
    TokenLedger(path).add_use("nonce", time.time() + 60)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\xff\x00 x", b"12", b"never nonce", b"9" * 100_000 + b" nonce"])
def test_a_damaged_file_costs_its_damaged_lines_only(path: Path, content: bytes) -> None:
    path.write_bytes(b"%d good\n" % (time.time() + 60) + content)

    used = TokenLedger(path)

    assert used.uses("good") == 1
    assert used.uses("nonce") == 0


def test_without_a_file_that_can_be_written_they_are_known_while_the_relay_runs(tmp_path: Path) -> None:
    used = TokenLedger(tmp_path / "nowhere" / "relay.used")
    used.add_use("nonce", time.time() + 60)

    assert used.uses("nonce") == 1
