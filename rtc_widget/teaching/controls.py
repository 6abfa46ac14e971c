"""What a widget offers for teaching, by its name: delegates to its `SignalingControl`, and nothing else."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from traitlets import HasTraits, Instance

from ..room.waiting_people import WaitingPeople
from ..runtime.delegation import delegate
from ..trace.stats import Stats
from ..trace.trace import Trace
from .fault_injection import FaultInjection
from .held_messages import Break, HeldMessages
from .signaling_control import SignalingControl
from .stepping import Stepping
from .waiting_room import WaitingRoom

if TYPE_CHECKING:
    from ..trace.overview import Overview

_stepping = attrgetter("_control.stepping")
_waiting_room = attrgetter("_control.waiting_room")


class Controls(HasTraits):
    """The part of `RoomWidget` that watches, stops, steps and breaks the room's signaling."""

    waiting = Instance(WaitingPeople, args=(), read_only=True)

    _control: SignalingControl

    pause = delegate(_stepping, Stepping.pause)
    step = delegate(_stepping, Stepping.step)
    step_over = delegate(_stepping, Stepping.step_over)
    step_to = delegate(_stepping, Stepping.step_to)
    release = delegate(_stepping, Stepping.release)
    drop = delegate(_stepping, Stepping.drop)
    duplicate = delegate(_stepping, Stepping.duplicate)
    resume = delegate(_stepping, Stepping.resume)
    break_on = delegate(_stepping, Stepping.break_on)
    clear_breaks = delegate(_stepping, Stepping.clear_breaks)
    admit = delegate(_waiting_room, WaitingRoom.admit)
    decline = delegate(_waiting_room, WaitingRoom.decline)
    remove = delegate(attrgetter("_control"), SignalingControl.remove)

    @property
    def trace(self) -> Trace:
        """What has happened in the room since this widget was made, on one clock; see `Trace`."""
        return self._control.trace

    @property
    def stats(self) -> Stats:
        """What participants have measured; see `SignalingControl.stats`."""
        return self._control.stats

    def overview(self) -> Overview:
        """Return who is connected to whom, by which candidates and how well, and what is held between them.

        Returns
        -------
        Overview
            Shows itself as a table: each row sends to the columns.
        """
        return self._control.overview()

    @property
    def paused(self) -> bool:
        """Whether signaling messages are held."""
        return self._control.stepping.paused

    @property
    def held(self) -> HeldMessages:
        """The messages that wait at the signaling server, the oldest first."""
        return self._control.stepping.held

    @property
    def breaks(self) -> tuple[Break, ...]:
        """The breakpoints that no message has reached yet; `clear_breaks` and `resume` remove them."""
        return self._control.stepping.breaks

    @property
    def fault(self) -> FaultInjection:
        """What is broken on purpose; see `FaultInjection`."""
        return self._control.fault
