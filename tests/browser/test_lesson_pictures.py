"""The pictures at the beginning of the lessons: words that nothing is drawn through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.lessons import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.browser_fixtures import NewWindow

# A line is hidden by a box that comes after it, and by the ground of words that have one.
_MEASURE = """() => {
    const faults = [];
    let count = 0;
    for (const picture of document.querySelectorAll("svg")) {
        const [, , wide, high] = picture.getAttribute("viewBox").split(" ").map(Number);
        const all = [...picture.querySelectorAll(":scope > :is(path, rect, text)")];
        const words = all.filter((each) => each.matches("text"));
        const say = (...what) => faults.push([picture.parentElement.id, ...what].join(": "));
        const within = ({ x, y, width, height }, spare, [left, top, right, bottom]) =>
            x >= left + spare && y >= top + spare && x + width <= right - spare && y + height <= bottom - spare;
        const ends = ({ x, y, width, height }) => [x, y, x + width, y + height];
        for (const word of words) {
            count += 1;
            const box = word.getBBox();
            if (!within(box, 3, [0, 0, wide, high])) say("sticks out", word.textContent);
            for (const other of words) {
                const [left, top, right, bottom] = ends(other.getBBox());
                const apart = box.x > right + 4 || box.x + box.width + 4 < left || box.y > bottom - 2 || box.y + box.height < top + 2;
                if (other !== word && !apart) say("touch", word.textContent, other.textContent);
            }
            if (word.getAttribute("paint-order") === "stroke") continue;
            const ground = all.findLastIndex((each) => each.matches("rect") && within(box, -4, ends(each.getBBox())));
            for (const line of all.slice(ground + 1).filter((each) => each.matches("path"))) {
                for (let at = 0; at <= line.getTotalLength(); at += 1) {
                    const { x, y } = line.getPointAtLength(at);
                    if (within({ x, y, width: 0, height: 0 }, 2, ends(box))) {
                        say("is crossed", word.textContent);
                        break;
                    }
                }
            }
        }
    }
    return [count, faults];
}"""


async def test_no_words_of_a_lessons_picture_touch_others_or_a_line(
    new_window: NewWindow, tmp_path: Path
) -> None:
    pictures = sorted((FOLDER / "pictures").glob("*.svg"))
    shown = (f'<div id="{path.stem}">{path.read_text(encoding="utf-8")}</div>' for path in pictures)
    page = tmp_path / "pictures.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{"".join(shown)}', encoding="utf-8")
    tab = await (await new_window()).open(page.as_uri())

    count, faults = await tab.evaluate(_MEASURE)

    assert faults == []
    assert count > 100
