"""Run lessons in a real JupyterLab, and keep the trace of each for the tests, without what is private in it.

python scripts/record_lesson_traces.py NAME …

Of a lesson with several rooms, that of the one in which most has happened. Tests look at how traces are drawn, so descriptions
are left out, and times begin at the same moment in all.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from playwright.async_api import async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from rtc_widget.recording.capture.event_filter import EventFilter  # noqa: E402
from rtc_widget.trace import Trace  # noqa: E402
from tests.support.chromium import Window, launch  # noqa: E402
from tests.support.lab import Lab  # noqa: E402
from tests.support.lessons import DEMO, NOTEBOOKS, VIEWPORT, run_lesson  # noqa: E402

RECORDED = ROOT / "tests" / "recorded_traces"
BEGIN = 1.7e9
_SAVED = "whole.jsonl"
_SAVE = f"""
from rtc_widget import RoomWidget
rooms = [each for each in list(globals().values()) if isinstance(each, RoomWidget)]
max((each.trace for each in rooms), key=len).save({_SAVED!r})
"""


def without_what_is_private(trace: Trace) -> Trace:
    """Return a trace that tells nothing of who and where it was recorded."""
    private = EventFilter(private=True)
    first = trace[0].time
    events = []
    for event in trace:
        data = private.report(event.data)
        if "sdp" in (data.get("content") or {}):
            data["content"]["sdp"] = "v=0\r\n"
        events.append(replace(event, time=round(event.time - first + BEGIN, 4), data=data))
    return Trace(events, names=trace.names, room=trace.room)


async def main(names: list[str]) -> None:
    """Record these lessons' traces, one after the other."""
    lab = await Lab.start()
    try:
        async with async_playwright() as playwright:
            browser, _ = await launch(playwright.chromium, devices=False, whole=False)
            for name in names:
                async with await browser.new_context(viewport=VIEWPORT) as context:
                    notebook = await run_lesson(lab, Window(context), f"{name}.ipynb")
                    await notebook.execute(_SAVE)
                trace = without_what_is_private(Trace.load(lab.root / _SAVED))
                print(trace.save(RECORDED / f"{name}.jsonl").name, len(trace), "events")
                await lab.shutdown_kernels()
            await browser.close()
    finally:
        await lab.stop()


if __name__ == "__main__":
    there = [Path(name).stem for name in (*NOTEBOOKS, DEMO)]
    if len(sys.argv) < 2 or set(sys.argv[1:]) - set(there):
        sys.exit(f"{__doc__}\nLessons: {', '.join(there)}")
    asyncio.run(main(sys.argv[1:]))
