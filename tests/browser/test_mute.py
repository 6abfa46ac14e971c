"""Mute and devices from Python and by the buttons: seen by everybody at once, and off means off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.notebook_calls import cell, holds, open_notebook, page_holds, two_notebooks

if TYPE_CHECKING:
    import pytest

    from tests.support.browser_fixtures import NewWindow
    from tests.support.lab import Lab


async def test_from_python_and_by_the_buttons(
    lab: Lab, new_window: NewWindow, subtests: pytest.Subtests
) -> None:
    ada, bob = await two_notebooks(lab, await new_window(), await new_window())

    with subtests.test("devices are listed and chosen by label"):
        await holds(ada, "ada.devices['cameras'] and ada.devices['microphones']")
        await ada.execute("ada.use(microphone='Input 2')")
        await page_holds(ada, "probe.label('audio').includes('Input 2')")
        told = await ada.execute(
            "try:\n    ada.use(camera='no such camera')\nexcept Exception as error:\n    print(error.code, error)"
        )
        assert told.startswith("no_device No camera has 'no such camera' in its name. There is: ")

    with subtests.test("the source can be changed in the call"):
        await bob.execute("bob.video = 'camera'")
        await page_holds(bob, "probe.live('video') === 1")
        await bob.execute("bob.video = False")
        await page_holds(bob, "probe.live('video') === 0")
        await holds(ada, "not ada.participants['Bob'].video")

    with subtests.test("muting turns the light off and is seen by everybody, also by who comes later"):
        await ada.execute("ada.mute(); ada.mute(video=True)")
        await holds(bob, "not bob.participants['Ada'].audio and not bob.participants['Ada'].video")
        await holds(ada, "not ada.me.audio and not ada.me.video")
        await page_holds(ada, "probe.live('video') === 0 && probe.live('audio') === 0")

        eve = await open_notebook(lab, await new_window(), cell("Eve", lab.room))
        await eve.run_cell(0)
        await holds(
            eve,
            "'Ada' in eve.participants"
            " and not eve.participants['Ada'].audio and not eve.participants['Ada'].video",
        )

        await ada.execute("ada.unmute(audio=True, video=True)")
        await holds(eve, "eve.participants['Ada'].audio and eve.participants['Ada'].video")
        await page_holds(bob, "probe.frames().then((now) => now > 10)")

    with subtests.test("the buttons do the same"):
        await ada.tab.get_by_role("button", name="microphone").first.click()
        await holds(bob, "not bob.participants['Ada'].audio")
        await ada.tab.get_by_role("button", name="camera").first.click()
        await holds(bob, "not bob.participants['Ada'].video")
        await page_holds(ada, "probe.live('video') === 0")
        await ada.tab.get_by_role("button", name="Leave").click()
        await holds(bob, "[p.name for p in bob.participants] == ['Eve']")
