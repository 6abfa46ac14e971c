"""What a user can call and read, described without saying where it is defined."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any, get_args

from traitlets import HasTraits, TraitType

import rtc_widget

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = rtc_widget.__name__
# What Python and Jupyter call on a user's behalf.
CALLED = re.compile(
    r"__(enter|exit|iter|next|aiter|anext|len|getitem|contains|bool|str|repr|eq|hash|call)__"
    r"|__array__|_repr_\w+_|_ipython_display_"
)
# Foreign classes as which objects of ours are used.
KNOWN = ("AnyWidget", "HasTraits", "Sequence", "ndarray")
PATH = re.compile(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])")
NAME = re.compile(r"\b[A-Z]\w+")


def classes() -> dict[str, list[type]]:
    """Return every class of the package by its name."""
    found: dict[str, list[type]] = {}
    for module in pkgutil.walk_packages(rtc_widget.__path__, f"{PACKAGE}."):
        if module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        for value in vars(loaded).values():
            if inspect.isclass(value) and value.__module__ == module.name:
                found.setdefault(value.__name__, []).append(value)
    return found


def public() -> dict[str, Any]:
    """Describe every public name, and every class whose objects these return."""
    known, described = classes(), {}
    waiting = {name: getattr(rtc_widget, name) for name in rtc_widget.__all__}
    while waiting:
        name, value = waiting.popitem()
        described[name] = of_class(value) if inspect.isclass(value) else {"call": signature(value)}
        for mentioned in mentions(value, described[name]) - described.keys() - waiting.keys():
            waiting.update((mentioned, each) for each in meant(mentioned, value, known))
    return described


def mentions(value: Any, described: dict[str, Any]) -> set[str]:
    """Return the names of what comes back from calls and is in attributes, and not of what is given."""
    told = [str(said).rpartition(" -> ")[2] for key, said in described.items() if key not in ("is a", "new")]
    if inspect.isclass(value):
        ours = [base for base in value.__mro__ if of_package(base)]
        of = [base for each in ours for base in getattr(each, "__orig_bases__", ())]
        told += [str(part) for base in of for part in get_args(base)]
        told += [what for each in ours for _name, what in attributes(each)]
    return set(NAME.findall(" ".join(told)))


def meant(name: str, by: Any, known: dict[str, list[type]]) -> list[type]:
    """Return the class of ours that a name means where something is defined, none for a foreign one."""
    modules = {each.__module__ for each in (by.__mro__ if inspect.isclass(by) else (by,))}
    seen = {vars(sys.modules[module]).get(name) for module in modules} - {None}
    found = (
        [each for each in seen if inspect.isclass(each) and of_package(each)] if seen else known.get(name, [])
    )
    assert len(found) <= 1, f"{by.__name__} has one of {len(found)} classes named {name}"
    return found


def of_class(cls: type) -> dict[str, Any]:
    """Describe what a class's objects have, wherever in our package it is inherited from."""
    ours = [each for each in reversed(cls.__mro__) if of_package(each)]
    described: dict[str, Any] = {"is a": is_a(cls)}
    for base in ours:
        for name, _what in attributes(base):
            described.setdefault(name, "attribute")
        for name, value in vars(base).items():
            if is_public(name):
                described[name] = member(value)
    for name in cls.class_trait_names() if issubclass(cls, HasTraits) else ():
        trait = cls.class_traits()[name]
        if is_public(name) and of_package(trait.this_class):
            described[name] = of_trait(trait)
    if cls.__name__ in rtc_widget.__all__ and any(
        {"__init__", "__new__"} & vars(base).keys() for base in ours
    ):
        described["new"] = signature(cls)
    return described


def is_a(cls: type) -> list[str]:
    """Return the names of the public and foreign classes by which somebody may catch or recognise it."""
    return sorted(
        base.__name__
        for base in cls.__mro__[1:]
        if base.__name__ in (*rtc_widget.__all__, *KNOWN) or base.__module__ == "builtins"
    )


def of_package(cls: type | None) -> bool:
    return cls is not None and cls.__module__.partition(".")[0] == PACKAGE


def is_public(name: str) -> bool:
    return not name.startswith("_") or CALLED.fullmatch(name) is not None


def attributes(cls: type) -> Iterator[tuple[str, str]]:
    """Yield the public attributes that a class's own code declares or sets, each with what is in it."""
    if dataclasses.is_dataclass(cls):
        yield from ((field.name, str(field.type)) for field in dataclasses.fields(cls))
    yield from ((name, str(kind)) for name, kind in inspect.get_annotations(cls).items() if is_public(name))
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except OSError:
        return
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in (each for top in targets for each in getattr(top, "elts", [top])):
            if (
                isinstance(target, ast.Attribute)
                and is_public(target.attr)
                and ast.unparse(target.value) == "self"
            ):
                yield target.attr, ast.unparse(getattr(node, "annotation", None) or made(node))


def made(node: Any) -> ast.expr:
    """Return the class that is called for what is assigned."""
    value = getattr(node, "value", None)
    return value.func if isinstance(value, ast.Call) else ast.Constant(None)


def member(value: Any) -> str:
    """Describe one member."""
    if isinstance(value, property):
        return f"property -> {annotation(inspect.signature(value.fget).return_annotation)}"
    if isinstance(value, staticmethod | classmethod):
        return f"{type(value).__name__} {signature(value.__func__)}"
    if inspect.isfunction(value):
        return f"{'async ' if inspect.iscoroutinefunction(value) else ''}method {signature(value)}"
    if hasattr(value, "func") and hasattr(value, "__set_name__"):  # a cached property
        return f"property -> {annotation(inspect.signature(value.func).return_annotation)}"
    return "attribute"


def of_trait(trait: TraitType[Any, Any]) -> str:
    """Describe a trait: its type, whether it may be set and is saved in notebooks, its values."""
    words = [type(trait).__name__]
    words += ["read-only"] if trait.read_only else []
    words += ["synced"] if trait.metadata.get("sync") else []
    words += [f"of {tuple(values)!r}"] if (values := getattr(trait, "values", None)) else []
    if isinstance(klass := getattr(trait, "klass", None), type) and of_package(klass):
        words += [f"-> {klass.__name__}"]
    default = trait.default_value
    return " ".join(
        [*words, f"= {default!r}" if isinstance(default, str | bool | int | tuple) else ""]
    ).strip()


def signature(value: Any) -> str:
    """Return the parameters with their kinds, defaults and annotations, and what comes back."""
    signed = inspect.signature(value)
    parameters = [
        parameter.replace(annotation=parameter.empty, default=parameter.empty)
        for parameter in signed.parameters.values()
        if parameter.name not in ("self", "cls")
    ]
    said = []
    for plain in parameters:
        parameter = signed.parameters[plain.name]
        if plain.kind is plain.KEYWORD_ONLY and "*" not in said and not any(s.startswith("*") for s in said):
            said.append("*")
        text = str(plain)
        text += f": {annotation(parameter.annotation)}" if parameter.annotation is not plain.empty else ""
        text += f" = {default(parameter.default)}" if parameter.default is not plain.empty else ""
        said.append(text)
    back = annotation(signed.return_annotation) if signed.return_annotation is not signed.empty else "?"
    return f"({', '.join(said)}) -> {back}"


def default(value: Any) -> str:
    text = repr(value)
    return f"<{type(value).__name__}>" if " at 0x" in text or text.startswith("<") else text


def annotation(value: Any) -> str:
    text = value if isinstance(value, str) else getattr(value, "__name__", str(value))
    return PATH.sub("", text)
