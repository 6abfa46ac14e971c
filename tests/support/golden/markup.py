"""What scripts and styles rely on in HTML and SVG: which elements there are, with which classes and attributes."""

from __future__ import annotations

import json
from collections import Counter
from html.parser import HTMLParser
from typing import Any

from tests.support.golden.shapes import Said

# What an element is in for a moment.
MOMENTARY = ("aria-", "style", "disabled", "hidden", "tabindex", "value", "title")


def live(html: str) -> list[Said]:
    """Return a page's elements without what changes from moment to moment."""
    found = Markup(html, without=MOMENTARY).elements
    return [Said("page", element, None) for element in found]


class Markup(HTMLParser):
    """Counts a page's elements, each as ``tag.class.class[attribute attribute]``, and keeps its labels and what its scripts hold."""

    def __init__(self, html: str, without: tuple[str, ...] = ()) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.labels: list[str] = []
        self.scripts: list[tuple[str, str]] = []
        self._without = without
        self._script: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.labels += [label for name, label in attrs if name == "aria-label" and label]
        classes = sorted((given.pop("class", None) or "").split())
        kept = sorted(name for name in given if not (self._without and name.startswith(self._without)))
        names = f"[{' '.join(kept)}]" if kept else ""
        self.elements[".".join([tag, *classes]) + names] += 1
        self._script = " ".join(classes) if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts.append((self._script, data))

    def data(self, of: str) -> Any:
        """Return what is in the one script of a class, which is JSON."""
        [text] = [text for name, text in self.scripts if name == of]
        return json.loads(text)
