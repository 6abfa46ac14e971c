"""Media between a page and its kernel's Peers over the notebook's own connection, in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.notebook_calls import cell, holds, open_notebook, page_holds, without_sockets

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook

PROXY = r".*/proxy/\d+/$"
PAIR = "ada.participants['Bot'].selected_candidate_pair"


async def ada_and_bot(lab: Lab, notebook: Notebook) -> None:
    """Put Ada's widget and a peer that inverts her picture into one notebook."""
    await notebook.run_cell(0)
    await notebook.run_cell(1)
    await holds(notebook, "'Bot' in ada.participants and 'Ada' in bot.participants")


def cells(room: str) -> list[str]:
    bot = f"from rtc_widget import Peer\nbot = Peer({room!r}, name='Bot', audio='tone', transform=lambda rgb: 255 - rgb)"
    return [cell("Ada", room, 'video="pattern", audio="tone"') + "\nada.media_path = 'notebook'\nada", bot]


async def carries_everything(notebook: Notebook) -> None:
    """Assert that frames, audio, messages and stats come and go over the notebook's own connection."""
    await carries_all_but_audio(notebook)
    await holds(notebook, "abs(bot.sound('Ada').samples).max() > 0.005")
    await holds(notebook, "abs(ada.sound('Bot').samples).max() > 0.005")


async def carries_all_but_audio(notebook: Notebook) -> None:
    """Assert that frames, messages and stats do."""
    await holds(notebook, f"({PAIR} or {{}}).get('protocol') == 'notebook'", timeout=60)
    await page_holds(notebook, f"{SAYS}?.includes('over the notebook')")
    await holds(notebook, "ada.participants['Bot'].connection_state == 'connected'")
    await holds(notebook, "bot.frame('Ada').shape == (360, 640, 3)")
    await holds(notebook, "abs(bot.frame('Ada').mean() + ada.frame('Bot').mean() - 255) < 8", 60)
    await notebook.execute(
        "at_bot, at_ada = [], []\n"
        "bot.on_message(lambda data, sender: at_bot.append(data))\n"
        "ada.on_message(lambda data, sender: at_ada.append(data))\n"
        "ada.send({'n': 1}, to='Bot'); ada.send(b'raw', to='Bot'); bot.send('grüß dich', to='Ada'); bot.send(b'x', to='Ada')\n"
    )
    await holds(notebook, "at_bot == [{'n': 1}, b'raw'] and at_ada == ['grüß dich', b'x']")
    await holds(notebook, "any(e.data['fps'] > 3 for e in ada.stats.between('Ada', 'Bot'))")


# What Bot's tile says of itself.
SAYS = "[...document.querySelectorAll('.rtcw-tile')].map((tile) => tile.ariaLabel).find((text) => /Bot/.test(text))"

# The middle of the picture in Bot's tile.
MIDDLE = """(() => {
    const tile = [...document.querySelectorAll(".rtcw-tile")].find((each) => each.innerText.includes("Bot"));
    const video = tile?.querySelector("video");
    if (!video?.videoWidth) return [];
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
})()"""


async def shows_what_a_cell_sends(notebook: Notebook) -> None:
    """Assert that the page shows what is given to `send_frame`."""
    red = "numpy.full((360, 640, 3), (200, 30, 30), numpy.uint8)"
    await notebook.execute(f"import numpy\nbot.transform(None)\nbot.send_frame({red})")
    await page_holds(notebook, f"(([r, g, b]) => r > 150 && g < 80 && b < 80)({MIDDLE})")


async def records_both(notebook: Notebook) -> None:
    """Assert that a recording has the pictures of page and peer."""
    await notebook.execute("recording = ada.record('lesson')")
    await holds(notebook, "recording.size > 150_000", 60)
    await notebook.execute("recording.stop()")
    await holds(notebook, "{'Ada', 'Bot'} <= {p.name for p in recording.participants}")
    for name in ("Ada", "Bot"):
        medium = f"next(m for m in recording.media if m.participant == recording.person({name!r}).id)"
        await holds(notebook, f"recording.frame({name!r}, {medium}.begins + 1).std() > 5")


async def test_everything_goes_over_the_comm_and_a_cell_may_wait_for_the_first_frame(
    lab: Lab, new_window: NewWindow
) -> None:
    window = await new_window()
    await without_sockets(window, PROXY)
    ada, bot = cells(lab.room)
    notebook = await open_notebook(lab, window, ada, "print(ada.frame('Ada', timeout=60).shape)", bot)
    await notebook.run_all()
    assert (await notebook.cell_text_output(1)).startswith("(360, 640, 3)")
    await holds(notebook, "'Bot' in ada.participants and 'Ada' in bot.participants")

    await carries_everything(notebook)
    await records_both(notebook)
    await shows_what_a_cell_sends(notebook)


async def test_everything_goes_through_the_notebooks_server_and_back_over_ice_when_that_is_wanted(
    lab: Lab, new_window: NewWindow
) -> None:
    window = await new_window()
    notebook = await open_notebook(lab, window, *cells(lab.room))
    sockets: list[str] = []
    notebook.tab.on("websocket", lambda socket: sockets.append(socket.url))
    await ada_and_bot(lab, notebook)

    await carries_everything(notebook)
    assert any("/proxy/" in url for url in sockets)
    await notebook.execute("ada.media_path = 'auto'")
    await holds(notebook, f"{PAIR}['protocol'] == 'udp'")
    await page_holds(notebook, f"{SAYS} && !{SAYS}.includes('over the notebook')")
    # A stream's first frame may be one that was there before.
    await holds(notebook, "(s := bot.frames('Ada')) and next(s).number < next(s).number")


# What Playwright does to a Chromium: no WebSocket leads through the notebook's server.
WITHOUT_PROXY = """() => {
  const Plain = WebSocket;
  globalThis.turnedAway = 0;
  globalThis.WebSocket = class extends Plain {
    constructor(url, protocols) {
      const isProxy = /\\/proxy\\/\\d+\\/$/.test(url);
      super(isProxy ? "ws://127.0.0.1:9" : url, protocols);
      globalThis.turnedAway += isProxy;
    }
  };
}"""


@pytest.mark.parametrize("by", ["WebSocket", "comm"])
async def test_firefox_takes_the_notebooks_own_connection_too(lab: Lab, firefox: Firefox, by: str) -> None:
    added = None
    if by == "comm":
        added = await firefox.command("script.addPreloadScript", {"functionDeclaration": WITHOUT_PROXY})
    try:
        notebook = await lab.open(firefox, lab.notebook(cells(lab.room)))
        await ada_and_bot(lab, notebook)

        # Firefox's Web Audio, which the audio goes through, does not begin on a machine without a sound card.
        await (carries_everything if firefox.has_sound else carries_all_but_audio)(notebook)
        await shows_what_a_cell_sends(notebook)
        await page_holds(notebook, f"{str(by == 'comm').lower()} === (globalThis.turnedAway > 0)")
    finally:
        if added is not None:
            await firefox.command("script.removePreloadScript", {"script": added["script"]})


# As behind a network that lets no UDP through: a page without candidates, whom nobody can reach.
NO_CANDIDATES = """
const Plain = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Plain {
  constructor(config) {
    super({ ...config, iceTransportPolicy: "relay" });
  }
};"""


async def test_where_ice_finds_no_way_the_notebooks_own_is_taken_by_itself_until_it_does(
    lab: Lab, new_window: NewWindow
) -> None:
    window = await new_window()
    await window.context.add_init_script(NO_CANDIDATES)
    bot = f"bot = Peer({lab.room!r}, name='Bot', transform=lambda rgb: 255 - rgb, ice_servers=[])"
    notebook = await open_notebook(lab, window, cell("Ada", lab.room), f"from rtc_widget import Peer\n{bot}")
    await ada_and_bot(lab, notebook)
    await notebook.execute(
        "seen = []\nada.participants['Bot'].observe(lambda c: seen.append(c.new), 'connection_state')"
    )

    await holds(notebook, f"({PAIR} or {{}}).get('protocol') == 'notebook'", 60)
    await holds(notebook, "abs(bot.frame('Ada').mean() + ada.frame('Bot').mean() - 255) < 8", 60)
    assert "notebook" in await notebook.execute("print(ada.trace.filter('pair').to_frame().to_string())")
