"""What scripts and styles rely on in HTML and SVG: which elements there are, with which classes and attributes."""

from __future__ import annotations

import json
from collections import Counter
from html.parser import HTMLParser
from typing import Any


class Markup(HTMLParser):
    """Counts a page's elements, each as ``tag.class.class[attribute attribute]``, and keeps its labels and what its scripts hold."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.labels: list[str] = []
        self.scripts: list[tuple[str, str]] = []
        self._script: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.labels += [label for name, label in attrs if name == "aria-label" and label]
        classes = sorted((given.pop("class", None) or "").split())
        names = f"[{' '.join(sorted(given))}]" if given else ""
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
