"""The secret that a widget's kernel and its pages share, and the public name that goes with it."""

from __future__ import annotations

import hashlib
import secrets


def new_owner_key() -> str:
    """Make the secret that a widget's kernel and its pages share. Whoever presents it acts for the widget.

    Returns
    -------
    str
        32 characters of base64url.
    """
    return secrets.token_urlsafe(24)


def owner_name(key: object) -> str | None:
    """Derive the public name of a widget from its owner key.

    Parameters
    ----------
    key : object
        The owner key, as a client sent it.

    Returns
    -------
    str or None
        16 hexadecimal digits; None for what cannot be an owner key.
    """
    if not isinstance(key, str) or not 16 <= len(key) <= 128:
        return None
    return hashlib.sha256(key.encode()).hexdigest()[:16]
