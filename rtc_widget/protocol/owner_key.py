"""The secret that a widget's kernel and its pages share, and the public name that goes with it."""

from __future__ import annotations

import hashlib
import secrets


def new_owner_key() -> str:
    """Make the secret that a widget's kernel and its pages share; whoever presents it speaks for the widget."""
    return secrets.token_urlsafe(24)


def owner_name(key: object) -> str | None:
    """Return the public name that goes with an owner key, None for what cannot be one."""
    if not isinstance(key, str) or not 16 <= len(key) <= 128:
        return None
    return hashlib.sha256(key.encode()).hexdigest()[:16]
