"""The widget lives in both places in which the other tests look at it: JupyterLab and the bare host page."""

from __future__ import annotations

from tests.support.waiting import wait_for

PLAYING = """() => [...document.querySelectorAll("video")].filter(
    (video) => video.videoWidth > 0 && video.currentTime > 0).length"""


async def test_two_cells_of_a_notebook_are_in_one_call_and_python_sees_it(lab, new_window, room):
    notebook = await lab.open(
        await new_window(viewport={"width": 1200, "height": 2000}),
        lab.notebook(
            [
                "from rtc_widget import RoomWidget\n"
                f"ada = RoomWidget({room!r}, name='Ada', video='pattern', audio=False)\nada",
                f"bob = RoomWidget({room!r}, name='Bob', video='pattern', audio=False)\nbob",
                "ada.wait_for('connected', timeout=30)\n"
                "print(ada.state, [(p.name, p.connection_state) for p in ada.participants])",
            ]
        ),
    )

    await notebook.run_all()

    assert (await notebook.cell_text_output(2)).strip() == "joined [('Bob', 'connected')]"
    await wait_for(lambda: notebook.tab.evaluate(f"({PLAYING})() >= 4"), 30, "four playing videos")


async def test_two_host_pages_are_in_one_call(host, relay, new_window, room):
    pages = [
        await host.open(await new_window(), room=room, name=name, video="camera", audio="microphone")
        for name in ("Ada", "Bob")
    ]

    for page in pages:
        invitation = {"key": "first", "token": relay.token(room, max_uses=1), "session": None, "now": True}
        await page.heartbeat(relay.url, relay.token(room), invitation=invitation)

    for page in pages:
        await wait_for(lambda page=page: page.tab.evaluate(PLAYING), 30, "a playing video")
        await wait_for(lambda page=page: page.tab.evaluate(f"({PLAYING})() === 2"), 30, "two playing videos")
    kinds = {message["kind"] for message in await pages[0].sent()}
    assert {"hello", "phase"} <= kinds
