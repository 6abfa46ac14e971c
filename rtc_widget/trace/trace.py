"""`Trace`: the events of a room, in the order of one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from ..errors import InvalidArgumentError
from ..runtime.paths import check_path, check_target
from ..runtime.signatures import explained_methods
from ..runtime.validation import at_place, nearest
from .beginnings import standing
from .events import RELAY, TYPES, Event, time_of
from .message_table import Messages
from .messages import messages_of
from .naming import labels, meant
from .sdp.diff import diff
from .sdp.explain import explain

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    from .diagram import Diagram


@explained_methods("filter", "by", "between", "messages", "why", "diagram", "save", "load")
class Trace(Sequence[Event]):
    """The events of a room: every participant's steps and every message's way, on the relay's clock.

    Traces do not change: `RoomWidget.trace` returns a new one each time.

    Parameters
    ----------
    events : iterable of Event
        In any order.
    names : mapping
        Participant ids to names.
    room : str
        The room's name.

    Examples
    --------
    >>> room.trace.by("Ada").filter("setLocalDescription", "setRemoteDescription")
    >>> room.trace.between("Ada", "Bob").messages()[0].sdp
    """

    def __init__(self, events: Iterable[Event], *, names: Mapping[str, str], room: str = "") -> None:
        # Sorting is stable: events with the same time stay in the order of the report.
        self._events = tuple(sorted(events, key=time_of))
        self.names = dict(names)
        self.room = room
        # States and descriptions from before a part of a longer trace begins: its diagram starts from them.
        self.before: tuple[Event, ...] = ()

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Event | Self:
        if not isinstance(index, slice):
            return at_place(self._events, index, "event")
        past = self._events[: index.indices(len(self))[0]]
        return self._with(self._events[index], standing((*self.before, *past)))

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self._events == other._events

    def __hash__(self) -> int:
        return hash(self._events)

    def __repr__(self) -> str:
        called = labels(self.names, self)
        people = ", ".join(called.get(key, key) for key in self.participants) or "nobody"
        seconds = self._events[-1].time - self._events[0].time if self._events else 0.0
        return f"<Trace of {self.room!r}: {len(self)} events in {seconds:.3f} s, {people}>"

    def _with(self, events: Iterable[Event], before: tuple[Event, ...] | None = None) -> Self:
        made = type(self)(events, names=self.names, room=self.room)
        made.before = self.before if before is None else before
        return made

    # -- selecting

    def filter(self, *types: str, where: Callable[[Event], Any] | None = None) -> Self:
        """Keep events of some types, or those for which a function returns true, or both.

        Parameters
        ----------
        *types : str
            Such as "setLocalDescription" or "state"; see `rtc_widget.trace.events.TYPES`.
        where : callable, optional
            Takes an `Event`.

        Returns
        -------
        Trace
            The matching events.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for an unknown type.
        """
        for unknown in [each for each in types if each not in TYPES]:
            msg = f"Unknown event type {unknown!r}. The types are: {', '.join(TYPES)}."
            raise InvalidArgumentError("bad_argument", msg + nearest(str(unknown), TYPES))
        return self._with(
            event for event in self if (not types or event.type in types) and (where is None or where(event))
        )

    def by(self, participant: str | object) -> Self:
        """Keep the events of one participant.

        Parameters
        ----------
        participant : str or object
            Name, id, or a `Participant`; "relay" for the relay.

        Returns
        -------
        Trace
            The matching events.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``.
        """
        key = self._find(participant)
        return self._with(event for event in self if event.participant == key)

    def between(self, one: str | object, other: str | object) -> Self:
        """Keep the events of the connection between two participants, including their messages at the relay.

        Parameters
        ----------
        one, other : str or object
            Names, ids, or `Participant` objects.

        Returns
        -------
        Trace
            The matching events.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``.
        """
        pair = {self._find(one), self._find(other)}

        def is_theirs(event: Event) -> bool:
            if event.participant == RELAY:
                return {event.data.get("from"), event.data.get("to")} == pair
            return event.participant in pair and (event.peer is None or event.peer in pair)

        return self._with(event for event in self if is_theirs(event))

    # -- reading

    @property
    def participants(self) -> tuple[str, ...]:
        """Ids of the participants, in order of appearance."""
        seen = dict.fromkeys(event.participant for event in self)
        ends = dict.fromkeys(
            str(event.data[end])
            for event in self
            if event.type == "arrived"
            for end in ("from", "to")
            if end in event.data
        )
        return tuple(key for key in {**seen, **ends} if key != RELAY)

    def name_of(self, key: str) -> str:
        """Return a participant's name.

        Parameters
        ----------
        key : str
            The participant's id.

        Returns
        -------
        str
            The id itself for a participant without a known name.
        """
        return self.names.get(key, key)

    def messages(self) -> Messages:
        """Return the signaling messages, each with its way from the sender through the relay to the receiver.

        Returns
        -------
        Messages
            A tuple of `Message`, in the order in which they arrived at the relay, which is shown as a table.
        """
        return Messages(messages_of(self), self.name_of, self._events[0].time if self._events else 0.0)

    explain = staticmethod(explain)
    """`rtc_widget.trace.explain`, as a method of ``room.trace``."""

    diff = staticmethod(diff)
    """`rtc_widget.trace.diff`, as a method of ``room.trace``."""

    def why(self, one: str | object, other: str | object) -> str:
        """Explain in one sentence why the candidate pair between two participants won.

        Parameters
        ----------
        one, other : str or participant
            Names, ids, or `Participant` objects.

        Returns
        -------
        str
            As of `rtc_widget.trace.why`; local is what the first one calls its own end.
        """
        from .candidate_pairs import why_seen_by

        return why_seen_by(self._find(one), self.between(one, other))

    def _repr_html_(self) -> str:
        from . import event_table

        return event_table.as_html(self)

    def _find(self, participant: object) -> str:
        key = str(getattr(participant, "id", participant))
        if key == RELAY or key in self.names or hasattr(participant, "id"):
            return self._known(key)
        return meant(key, self.names, self) or self._known(key)

    def _known(self, key: str) -> str:
        """Return an id of the relay or of a participant, or raise an error for the user."""
        if key == RELAY or key in self.names:
            return key
        names = ", ".join(map(repr, dict.fromkeys(self.names.values()))) or "nobody"
        raise InvalidArgumentError(
            "unknown_participant", f"{key!r} is not in this trace. Participants: {names}."
        )

    def diagram(
        self,
        *,
        scale: Literal["even", "time"] = "even",
        size: Literal["normal", "slides"] = "normal",
        private: bool = True,
    ) -> Diagram:
        """Draw the trace as a sequence diagram: a lifeline for each of two participants, and one for the signaling server.

        Parameters
        ----------
        scale : {"even", "time"}
            Evenly spaced rows, or time to scale, with long gaps shortened.
        size : {"normal", "slides"}
            "slides" has larger type, for a projector.
        private : bool
            Whether addresses, passwords, fingerprints and ids are replaced by placeholders. Notebooks are saved
            with their output, so think before you pass False.

        Returns
        -------
        Diagram
            Displays itself in a notebook. Of more than two participants it shows one connection at a time.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for another scale or size.

        Examples
        --------
        >>> room.trace.between("Ada", "Bob").diagram(scale="time").save("call.svg")
        """
        from .diagram import Diagram

        return Diagram(self, scale=scale, size=size, private=private)

    def to_mermaid(self, *, private: bool = True) -> str:
        """Write the trace as a sequence diagram in Mermaid, for a report, a wiki or GitHub.

        Parameters
        ----------
        private : bool
            Whether addresses, passwords, fingerprints and ids are replaced by placeholders. Notebooks are saved
            with their output, so think before you pass False.

        Returns
        -------
        str
            The diagram's source, of all participants.

        Examples
        --------
        >>> Path("call.mmd").write_text(room.trace.between("Ada", "Bob").to_mermaid())
        """
        return self.diagram(private=private).mermaid

    # -- files and tables

    def to_frame(self, *, private: bool = True) -> pd.DataFrame:
        """Return a pandas DataFrame with one row per event.

        Columns: ``time`` (seconds since the first event), ``error``, ``participant``, ``type``, ``peer``,
        ``message``, and one for each scalar in ``data``. Contents of messages are left out.

        Parameters
        ----------
        private : bool
            Whether addresses, passwords, fingerprints and ids are replaced by placeholders. Notebooks are saved
            with their output, so think before you pass False.

        Returns
        -------
        pandas.DataFrame
            The events in order.

        Raises
        ------
        ImportError
            Without pandas.
        """
        import pandas as pd

        start = self._events[0].time if self._events else 0.0
        from .redaction import Redactor

        redactor = Redactor()
        rows = [
            {
                "time": event.time - start,
                "error": event.error,
                "participant": "relay" if event.participant == RELAY else self.name_of(event.participant),
                "type": event.type,
                "peer": None if event.peer is None else self.name_of(event.peer),
                "message": event.message,
                **{
                    key: redactor.field(key, value) if private else value
                    for key, value in event.data.items()
                    if not isinstance(value, dict | list)
                },
            }
            for event in self
        ]
        return pd.DataFrame(rows)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the trace as JSON Lines, in the format described in ``docs/trace.md``. The file contains SDP and addresses.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        Path
            The absolute path.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` when it cannot be written, or would replace something else than a trace, such as a dump.
        """
        from .io.jsonl import dump

        return dump(self, check_target("A trace", path))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Trace:
        """Read a trace: our JSON Lines, or a dump of Chromium's webrtc-internals or of rtcstats.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        Trace
            The trace. Of an incomplete file everything up to the break, with a warning. Another warning lists what of a
            dump was not understood.

        Raises
        ------
        InvalidArgumentError
            ``bad_trace`` for another format, for a newer version, and when it cannot be read; ``bad_argument`` for what
            cannot be a path.
        """
        from .io.jsonl import load

        return load(check_path("A trace's path", path))
