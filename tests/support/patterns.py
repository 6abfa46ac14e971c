"""Every regular expression of the package, and texts that are slow for those that are not linear."""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import rtc_widget

# The parser of `re` itself: the only one that knows what a pattern may repeat.
from re import _constants as sre  # type: ignore[attr-defined] # isort: skip
from re import _parser as parser  # type: ignore[attr-defined] # isort: skip

ROOT = Path(rtc_widget.__file__).parent
FUNCTIONS = {"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
# A repeat that may go on as long as an outside text does.
_MANY = 64


def modules() -> Iterator[ModuleType]:
    """Import all modules of the package."""
    for info in pkgutil.walk_packages([str(ROOT)], "rtc_widget."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def made_at_import(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Find the patterns that a module has compiled, also in its tables, with the name under which it has them."""

    def found(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
        if isinstance(value, re.Pattern):
            yield value
        elif depth and isinstance(value, list | tuple | set | frozenset):
            for each in value:
                yield from found(each, depth - 1)
        elif depth and isinstance(value, dict):
            for each in value.values():
                yield from found(each, depth - 1)

    for name, value in vars(module).items():
        for pattern in found(value, 3):
            yield name, pattern


@functools.cache
def made_by_calls(path: Path) -> list[tuple[int, str, str | None]]:
    """Find the patterns in a file's calls of `re`: line, function, and pattern; None where it is not a constant."""
    text = path.read_text("utf-8")
    # Most files have none, and parsing takes its time.
    return [*_calls(ast.parse(text))] if re.search(r"\bre\.", text) else []


def _calls(tree: ast.Module) -> Iterator[tuple[int, str, str | None]]:
    at_top = {
        id(node) for statement in tree.body if not _is_function(statement) for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in FUNCTIONS
        ):
            pattern = node.args[0]
            if isinstance(pattern, ast.Constant):
                yield node.lineno, node.func.attr, str(pattern.value)
            elif id(node) not in at_top:
                yield node.lineno, node.func.attr, None


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def attacks(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return texts that a pattern might be slow for: what stands before, and what is repeated.

    All that it repeats, behind the shortest text that leads there; all of its signs; and its beginning, again and again.
    """
    tree = parser.parse(pattern.pattern, pattern.flags)
    signs = sorted(_signs(tree) | set("a0 .-:\"'\\\t/"))
    pumps: dict[tuple[str, str], None] = {}
    for before, body in _repeats(tree, ""):
        for sample in _samples(body, signs):
            for prefix in (before, ""):
                pumps[prefix, sample] = None
        pumps["", before] = None
    for sign in signs:
        pumps["", sign] = None
    for one in signs[:6]:
        for other in signs[:6]:
            pumps["", one + other] = None
    for sample in _samples(tree, signs)[:8]:
        pumps["", sample] = None
        pumps["", sample[:-1]] = None
    return [pump for pump in pumps if pump[1]]


def _signs(tree: Any) -> set[str]:
    found: set[str] = set()
    for op, argument in tree:
        if op in (sre.LITERAL, sre.NOT_LITERAL):
            found.add(chr(argument))
        elif op is sre.IN:
            for kind, value in argument:
                if kind is sre.LITERAL:
                    found.add(chr(value))
                elif kind is sre.RANGE:
                    found.add(chr(value[0]))
        else:
            for inner in _inside(op, argument):
                found |= _signs(inner)
    return found


def _inside(op: Any, argument: Any) -> list[Any]:
    if op is sre.SUBPATTERN:
        return [argument[-1]]
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [argument[2]]
    if op is sre.BRANCH:
        return list(argument[1])
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [argument[1]]
    if op is sre.ATOMIC_GROUP:
        return [argument]
    return []


def _repeats(tree: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Find what may be repeated without end, with the shortest text before it."""
    for op, argument in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[1] >= _MANY:
            yield before, argument[2]
        for inner in _inside(op, argument):
            yield from _repeats(inner, before)
        before += _shortest(op, argument)


def _shortest(op: Any, argument: Any) -> str:
    if op is sre.LITERAL:
        return chr(argument)
    if op is sre.ANY:
        return "a"
    if op is sre.NOT_LITERAL:
        return "a" if chr(argument) != "a" else "b"
    if op is sre.IN:
        return _member(argument)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return "".join(_shortest(*each) for each in argument[2]) * argument[0]
    if op is sre.SUBPATTERN:
        return "".join(_shortest(*each) for each in argument[-1])
    if op is sre.BRANCH:
        return "".join(_shortest(*each) for each in argument[1][0])
    return ""


def _member(members: Any) -> str:
    matcher = re.compile(_class_of(members))
    return next(
        sign for sign in 'a0 .-:,"\\/=+;f_\n' + "".join(map(chr, [*range(33, 127), 0])) if matcher.match(sign)
    )


def _class_of(members: Any) -> str:
    classes = {
        sre.CATEGORY_DIGIT: r"\d",
        sre.CATEGORY_NOT_DIGIT: r"\D",
        sre.CATEGORY_SPACE: r"\s",
        sre.CATEGORY_NOT_SPACE: r"\S",
        sre.CATEGORY_WORD: r"\w",
        sre.CATEGORY_NOT_WORD: r"\W",
    }
    text = ""
    for kind, value in members:
        if kind is sre.NEGATE:
            text = "^" + text
        elif kind is sre.LITERAL:
            text += re.escape(chr(value))
        elif kind is sre.RANGE:
            text += f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        else:
            text += classes[value]
    return f"[{text}]"


def _samples(tree: Any, signs: list[str]) -> list[str]:
    """Return some texts that a pattern's part matches: each branch once, and each sign where any may stand."""
    texts = [""]
    for op, argument in tree:
        if op is sre.BRANCH:
            more = [text for inner in argument[1] for text in _samples(inner, signs)]
        elif op is sre.SUBPATTERN:
            more = _samples(argument[-1], signs)
        elif op is sre.ANY:
            more = signs
        elif op is sre.IN:
            matcher = re.compile(_class_of(argument))
            more = [sign for sign in signs if matcher.match(sign)] or [_member(argument)]
        else:
            more = [_shortest(op, argument)]
        texts = [text + each for text in texts for each in more][:40]
    return texts
