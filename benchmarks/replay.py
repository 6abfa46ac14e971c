"""The page of half an hour: how large it is, how soon it can play, and how soon a seek shows the right picture.

python benchmarks/replay.py [ROUNDS]             then also how long it takes to make the media fit
python benchmarks/replay.py RECORDING [MB ...]   only that, of a recording of one's own
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from common import FLAGS, ROOT, percentile, summary
from playwright.async_api import async_playwright

sys.path.insert(0, str(ROOT))

from rtc_widget import Recording
from rtc_widget.recording.contents import Chapter, Person, Said
from rtc_widget.recording.export.shrink import fit
from rtc_widget.recording.replay import document_of
from rtc_widget.trace.trace import Trace
from tests.support.replay_recordings import BITS, FPS, STRIPE, Tape, clip, webm
from tests.support.traces import ADA, BOB, NAMES, Script, answer, connect, make_offer, trickle

SECONDS = 1800.0
# So many numbers have the pictures of half an hour.
WIDE = 15
SEEN = f"""(video) => {{
  const canvas = new OffscreenCanvas({WIDE * STRIPE}, 4);
  const context = canvas.getContext("2d", {{ willReadFrequently: true }});
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const row = context.getImageData(0, 2, canvas.width, 1).data;
  let number = 0;
  for (let bit = 0; bit < {WIDE}; bit++) {{
    number = number * 2 + (row[(bit * {STRIPE} + {STRIPE // 2}) * 4 + 1] > 128 ? 1 : 0);
  }}
  return number / {FPS};
}}"""
# When the page could have been played, in ms since it was asked for.
READY = """() => new Promise((done) => {
  const look = () => {
    const root = document.querySelector(".rtcw-replay");
    if (root?.dataset.ready === "true") requestAnimationFrame(() => done(performance.now()));
    else setTimeout(look, 5);
  };
  look();
})"""
SEEK = f"""async (time) => {{
  const seen = {SEEN};
  const input = document.querySelector(".rtcr-position");
  const videos = [...document.querySelectorAll("video")];
  const start = performance.now();
  input.value = time;
  input.dispatchEvent(new Event("input", {{ bubbles: true }}));
  for (;;) {{
    await new Promise(requestAnimationFrame);
    if (videos.every((video) => Math.abs(seen(video) - time) < {2 / FPS})) return performance.now() - start;
    if (performance.now() - start > 5000) return Infinity;
  }}
}}"""


def long_lesson() -> Tape:
    """Return half an hour of two people who negotiate every minute, with chapters, messages and figures."""
    script, measured = Script(), Script()
    script.join(ADA)
    script.join(BOB)
    for minute in range(int(SECONDS) // 60):
        script.wait(minute * 60_000 + 1000 - script.now)
        key = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB, f"u{minute}", minute))
        trickle(script, ADA, BOB, early=True)
        answer(script, BOB, ADA, key, f"v{minute}")
        trickle(script, BOB, ADA)
        connect(script, ADA, BOB)
    for second in range(0, int(SECONDS), 2):
        measured.now = second * 1000.0
        for who, peer in ((ADA, BOB), (BOB, ADA)):
            measured.say(who, "stats", peer, bitrate=400_000 + second, fps=15, rtt=12.5)
    film = webm(SECONDS, bits=WIDE)
    return Tape(
        clips=(clip(ADA, film, SECONDS), clip(BOB, film, SECONDS)),
        participants=tuple(Person(who, NAMES[who], "browser", ((0.0, None),)) for who in (ADA, BOB)),
        seconds=SECONDS,
        trace=Trace(script.events, names=NAMES),
        stats=Trace(measured.events, names=NAMES),
        messages=tuple(Said(5.0 * number, ADA, None, f"message {number}") for number in range(300)),
        chapters=tuple(Chapter(60.0 * minute, f"Minute {minute}") for minute in range(30)),
    )


async def in_chromium(rounds: int, page: Path) -> tuple[list[float], list[float]]:
    """Return the times until it could play, and those of seeks."""
    places = random.Random(1)
    started, sought = [], []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for _ in range(rounds):
            tab = await browser.new_page(viewport={"width": 1200, "height": 900})
            await tab.goto(page.as_uri(), wait_until="commit")
            started.append(await tab.evaluate(READY))
            # The clip that is not seen yet is made ready meanwhile.
            await tab.wait_for_timeout(500)
            for _ in range(10):
                sought.append(await tab.evaluate(SEEK, round(places.uniform(10, SECONDS - 10), 2)))
            await tab.close()
        await browser.close()
    return started, sought


def fitting(recording: Recording | Tape, sizes: list[float]) -> None:
    """Print what making media fit into so many MB takes, and what comes out."""
    for size in sizes:
        start, used = time.perf_counter(), time.process_time()
        fitted = fit(cast("Recording", recording), int(size * 1e6))
        took, used = time.perf_counter() - start, time.process_time() - used
        made = sum(len(each.data) + len(each.poster or b"") for each in fitted.clips) / 1e6
        print(
            f"  made to fit into {size:g} MB in:           {took:.1f} s, {used:.1f} s of processors; {made:.1f} MB"
        )
        print(f"    {fitted.note}")


async def main(rounds: int) -> None:
    assert BITS < WIDE
    tape = long_lesson()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "replay.html"
        start = time.perf_counter()
        page.write_text(document_of(tape, max_bytes=None, private=True), encoding="utf-8")
        print(f"Half an hour of two, {sum(len(each.data) for each in tape.clips) / 1e6:.1f} MB of media")
        print(
            f"  {page.stat().st_size / 1e6:.1f} MB of HTML made in:     {time.perf_counter() - start:.2f} s"
        )
        started, sought = await in_chromium(rounds, page)
        print(f"  from opening until it can play (ms):  {summary(started)}   worst {max(started):.0f}")
        print(
            f"  from a seek to its pictures (ms):     {summary(sought)}   95 % {percentile(sought, 95):.0f}   worst {max(sought):.0f}"
        )
    whole = sum(len(each.data) for each in tape.clips) / 1e6
    fitting(tape, [round(whole / 2, 1), round(whole / 4, 1)])


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].isdecimal():
        with Recording.open(sys.argv[1]) as own:
            fitting(own, [float(size) for size in sys.argv[2:]] or [7.5])
    else:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
