"""At any width, every label of a diagram can be read: measured in a real browser."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.trace import Trace
from tests.support.generated_traces import generated
from tests.support.golden import FOLDER
from tests.support.lessons import FOLDER as LESSONS
from tests.support.traces import call, crowd, glare, stepped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow
    from tests.support.traces import Script


WIDTHS = (480, 860, 1100, 1400)
# Half of the generated ones, and each page of them at one of the widths; `make soak` asks for all thousand at all.
WIDTHS_OF_EACH = int(os.environ.get("LABEL_WIDTHS", "1"))
AT_ONCE = 125
GENERATED = 1000 if len(WIDTHS) == WIDTHS_OF_EACH else 500
RECORDED = sorted((FOLDER.parent / "recorded_traces").glob("*.jsonl"))

# Of each connection: labels that overlap, that are cut off or stick out, and how far it would scroll sideways.
MEASURE = """(width) => {
  document.body.style.width = `${width}px`;
  const faults = [];
  const LABELS = ".rtcd-name, .rtcd-chip, .rtcd-state, .rtcd-note, .rtcd-fold, .rtcd-pause, .rtcd-label, .rtcd-way,"
    + " .rtcd-fate, .rtcd-waits, .rtcd-outcome, .rtcd-title, .rtcd-when";
  let count = 0;
  for (const pair of document.querySelectorAll(".rtcd-pair")) {
    const box = pair.getBoundingClientRect();
    const boxes = [...pair.querySelectorAll(LABELS)]
      .map((element) => ({ element, ...element.getBoundingClientRect().toJSON() }))
      .filter(({ width }) => width > 0)
      .sort((a, b) => a.top - b.top);
    count += boxes.length;
    const tell = (what, ...ones) => faults.push([pair.closest("[data-trace]").dataset.trace, what,
      ...ones.map(({ element }) => `${element.className}: ${element.textContent}`)]);
    boxes.forEach((one, index) => {
      if (one.left < box.left - 1 || one.right > box.right + 1) tell("sticks out", one);
      if (one.element.scrollWidth > one.element.clientWidth + 1 && one.element.clientWidth) tell("is cut", one);
      for (let next = index + 1; next < boxes.length && boxes[next].top < one.bottom - 1; next++) {
        const other = boxes[next];
        if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
        if (other.left < one.right - 1 && one.left < other.right - 1) tell("overlap", one, other);
      }
    });
  }
  for (const scroll of document.querySelectorAll(".rtcd-scroll")) {
    if (scroll.scrollWidth > scroll.clientWidth) faults.push([scroll.closest("[data-trace]").dataset.trace, "scrolls"]);
  }
  return [count, faults];
}"""
# Of images: words that overlap other words.
MEASURE_IMAGES = """() => {
  const faults = [];
  let count = 0;
  for (const image of document.querySelectorAll("svg")) {
    const edge = image.getBoundingClientRect();
    const boxes = [...image.querySelectorAll("text")].map((element) => ({ element, ...element.getBoundingClientRect().toJSON() }))
      .filter(({ width }) => width > 0).sort((a, b) => a.top - b.top);
    count += boxes.length;
    boxes.forEach((one, index) => {
      if (one.left < edge.left || one.right > edge.right || one.bottom > edge.bottom) {
        faults.push([image.parentNode.dataset.trace, "sticks out", one.element.textContent]);
      }
      for (let next = index + 1; next < boxes.length && boxes[next].top < one.bottom - 4; next++) {
        const other = boxes[next];
        if (other.left < one.right - 1 && one.left < other.right - 1) {
          faults.push([image.parentNode.dataset.trace, "overlap", one.element.textContent, other.element.textContent]);
        }
      }
    });
  }
  return [count, faults];
}"""


_UNASKED = 'class="rtcd-show-more"'


def page_of(traces: Iterable[tuple[str, Trace]], **options: Any) -> str:
    """Return a page with the diagrams of many traces, all connections of each, and one style sheet."""
    forms = []
    style = ""
    for name, trace in traces:
        html = trace.diagram(**options).page(contents=False)
        style = max(style, re.search(r"<style>.*?</style>", html, re.DOTALL)[0], key=len)  # type: ignore[index]
        form = re.search(r"<form.*?</form>", html, re.DOTALL)[0]  # type: ignore[index]
        size = re.search(r'data-size="\w+"', html)[0]  # type: ignore[index]
        forms.append(f'<div class="rtcd-page" {size} data-trace="{name}">{form}</div>')
    # All connections at once, and everything that can be shown: what is not asked for takes no room.
    shown = "".join(forms).replace(_UNASKED, f"{_UNASKED} checked")
    pairs = "<style>body{margin:0}.rtcd-page .rtcd-form .rtcd-pair{display:block!important}</style>"
    return f'<!doctype html><meta charset="utf-8">{style}{pairs}{shown}'


async def measured(new_window: NewWindow, folder: Path, html: str, widths: Iterable[int] = WIDTHS) -> int:
    """Lay a page out at each width, and return how many labels there were."""
    path = folder / "diagrams.html"
    path.write_text(html, encoding="utf-8")
    tab = await (await new_window(viewport={"width": max(WIDTHS), "height": 900})).open(path.as_uri())
    total = 0
    for width in widths:
        count, faults = await tab.evaluate(MEASURE, width)
        assert faults[:5] == [], f"at {width} px"
        total += count
    await tab.close()
    return total


@pytest.mark.parametrize("options", [{}, {"scale": "time"}, {"size": "slides"}], ids=str)
async def test_no_label_of_what_was_recorded_overlaps(
    new_window: NewWindow, tmp_path: Path, options: dict[str, str]
) -> None:
    scripts: dict[str, Script] = {"call": call(), "glare": glare(), "stepped": stepped(), "crowd": crowd()}
    traces = {path.stem: Trace.load(path) for path in [*RECORDED, *FOLDER.glob("*.jsonl")]}
    assert [path.stem for path in RECORDED] == sorted(path.stem for path in LESSONS.glob("*.ipynb"))
    traces |= {name: script.trace for name, script in scripts.items()}

    widths = [width for width in WIDTHS if width > 480 or "size" not in options]
    assert await measured(new_window, tmp_path, page_of(traces.items(), **options), widths) > 1000


@pytest.mark.parametrize("start", range(0, GENERATED, AT_ONCE))
async def test_no_label_of_generated_ones_overlaps(new_window: NewWindow, tmp_path: Path, start: int) -> None:
    traces = ((f"seed {seed}", generated(seed)) for seed in range(start, start + AT_ONCE))
    options = {"scale": "time"} if start == 0 else {}
    first = start // AT_ONCE % len(WIDTHS)
    widths = [*WIDTHS, *WIDTHS][first : first + WIDTHS_OF_EACH]

    assert await measured(new_window, tmp_path, page_of(traces, **options), widths) > 1000


@pytest.mark.parametrize("options", [{}, {"scale": "time"}, {"size": "slides"}], ids=str)
async def test_no_words_of_an_image_overlap(
    new_window: NewWindow, tmp_path: Path, options: dict[str, Any]
) -> None:
    traces = [(f"seed {seed}", generated(seed)) for seed in range(100)]
    traces += [(script.__name__, script().trace) for script in (call, glare, stepped, crowd)]
    path = tmp_path / "images.html"
    images = (f'<div data-trace="{name}">{trace.diagram(**options).svg}</div>' for name, trace in traces)
    path.write_text(f'<!doctype html><meta charset="utf-8">{"".join(images)}', encoding="utf-8")
    tab = await (await new_window()).open(path.as_uri())

    count, faults = await tab.evaluate(MEASURE_IMAGES)
    assert faults[:5] == []
    assert count > 2000
