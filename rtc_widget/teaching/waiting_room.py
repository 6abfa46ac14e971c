"""Who waits to be let into the room: followed from the relay, shown in the widget, and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..protocol.comm import WaitingContent, WaitingRow
from ..room.room_member import RoomMember
from ..room.room_state import assign
from ..room.waiting_people import WaitingPeople, WaitingPerson
from ..runtime.lifetime import Lifetime
from ..runtime.waiters import Waiters

_SHOWN: Final = 3
"""So many have a row of their own in the widget; the others share one."""


class WaitingRoom:
    """Lets people in who came by a link with ``wait=True``, or declines.

    Parameters
    ----------
    member : RoomMember
        The widget: `waiting` is set.
    life : Lifetime
        Of the widget.
    waiters : Waiters
        Those that wait for a condition of the widget.
    request : callable
        Sends an event with a payload to the relay, and waits for its acknowledgement.
    post : callable
        Sends an event with a payload to the relay, and does not wait.
    send : callable
        Sends a comm message: ``send(message, to=…)``.
    """

    def __init__(
        self,
        member: RoomMember,
        life: Lifetime,
        waiters: Waiters[Any],
        *,
        request: Callable[[str, dict[str, Any]], None],
        post: Callable[[str, dict[str, Any]], object],
        send: Callable[..., None],
    ) -> None:
        self._member, self._life, self._waiters = member, life, waiters
        self._request, self._post, self._send = request, post, send
        # As the relay has said it; the trait follows on the observer thread.
        self._people = WaitingPeople()

    # -- what a user may do

    def admit(self, person: str | WaitingPerson | None = None) -> None:
        """Let somebody into the call who waits: they came by a link with ``wait=True``. Everybody when nobody is named.

        Parameters
        ----------
        person : str or WaitingPerson, optional
            A name, an id, or one of `waiting`.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, with the names of all who wait.
        ProtocolError
            ``token_used`` when the link has admitted as many as it was made for; ``forbidden`` without a teacher's token;
            ``relay_unreachable``, ``timeout``.
        """
        self._life.check_open()
        for each in self._people if person is None else [self._people.find(person)]:
            self._request("answer_knock", self._answer(each.id, admit=True))

    def decline(self, person: str | WaitingPerson, *, revoke: bool = False) -> None:
        """Do not let somebody in who waits. They may ask again, as long as their link admits people.

        Parameters
        ----------
        person : str or WaitingPerson
            A name, an id, or one of `waiting`.
        revoke : bool
            Also revoke the link that they came by, for everybody who is not in the room.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, with the names of all who wait.
        ProtocolError
            ``forbidden`` without a teacher's token; ``relay_unreachable``, ``timeout``.
        """
        self._life.check_open()
        found = self._people.find(person)
        self._request("answer_knock", {**self._answer(found.id, admit=False), "revoke": bool(revoke)})

    # -- from the room's observer; on the RTC thread

    def told(self, payload: Mapping[str, Any]) -> None:
        """Follow what the relay says: a snapshot, or the event ``waiting``.

        Parameters
        ----------
        payload : mapping
            Has ``waiting``, unless an older relay has sent it.
        """
        people = WaitingPeople(map(WaitingPerson.of, payload.get("waiting", ())))
        if people == self._people:
            return
        self._people = people
        self._show("*")
        self._life.threads.post(lambda: self._publish(people))

    def _publish(self, people: WaitingPeople) -> None:
        assign(self._member, waiting=people)
        self._waiters.notify()

    # -- front ends

    def greet(self, client_id: str) -> None:
        """Say who waits, if anybody does.

        Parameters
        ----------
        client_id : str
            The front end that has come, or "*" for all.
        """
        if self._people:
            self._show(client_id)

    def _show(self, client_id: str) -> None:
        content: WaitingContent = {"kind": "waiting", "rows": _rows(self._people)}
        self._send(content, to=client_id)

    def receive(self, content: Mapping[str, Any]) -> None:
        """Handle an `Answer` of a front end.

        Parameters
        ----------
        content : mapping
            The message.
        """
        wanted, admit = content.get("ids"), content.get("admit") is True
        for each in self._people:
            if isinstance(wanted, list) and each.id in wanted:
                self._post("answer_knock", self._answer(each.id, admit=admit))

    def _answer(self, person: str, *, admit: bool) -> dict[str, Any]:
        return {"roomId": self._member.room, "participant": person, "admit": admit}


def _rows(people: WaitingPeople) -> list[WaitingRow]:
    labels = people.labels
    alone = len(labels) if len(labels) <= _SHOWN + 1 else _SHOWN
    rows = [_row([each.id], f"{label} waits to be let in") for label, each in labels.items()]
    if rest := [each.id for each in people[alone:]]:
        rows[alone:] = [_row(rest, f"{len(rest)} others wait to be let in")]
    return rows


def _row(ids: list[str], title: str) -> WaitingRow:
    return {
        "ids": ids,
        "title": title,
        "text": "They came by a link, and see and hear nothing of the call until then.",
    }
