"""The shapes of messages: what kinds there are, which fields each has, and of which types.

When something happens differs from run to run, so the files say which kinds are there ``always``, and which
``sometimes``; a field that may be absent ends with ``?``. ``GOLDEN=update`` adds what a run has shown: several runs, some
of them on a busy machine, show what varies. To forget a kind, delete its section first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.golden import keep, kept, updating

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# What is one of a few words, and tells kinds of messages apart.
TELLING = ("type", "kind", "op", "action", "step", "event", "stage", "phase", "ok")
# What is one of a few words.
WORDS = (*TELLING, "state", "fault", "reason", "track", "method", "paused")
IDS = ("socketId", "from", "to", "id", "participant", "client_id")

Kinds = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Said:
    """One message: from whom to whom, its name, and what is in it."""

    way: str
    name: str
    payload: Any


@dataclass(slots=True)
class _Kind:
    """What all messages of a kind have in common."""

    objects: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    types: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def described(self) -> dict[str, str]:
        found = {}
        for path, count in self.fields.items():
            sure = count == self.objects[path.rpartition(".")[0]]
            found[path if sure else f"{path}?"] = " | ".join(sorted(self.types[path]))
        return dict(sorted(found.items()))


def kinds_of(messages: Iterable[Said]) -> Kinds:
    """Describe the kinds of messages among these."""
    messages = list(messages)
    known = {id_ for message in messages for id_ in _ids(message.payload)}
    kinds: defaultdict[str, _Kind] = defaultdict(_Kind)
    for message in messages:
        _see(kinds, f"{message.way}: {message.name}", message.payload, known)
    return {name: {"seen": "always", "fields": kind.described()} for name, kind in sorted(kinds.items())}


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (each for key, each in value.items() if key in IDS and isinstance(each, str))
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _ids(each)


def _see(kinds: Mapping[str, _Kind], name: str, payload: Any, known: set[str]) -> None:
    told = [
        f"{key}={payload[key]}"
        for key in TELLING
        if isinstance(payload, dict) and isinstance(payload.get(key), str | bool)
    ]
    if isinstance(payload, dict) and payload.get("type") == "state":
        told.append(f"name={payload.get('name')}")
    if told:
        name = f"{name} [{' '.join(told)}]"
    _look(kinds, kinds[name], name, "", payload, known)


def _look(kinds: Mapping[str, _Kind], kind: _Kind, name: str, path: str, value: Any, known: set[str]) -> None:
    kind.objects[path] += 1
    if not isinstance(value, dict):
        value = {"": value}
    for key, each in value.items():
        key = "<id>" if key in known else "<origin>" if str(key).startswith("http") else str(key)
        place = f"{path}.{key}" if path else key
        kind.fields[place] += 1
        kind.types[place].add(_type(key, each))
        if isinstance(each, dict):
            _look(kinds, kind, name, place, each, known)
        elif isinstance(each, list | tuple):
            for part in each:
                if isinstance(part, dict):
                    _see(kinds, f"{name.partition(' [')[0]} / {place}", part, known)


def _type(key: str, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "boolean", False: "boolean"}[value]
    if isinstance(value, str):
        return repr(value) if key in WORDS else "string"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list | tuple):
        return "list"
    return type(value).__name__


def agree(section: str, **wires: Iterable[Said]) -> None:
    """Fail unless what was said on these wires is as the wires' files say; see `differences`."""
    problems = [
        problem for name, messages in wires.items() for problem in differences(name, section, messages)
    ]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def differences(name: str, section: str, messages: Iterable[Said]) -> list[str]:
    """Say which messages are not as any section knows them, and which are not there that this section is sure of.

    How long a scenario takes decides what comes up in it, so that what one has seen is no surprise in another.
    """
    found = kinds_of(messages)
    before: Kinds | None = kept(name, section)
    if updating():
        keep(name, found if before is None else _merged(before, found), section)
        return []
    assert before, f"tests/golden/{name}.json has no section {section!r}"
    known = reduce(_merged, kept(name).values())
    sure = {kind for kind, told in before.items() if told["seen"] == "always"}
    problems = [f"gone: {kind}" for kind in sorted(sure - found.keys())]
    for kind, told in found.items():
        if kind in known:
            problems += (
                f"{problem} of {kind}" for problem in _compared(known[kind]["fields"], told["fields"])
            )
        else:
            problems.append(f"new: {kind}: {told['fields']}")
    return [f"not what tests/golden/{name}.json [{section}] says:", *problems] if problems else []


def _compared(before: dict[str, str], found: dict[str, str]) -> Iterator[str]:
    was, now = _plain(before), _plain(found)
    for path in sorted(was.keys() | now.keys()):
        if path not in now:
            if not was[path][1] and _is_object(now, _parent(path)):
                yield f"gone: {path}"
        elif path not in was:
            yield f"new: {path}, {' | '.join(now[path][0])},"
        elif not set(now[path][0]) <= set(was[path][0]):
            yield f"changed: {path}, from {' | '.join(was[path][0])} to {' | '.join(now[path][0])},"
        elif now[path][1] and not was[path][1]:
            yield f"absent from some: {path}"


def _plain(fields: dict[str, str]) -> dict[str, tuple[list[str], bool]]:
    """Return each field's types, and whether it may be absent."""
    return {
        path.removesuffix("?"): (types.split(" | "), path.endswith("?")) for path, types in fields.items()
    }


def _is_object(fields: dict[str, tuple[list[str], bool]], path: str) -> bool:
    """Tell whether there was an object that could have had fields."""
    return not path or (path in fields and "object" in fields[path][0])


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _merged(before: Kinds, found: Kinds) -> Kinds:
    merged = {}
    for name in sorted(before.keys() | found.keys()):
        if name not in before or name not in found:
            merged[name] = {**(before.get(name) or found[name]), "seen": "sometimes"}
            continue
        was, now = _plain(before[name]["fields"]), _plain(found[name]["fields"])
        fields = {}
        for path in sorted(was.keys() | now.keys()):
            types = set(was.get(path, ([], False))[0]) | set(now.get(path, ([], False))[0])
            optional = any(
                each[path][1] if path in each else _is_object(each, _parent(path)) for each in (was, now)
            )
            fields[f"{path}?" if optional else path] = " | ".join(sorted(types))
        merged[name] = {"seen": before[name]["seen"], "fields": fields}
    return merged
