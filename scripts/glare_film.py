"""Make the README's moving picture: two offers that cross, let go message by message, in a real JupyterLab.

python scripts/glare_film.py [FILE.gif]
"""

from __future__ import annotations

import asyncio
import io
import sys
from fractions import Fraction
from pathlib import Path

import av
import av.filter
from playwright.async_api import Locator, async_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.chromium import Window, launch  # noqa: E402
from tests.support.lab import Lab  # noqa: E402
from tests.support.notebook_calls import cell, holds, open_notebook  # noqa: E402

SIZE = {"width": 1000, "height": 1180}
FPS = 5
# How long each picture stands: time to read what has changed.
STANDS_SECONDS = 1.6


async def pictures(lab: Lab, window: Window) -> list[bytes]:
    """Let the offers of Ada and Bob cross, and take a picture of Ada's widget after each message that is let go."""
    room = "glare"
    small = 'video="pattern", audio=False, resolution=(320, 180)'
    notebook = await open_notebook(
        lab,
        window,
        cell("Ada", room, small).removesuffix("ada") + 'ada.fault.glare("Ada", "Bob")\nada',
        cell("Bob", room, small),
    )
    await notebook._call("app.shell.collapseLeft();")
    await notebook.run_cell(0)
    view = notebook.tab.locator(".rtcw").first
    await holds(notebook, "ada.state == 'joined'")
    await view.get_by_role("button", name="Signaling").click()
    await view.locator(".rtcd-page").wait_for()
    await notebook.execute("ada.pause()")
    # What candidates do is another story.
    await view.get_by_label("Candidates").uncheck()
    await notebook.run_cell(1)
    await holds(notebook, "[each.kind for each in ada.held].count('offer') == 2")
    taken = [await picture(view)]
    for _offer_offer_answer in range(3):
        await notebook.execute("ada.step_to(timeout=10); ada.step(timeout=10)")
        taken.append(await picture(view))
    await notebook.execute("ada.resume(); ada.fault.clear(); ada.wait_for('connected', timeout=20)")
    taken.append(await picture(view))
    return taken


async def picture(view: Locator) -> bytes:
    """Take a picture once the diagram, which is drawn a few times a second, shows what has happened."""
    await asyncio.sleep(1.5)
    await view.evaluate("(view) => view.scrollIntoView({ block: 'start' })")
    box = await view.bounding_box()
    if box is None:
        message = "Ada's widget is not to be seen"
        raise RuntimeError(message)
    clip = {**box, "height": min(box["height"], SIZE["height"] - box["y"])}
    return await view.page.screenshot(clip=clip)


def write(taken: list[bytes], path: Path) -> None:
    """Write pictures as a GIF with a palette of its own."""
    frames = [next(av.open(io.BytesIO(png)).decode(video=0)) for png in taken]
    width, height = (min(getattr(each, side) for each in frames) // 2 * 2 for side in ("width", "height"))
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format="rgb24", time_base="1/1000")
    split, palette, use = graph.add("split"), graph.add("palettegen"), graph.add("paletteuse", "dither=none")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(palette, 1, 0)
    split.link_to(use, 0, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    shown = int(STANDS_SECONDS * FPS)
    for number, frame in enumerate(frame for frame in frames for _ in range(shown)):
        plain = frame.reformat(width, height, "rgb24")
        plain.pts, plain.time_base = number * 1000 // FPS, Fraction(1, 1000)
        source.push(plain)
    source.push(None)
    with av.open(str(path), "w", format="gif") as film:
        stream = film.add_stream("gif", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        while True:
            try:
                drawn = sink.pull()
            except (av.BlockingIOError, av.EOFError):
                break
            film.mux(stream.encode(drawn))
        film.mux(stream.encode(None))


async def main(path: Path) -> None:
    """Take the pictures and put them together."""
    lab = await Lab.start()
    async with async_playwright() as playwright:
        browser, _ = await launch(playwright.chromium)
        window = Window(await browser.new_context(permissions=["camera", "microphone"], viewport=SIZE))
        taken = await pictures(lab, window)
        await browser.close()
    await lab.stop()
    for number, png in enumerate(taken):
        (path.parent / f"{path.stem}-{number}.png").write_bytes(png)
    write(taken, path)


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "test-artifacts" / "glare.gif"
    chosen.parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen))
