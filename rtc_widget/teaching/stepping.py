"""Stopping and stepping the signaling of a room, as a debugger does with a program."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ProtocolError
from ..runtime.lifetime import Lifetime
from ..runtime.validation import check_choice, check_timeout
from ..runtime.waiters import Waiters
from .ends import Who, end_of
from .held_messages import KINDS, Break, HeldMessage, HeldMessages, SignalKind, words_of


class Stepping:
    """Holds a room's signaling messages, and lets them go on one by one. Nothing of a negotiation times out meanwhile.

    Parameters
    ----------
    life : Lifetime
        The widget's lifetime.
    waiters : Waiters
        Used to wait for held messages.
    request : callable
        Sends an action with its options to the relay and waits for the acknowledgement.
    state : callable
        Returns the room's control state.
    names : callable
        Returns the names of everybody who was ever there, by id.
    members : callable
        Returns the names of everybody in the room, by id.
    """

    def __init__(
        self,
        life: Lifetime,
        waiters: Waiters[Any],
        *,
        request: Callable[..., None],
        state: Callable[[], Mapping[str, Any]],
        names: Callable[[], Mapping[str, str]],
        members: Callable[[], Mapping[str, str]],
    ) -> None:
        self._life, self._waiters = life, waiters
        self._request, self._state, self._names, self._members = request, state, names, members

    @property
    def paused(self) -> bool:
        """Whether signaling messages are held."""
        return bool(self._state()["paused"])

    @property
    def held(self) -> HeldMessages:
        """The messages that the relay is holding, the oldest first."""
        names = self._names()
        return HeldMessages(HeldMessage.of(each, names) for each in self._state()["held"])

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The breakpoints that no message has reached yet; `resume` removes them."""
        return tuple(Break.of(each) for each in self._state()["breaks"])

    def pause(self) -> None:
        """Hold all further signaling messages of the room at the relay.

        Raises
        ------
        ProtocolError
            ``forbidden`` without a teacher's token; ``relay_unreachable``, ``timeout``.
        """
        self._request("pause")

    def step(self, timeout: float = 5.0) -> HeldMessage:
        """Release the message that has been held for longest, as this kernel sees it: the first of `held`.

        Parameters
        ----------
        timeout : float
            Seconds to wait for a message when none is held: the next one is often just under way.

        Returns
        -------
        HeldMessage
            The released message.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        self._life.check_open()
        timeout = check_timeout(timeout)
        if not self.held:
            self._wait_for_held(bool, timeout)
        waiting = self.held
        if not waiting:
            before = "pause before what you want to see" if self.paused else "call pause() first"
            msg = f"No message was held within {timeout:g} s: {before}, or cause some signaling."
            raise ProtocolError("nothing_held", msg)
        self.release(waiting[0])
        return waiting[0]

    def step_over(self, kind: SignalKind = "ice_candidate", timeout: float = 1.0) -> HeldMessage | None:
        """Release the held messages of a kind that come first: with candidates, as a debugger steps over a call.

        Parameters
        ----------
        kind : {"ice_candidate", "offer", "answer", "request_offer"}
            What is released.
        timeout : float
            Seconds to wait for a message when none is held.

        Returns
        -------
        HeldMessage or None
            The message that waits next, which is of another kind; None when no other has come.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another kind.
        """
        check_choice("kind", kind, KINDS)
        return self._step_until(lambda held: held.kind != kind, check_timeout(timeout))

    def step_to(self, *kinds: SignalKind, timeout: float = 5.0) -> HeldMessage:
        """Release held messages until the next one is an offer or an answer, or of a kind that is named.

        Parameters
        ----------
        *kinds : {"offer", "answer", "ice_candidate", "request_offer"}
            Where to stop; at an offer or an answer when left out.
        timeout : float
            Seconds to wait for it.

        Returns
        -------
        HeldMessage
            The message, which is still held.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another kind.
        ProtocolError
            ``nothing_held`` when none has come in time.
        """
        wanted = kinds or ("offer", "answer")
        for kind in wanted:
            check_choice("kind", kind, KINDS)
        timeout = check_timeout(timeout)
        found = self._step_until(lambda held: held.kind in wanted, timeout)
        if found is None:
            msg = f"No {' or '.join(map(words_of, wanted))} came within {timeout:g} s."
            raise ProtocolError("nothing_held", msg)
        return found

    def _step_until(self, stops: Callable[[HeldMessage], bool], timeout: float) -> HeldMessage | None:
        self._life.check_open()
        deadline = time.monotonic() + timeout
        while True:
            waiting = self.held
            if waiting and stops(waiting[0]):
                return waiting[0]
            if waiting:
                self.release(waiting[0])
            elif time.monotonic() >= deadline:
                return None
            self._wait_for_held(functools.partial(_differ, waiting), deadline - time.monotonic())

    def _wait_for_held(self, comes: Callable[[HeldMessages], bool], timeout: float) -> None:
        """Wait until what is held is as it should be, or not any longer."""
        self._life.check_may_wait()
        future = self._waiters.add(lambda _member: comes(self.held))
        self._life.threads.post(self._waiters.notify)
        self._waiters.wait(future, max(0.0, timeout))

    def release(self, message: HeldMessage | str) -> None:
        """Release a held message, whatever came before it.

        Parameters
        ----------
        message : HeldMessage or str
            One of `held`, or its id.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        self._request("release", message=_id_of(message))

    def drop(self, message: HeldMessage | str) -> None:
        """Let a held message go nowhere: its receiver never gets it.

        Parameters
        ----------
        message : HeldMessage or str
            One of `held`, or its id.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        self._request("drop", message=_id_of(message))

    def duplicate(self, message: HeldMessage | str) -> None:
        """Put a copy of a held message behind it, as if it had been sent twice.

        Parameters
        ----------
        message : HeldMessage or str
            One of `held`, or its id.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        self._request("duplicate", message=_id_of(message))

    def resume(self) -> None:
        """Stop holding messages, and release all held ones in order. Breakpoints are removed."""
        self._request("resume")

    def break_on(
        self,
        kind: SignalKind | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
    ) -> None:
        """Pause as soon as a message of a kind arrives, with that message held.

        Parameters
        ----------
        kind : {"offer", "answer", "ice_candidate", "request_offer"}, optional
            Any when left out.
        sender, to : Who, optional
            Names or ids, also of participants who have not joined yet; a warning names whom a misspelt name may mean.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another kind.
        """
        check_choice("kind", kind, (*KINDS, None))
        here = self._members()
        self._request("break_on", kind=kind, sender=end_of(sender, here), to=end_of(to, here))

    def clear_breaks(self, which: Break | str | None = None) -> None:
        """Remove a breakpoint, or all.

        Parameters
        ----------
        which : Break or str, optional
            One of `breaks`, or its id; all when left out.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` when there is no such breakpoint any more.
        """
        key = which.id if isinstance(which, Break) else which
        self._request("clear_breaks", **{"break": key})


def _id_of(message: HeldMessage | str) -> str:
    return message.id if isinstance(message, HeldMessage) else message


def _differ(before: HeldMessages, now: HeldMessages) -> bool:
    return now[:1] != before[:1]
