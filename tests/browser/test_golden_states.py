"""The states through which a room and the people in it go, as `observe` tells them, are those that there were."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.golden import keep, kept, updating
from tests.support.notebook_calls import holds, open_notebook, relays
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.chromium import Window
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


# In a kernel: what a user would write who wants to know what happens.
STORY = """
import json
from rtc_widget import RoomWidget

class Story:
    def __init__(self, room):
        self.room, self.told, self.here, self.errors = room, {}, {}, []
        room.observe(lambda change: self.errors.append(change.new), "error")
        room.observe(lambda change: self.tell("room", change.new), "state")
        room.observe(lambda change: self.look(), "participants")

    def tell(self, who, what):
        told = self.told.setdefault(who, [])
        if told[-1:] != [what]:
            told.append(what)

    def look(self):
        here = {id(person): person for person in self.room.participants}
        for key, person in here.items():
            if key not in self.here:
                self.tell(person.name, "comes")
                self.follow(person)
        for key in self.here.keys() - here.keys():
            self.tell(self.here[key].name, "goes")
        self.here = here

    def follow(self, person):
        name = person.name
        self.tell(name, person.connection_state)
        person.observe(lambda change: self.tell(name, change.new), "connection_state")
        person.observe(lambda change: self.tell(name, "away" if change.new else "back"), "away")
"""
SEES = "{0}.state == 'joined' and [(p.connection_state, p.away) for p in {0}.participants] == [('connected', False)]"
ALONE = "not {0}.participants"


@dataclass
class Meeting:
    """Ada and Bob, each in a notebook, a window and a kernel of their own."""

    lab: Lab
    room: str
    ada: Notebook
    bob: Notebook
    sockets: list[Any] = field(default_factory=list)

    @classmethod
    async def of(cls, lab: Lab, room: str, windows: list[Window]) -> Meeting:
        """Let Ada join, and then Bob."""
        ada, bob = [
            await open_notebook(lab, window, written(room, name))
            for window, name in zip(windows, ("Ada", "Bob"), strict=True)
        ]
        meeting = cls(lab, room, ada, bob)
        await ada.run_cell(0)
        await holds(ada, "ada.state == 'joined'")
        await bob.run_cell(0)
        await meeting.met()
        return meeting

    async def met(self) -> None:
        """Wait until both see each other."""
        await asyncio.gather(holds(self.ada, SEES.format("ada")), holds(self.bob, SEES.format("bob")))

    async def begin(self) -> None:
        """Forget what was told so far."""
        for notebook in (self.ada, self.bob):
            await notebook.execute("story.told.clear()")

    async def errors(self) -> list[str]:
        """Return what each room's `error` was, which says why it went another way."""
        kernels = ("Ada", self.ada), ("Bob", self.bob)
        return [f"{name}: {await notebook.execute('print(story.errors)')}" for name, notebook in kernels]

    async def told(self) -> dict[str, list[str]]:
        """Return what each kernel was told of its room and of the other."""
        found = {}
        for name, notebook in (("Ada", self.ada), ("Bob", self.bob)):
            told = json.loads(await notebook.execute("print(json.dumps(story.told))"))
            found |= {f"{who} in {name}'s kernel": states for who, states in told.items()}
        return found


def written(room: str, name: str) -> str:
    """Return a cell that puts somebody into a room and follows what happens."""
    variable = name.lower()
    made = f"{variable} = RoomWidget({room!r}, name={name!r}, video='pattern', audio=False)"
    return f"{STORY}\n{made}\nstory = Story({variable})\n{variable}"


async def join(_meeting: Meeting) -> None:
    """Nothing more than coming together."""


async def path_lost(meeting: Meeting) -> None:
    """Ada's page loses its connection to the relay, and finds it again."""
    await meeting.begin()
    before = len(meeting.sockets)
    for socket in list(meeting.sockets):
        await socket.close()
    await wait_for(lambda: len(meeting.sockets) > before, 30, "a new connection")
    await holds(meeting.bob, "story.told.get('Ada', [])[-1:] in (['back'], ['connected'])")
    await holds(meeting.ada, "story.told.get('room', [])[-1:] == ['joined']")
    await meeting.met()


async def reload(meeting: Meeting) -> None:
    """Ada's page is loaded again."""
    await meeting.ada.save()
    await meeting.begin()
    await meeting.ada.reload()
    # He may be told of her going and coming at once.
    await holds(meeting.bob, "'connected' in story.told.get('Ada', [])")
    await meeting.met()


async def relay_killed(meeting: Meeting) -> None:
    """The relay's process is killed; another takes its place."""
    await meeting.begin()
    [relay] = relays(meeting.lab)
    os.kill(relay.pid, signal.SIGKILL)
    relay.wait(5)
    await wait_for(lambda: relays(meeting.lab), 30, "a new relay")
    for notebook in (meeting.ada, meeting.bob):
        await holds(notebook, "story.told.get('room', [])[-1:] == ['joined']")
    await meeting.met()


async def kernel_restart(meeting: Meeting) -> None:
    """Ada's kernel is restarted, and her cell run again."""
    await meeting.begin()
    await meeting.ada.restart_kernel()
    await holds(meeting.bob, ALONE.format("bob"))
    await meeting.ada.run_cell(0)
    await meeting.met()


async def leave(meeting: Meeting) -> None:
    """Ada leaves, and comes back."""
    await meeting.begin()
    await meeting.ada.execute("ada.leave()")
    await holds(meeting.ada, "ada.state == 'left' and ada.participants[0].connection_state == 'closed'")
    await holds(meeting.bob, ALONE.format("bob"))
    await meeting.ada.execute("ada.join()")
    await meeting.met()


async def close(meeting: Meeting) -> None:
    """Ada's widget is closed."""
    await meeting.begin()
    await meeting.ada.execute("ada.close()")
    await holds(meeting.ada, "ada.state == 'left'")
    await holds(meeting.bob, ALONE.format("bob"))


EVENTS = (join, path_lost, leave, reload, relay_killed, kernel_restart, close)


def compare(event: str, told: dict[str, list[str]]) -> list[str]:
    """Return what was told otherwise than is kept; where that is being updated, keep it too."""
    known: dict[str, list[list[str]]] = kept("states", event) or {}
    if updating():
        # Each run may add a way in which it went. A page's word that it is connecting goes over the comm and may come
        # after the relay's word that it has joined; a page may be on a new relay before the other's kernel looks there; on a
        # busy machine a page may have come by its kernel's comm, which ends with the kernel.
        added = {who: [states] for who, states in told.items() if states not in known.get(who, [])}
        ways = {who: [*known.get(who, []), *added.get(who, [])] for who in known | told}
        keep("states", ways, event)
        return []
    return [
        f"{event}, {who}: {' → '.join(told.get(who, []))}, "
        f"and not {' or '.join(' → '.join(way) for way in known.get(who, []))}"
        for who in sorted(known | told)
        if told.get(who, []) not in known.get(who, [])
    ]


async def test_python_is_told_the_states_that_it_was_told(lab: Lab, new_window: NewWindow, room: str) -> None:
    windows = [await new_window(), await new_window()]
    sockets: list[Any] = []

    def pass_on(socket: Any) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await windows[0].context.route_web_socket(re.compile(r"/socket\.io/"), pass_on)
    meeting = await Meeting.of(lab, room, windows)
    meeting.sockets = sockets
    other = []
    # One after the other with the same two: most of the time goes into opening notebooks.
    for event in EVENTS:
        await event(meeting)
        other += compare(event.__name__, await meeting.told())
    if other:
        said = ["not as tests/golden/states.json says:", *other, *await meeting.errors()]
        pytest.fail("\n".join(said), pytrace=False)
