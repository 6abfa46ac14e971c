"""What one participant may make the relay keep: a share of its own, so that who sends without end takes nobody else's."""

from __future__ import annotations

from collections import Counter
from typing import Final

from .signaling_messages import Message

# Offers and candidates to fifteen others, and as many characters.
_MESSAGES: Final = 320
_CHARACTERS: Final = 1_048_576


class Shares:
    """How much of what is kept is whose."""

    def __init__(self) -> None:
        self._messages: Counter[str] = Counter()
        self._characters: Counter[str] = Counter()

    def has_room(self, message: Message) -> bool:
        """Tell whether a message still belongs to its sender's share.

        Parameters
        ----------
        message : Message
            One that is not kept yet.

        Returns
        -------
        bool
            Whether it may be kept.
        """
        sender = message.sender.id
        return self._messages[sender] < _MESSAGES and self._characters[sender] + message.size <= _CHARACTERS

    def add(self, message: Message) -> None:
        """Count a message that is kept.

        Parameters
        ----------
        message : Message
            The message.
        """
        self._messages[message.sender.id] += 1
        self._characters[message.sender.id] += message.size

    def remove(self, message: Message) -> None:
        """Count a message no longer.

        Parameters
        ----------
        message : Message
            One that was added.
        """
        sender = message.sender.id
        self._messages[sender] -= 1
        self._characters[sender] -= message.size
        if not self._messages[sender]:
            del self._messages[sender], self._characters[sender]
