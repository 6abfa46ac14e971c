"""A candidate that waits for its description."""

from __future__ import annotations

from dataclasses import dataclass

from ...signaling.peer_signaling import Candidate


@dataclass(frozen=True, slots=True)
class QueuedCandidate:
    """A candidate that arrived before its description, and the id of the message that carried it."""

    candidate: Candidate
    message: str | None

    def belongs(self, fragments: set[str]) -> bool:
        """Return whether it belongs to a description with these username fragments (RFC 8839, section 5.4).

        Parameters
        ----------
        fragments : set of str
            Of the description.

        Returns
        -------
        bool
            Whether it does.
        """
        fragment = self.candidate.get("usernameFragment")
        return not fragment or fragment in fragments
