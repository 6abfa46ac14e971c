"""A connection that has gone silent: whether the other side is still there."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from tests.support.fake_connections import Connected


class Measured:
    """A connection's statistics, as a test has them."""

    def __init__(self, *bitrates: int, answer: bool) -> None:
        self.bitrates, self.answer, self.asked = list(bitrates), answer, 0

    async def measure(self) -> dict[str, int]:
        return {"bitrate": self.bitrates.pop(0)}

    async def answers(self) -> bool:
        self.asked += 1
        return self.answer

    def pair(self) -> None:
        return None


@pytest.mark.parametrize(
    ("bitrates", "answer", "asked", "told"),
    [
        ((900, 0, 0, 0), False, 1, ["silent", "broken"]),
        # Somebody with nothing to send.
        ((900, 0, 0, 0, 0, 0, 0), True, 2, ["silent", "silent"]),
        ((900, 0, 0, 900, 0, 0), False, 0, []),
    ],
)
async def test_a_connection_on_which_nothing_comes_is_given_up_when_the_other_side_does_not_answer(
    bitrates: tuple[int, ...], answer: bool, asked: int, told: list[str]
) -> None:
    connected = Connected(first=True)
    await connected.sends(1)
    connected.pc.connectionState = "connected"
    measured = Measured(*bitrates, answer=answer)
    connected.connection._stats = cast("Any", measured)

    while measured.bitrates:
        await connected.connection.measure()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert measured.asked == asked
    assert [each for each in connected.told if each in ("silent", "broken")] == told
    await connected.connection.close()
