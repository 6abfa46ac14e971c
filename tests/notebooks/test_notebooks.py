"""Every notebook runs from top to bottom in a real JupyterLab, on a machine without camera and microphone."""

from __future__ import annotations

import base64
import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import av
import nbformat
import pytest
from nbclient import NotebookClient

from rtc_widget.teaching.exercises import EXERCISES
from tests.support.notebook_calls import holds
from tests.support.processes import end_processes, marked_processes

if TYPE_CHECKING:
    from tests.support.browser_fixtures import OwnWindow
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


FOLDER = Path(__file__).parents[2] / "notebooks"
MARK = "RTC_WIDGET_TEST_NOTEBOOK"
# The one that is saved with its outputs has no exercises, and tests of its own, which run it.
DEMO = "13_recorded_demo.ipynb"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb") if path.name != DEMO)

# What a student could do for each exercise, and how it is checked then.
# What others have still to say when a room is paused is held, too: the offer in question is waited for by name.
_RELEASE = (
    'offers = lambda: [each for each in room.held if (each.kind, each.sender, each.to) == ("offer", "Ada", "{to}")]; '
    "room.wait_for(lambda _: offers()); room.release(offers()[0])"
)
_GUEST = 'RoomWidget("{room}", name="{name}", video="pattern", audio=False)'
SOLUTIONS: dict[str, list[tuple[str, str]]] = {
    "01_first_call.ipynb": [
        (f"cleo = {_GUEST.format(room='demo', name='Cleo')}; cleo.join()", 'check("1.1", ada, answer=15)'),
    ],
    "02_offer_and_answer.ipynb": [
        (
            f'room.pause(); carol = Peer("lesson 2", name="Carol"); {_RELEASE.format(to="Carol")}',
            'check("2.1", room)',
        ),
        ("room.resume()", 'check("2.2", room, bob, line="a=setup:active")'),
        (
            f'room.pause(); dan = Peer("lesson 2", name="Dan"); {_RELEASE.format(to="Dan")}',
            'check("2.3", room, "setRemoteDescription, createAnswer, setLocalDescription")',
        ),
        ("", 'check("2.4", broken, message=1, line="a=setup:actpass")'),
    ],
    "03_candidates.ipynb": [
        (
            f"ada.fault.delay('offer', 1); dan = {_GUEST.format(room='lesson 3', name='Dan')}; dan.join()",
            'check("3.1", ada)',
        ),
        ("", 'check("3.2", broken, message=6, step="queued")'),
    ],
    "04_perfect_negotiation.ipynb": [
        (
            f"ada.fault.glare('Ada', 'Eve'); eve = {_GUEST.format(room='lesson 4', name='Eve')}; eve.join()",
            'check("4.1", ada)',
        ),
        ("", 'check("4.2", ada, answer="bob", step="rollback")'),
        ("", 'check("4.3", ada, "have-local-offer, stable, have-remote-offer, stable")'),
    ],
    "05_kernel_peer.ipynb": [
        (
            'mirror = lambda rgb: rgb[:, ::-1]; glass = Peer("studio", name="Mirror", transform=mirror)',
            'check("5.1", ada, function=mirror)',
        ),
    ],
    "06_data_channels.ipynb": [
        ('ada.send({"question": "who are you?"}, to="Bob")', 'check("6.1", room, heard=heard)'),
        ("ada.send(np.ones((2, 2), np.float32))", 'check("6.2", room, heard=heard)'),
        (
            'ada.send({"points": (1, 2), 3: None}, to="Bob")',
            'check("6.3", room, {"points": [1, 2], "3": None}, heard=heard)',
        ),
    ],
    "07_stats_and_quality.ipynb": [
        ("", 'check("7.1", room, answer=room.stats.by("Bob")[-3].data["fps"])'),
        ("ada.use(np.zeros((90, 160, 3), np.uint8))", 'check("7.2", room)'),
        ("", 'check("7.3", room, answer=640 * 360 * 3 * 8 * 30)'),
    ],
    "08_your_own_peer.ipynb": [
        ("", 'check("8.1", room)'),
        # The page is in the call, too.
        ("", 'any((each.name, each.connection_state) == ("Jay", "connected") for each in room.participants)'),
        ("", 'check("8.2", broken, message=3, to="Bob")'),
    ],
    "09_break_it.ipynb": [
        ('room.fault.drop("offer"); dora = Peer("lesson 9", name="Dora")', 'check("9.1", room)'),
        ('room.fault.clear(); dora.close(); dora = Peer("lesson 9", name="Dora")', 'check("9.2", room)'),
        ("", 'check("9.3", broken, message=0, step="rollback")'),
    ],
    "10_through_the_router.ipynb": [
        (
            'strict = HomeRouters("address-and-port-dependent")\n'
            'cy, di = (RoomWidget("yours", name=name, video="pattern", audio=False, ice_servers=strict.turn)'
            ' for name in ("Cy", "Di"))\n'
            'cy.fault.no_candidates("host"); cy.join(); di.join()',
            'check("10.1", cy)',
        ),
        ("", 'check("10.2", ada, answer=16777215)'),
    ],
    "11_changing_a_call.ipynb": [
        (
            "before = len(offers()); bob.share_screen(pattern=True); negotiated(before + 1)\n"
            "bob.share_screen(False); negotiated(before + 2)",
            'check("11.1", ada, mlines=5)',
        ),
        ("", 'check("11.2", broken, message=2, mid=1)'),
    ],
    "12_how_much_of_it.ipynb": [
        ("", 'check("12.1", ada, mesh=8.4, sfu=1.2)'),
        ("", 'check("12.2", ada, answer=900)'),
    ],
}
# What cells show after *Run All*, by number: patterns that are found in the text, in this order.
NUMBER = r"[\d.]+"
OUTPUTS: dict[str, dict[int, str]] = {
    "01_first_call.ipynb": {
        5: r"^Bob connected \w+ to \w+$",
        7: r"^\[\"Bob's video is now False\", \"Bob's video is now True\"\]$",
        10: "^Exercise 1.1: not yet",
    },
    "02_offer_and_answer.ipynb": {
        3: "^<offer of Ada to Bob>$",
        5: r"(?s)Bob: createAnswer\(\).*answer held, from Bob to Ada, still at the signaling server",
        7: "^<answer of Bob to Ada>$",
        10: "VP8.* None was dropped",
        15: r"(?s)audio .* Negotiated away: .*red.*video .*VP8, rtx.* Negotiated away: .*AV1.*VP9",
        19: "actpass",
        21: "^Exercise 2.1: not yet",
        23: "^Exercise 2.2: not yet",
        25: "^Exercise 2.3: not yet",
        27: "failed at Ada: OperationError",
        28: "^Exercise 2.4: not yet",
    },
    "03_candidates.ipynb": {
        6: f"(?s){NUMBER} s  .*queued.*{NUMBER} s  .*setRemoteDescription offer.*{NUMBER} s  .*added",
        9: "(?m)^a candidate of (Ada|Bob): (added|refused) in the connection to (Ada|Bob)$",
        11: "^Exercise 3.1: not yet",
        13: "refused at Ada: InvalidStateError",
        14: "^Exercise 3.2: not yet",
    },
    "04_perfect_negotiation.ipynb": {
        7: "waiting for 'connected'.*Zoe: ",
        9: "^Exercise 4.1: not yet",
        11: "^Exercise 4.2: not yet",
        13: "^Exercise 4.3: not yet",
    },
    "05_kernel_peer.ipynb": {
        6: r"^\(360, 640, 3\) uint8 from Bob number \d+\nmean colour: ",
        14: r"^\d+ frames in 3 busy seconds$",
        20: "^Exercise 5.1: not yet",
    },
    "06_data_channels.ipynb": {
        2: r"^\[{'hello': 'Bob'},\s+b'bytes stay bytes',\s+array\(\[\[0, 1, 2\],\s+\[3, 4, 5\]\]\)\]$",
        4: "^Ada is reconnecting and Bob has heard: still here$",
        6: f"^{NUMBER} Mbit/s$",
        8: "^Exercise 6.1: not yet",
        10: "^Exercise 6.2: not yet",
        12: "^Exercise 6.3: not yet",
    },
    "07_stats_and_quality.ipynb": {
        1: "'bitrate': ",
        3: "bitrate",
        9: "won",
        11: "^Exercise 7.1: not yet",
        13: "^Exercise 7.2: not yet",
        15: "^Exercise 7.3: not yet",
    },
    "08_your_own_peer.ipynb": {
        7: "^Exercise 8.1: ",
        12: "failed at Ada: InvalidStateError",
        13: "^Exercise 8.2: not yet",
    },
    "09_break_it.ipynb": {
        3: "^Ada sees Bob as (new|connecting) have-local-offer\nBob sees Ada as (new|connecting) stable",
        5: "^no active faults$",
        7: "'operation': 'setRemoteDescription'",
        10: "(?s)delay 0.3 s.*duplicate",
        13: "^Exercise 9.1: not yet",
        15: "^Exercise 9.2: not yet",
        17: "(?s)ignored by Bob.*ignored by Ada",
        18: "^Exercise 9.3: not yet",
    },
    "10_through_the_router.ipynb": {
        2: r"^HomeRouters\('endpoint-independent', asked=0, passed=0, blocked=0, relayed=0\)$",
        # Which of the two was the first to be told, a candidate or a check that came from it, is chance.
        6: r"^Ada's srflx candidate and Bob's [sp]rflx candidate\npackets: .*'passed': [1-9]\d*.*'relayed': 0}\n?'[sp]rflx ↔ [sp]rflx",
        8: r"candidates? \(.*host.*\).* dropped, from (Ada to Bob|Bob to Ada)",
        12: r"^Ann's \w+ candidate and Ben's \w+ candidate\npackets: .*'passed': 0.*'relayed': [1-9]\d*}\n?'.*relay.* won: it goes through a TURN server",
        15: "^Exercise 10.1: not yet",
        17: "^Exercise 10.2: not yet",
    },
    "11_changing_a_call.ipynb": {
        3: "^mid 0: audio sendrecv\nmid 1: video sendrecv\nmid 2: application$",
        5: "^offers: 0$",
        7: "mid 2: application\nmid 3: video sendonly$",
        8: "sendonly was offered, recvonly answered",
        10: "mid 2: application\nmid 3: video inactive$",
        12: "^m-lines: 4\nICE username fragment: new\ncertificate: the same$",
        13: "restartIce",
        15: "^Exercise 11.1: not yet",
        17: "failed at Bob: InvalidAccessError",
        18: "^Exercise 11.2: not yet",
    },
    "12_how_much_of_it.ipynb": {
        3: r"^to 1: \d+ kbit/s\nto 2: \d+ kbit/s\nto 3: \d+ kbit/s$",
        5: r"(?m)^ +8 +28 +8\.4 Mbit/s \| +1\.2 Mbit/s +67\.2 Mbit/s$",
        7: "several qualities at once: send h;m;l",
        8: "(?s)^sent by Ada: 1575 kbit/s.*gets h .*gets m .*gets l ",
        10: "(?s)transport-cc.*REMB",
        12: "(?s)0 s    300 kbit/s    0% lost.*26 s   1067 kbit/s   53% lost",
        14: "^Exercise 12.1: not yet",
        16: "^Exercise 12.2: not yet",
    },
}


def test_there_are_notebooks():
    assert "01_first_call.ipynb" in NOTEBOOKS


async def run(lab: Lab, own_window: OwnWindow, name: str) -> Notebook:
    """Run a notebook from top to bottom, without an error."""
    shutil.copytree(FOLDER, lab.root, dirs_exist_ok=True)
    window = await own_window(devices=False, viewport={"width": 1280, "height": 1600})
    notebook = await lab.open(window, name)

    await notebook.run_all()

    errors = [cell for cell in await notebook.cells() if cell["error"]]
    assert errors == []
    assert all(cell["ran"] for cell in await notebook.cells() if cell["source"].strip())
    return notebook


@pytest.mark.parametrize("name", NOTEBOOKS)
async def test_the_notebook_runs_without_an_error_and_its_exercises_can_be_done(lab, own_window, name):
    notebook = await run(lab, own_window, name)

    for index, pattern in OUTPUTS.get(name, {}).items():
        text = (await notebook.cell_text_output(index)).strip()
        assert re.search(pattern, text), f"cell {index}: {text}"
    for solution, checked in SOLUTIONS.get(name, ()):
        await notebook.execute(solution)
        await holds(notebook, f"bool({checked})")


def test_every_exercise_has_a_solution():
    checked = re.findall(r'check\("([\d.]+)"', str(SOLUTIONS))

    # 13.1 is asked of a recording.
    assert sorted([*checked, "13.1"]) == sorted(EXERCISES)


def test_what_lessons_refer_to_is_there():
    for name in (*NOTEBOOKS, DEMO):
        text = "\n".join(cell.source for cell in nbformat.read(FOLDER / name, as_version=4).cells)
        assert f"](pictures/{name.removesuffix('.ipynb')}.svg)" in text, "its picture"
        assert "**Read more:**" in text
        assert re.search(r'check\("[\d.]+"', text), "an exercise"
        beside = re.findall(r"\]\(((?!https:)[^)]+)\)|Trace\.load\(\"([^\"]+)\"\)", text)
        assert [path for path in map("".join, beside) if not (FOLDER / path).is_file()] == []


def test_pictures_are_small_and_fetch_nothing():
    for path in (FOLDER / "pictures").glob("*.svg"):
        text = path.read_text("utf-8")
        assert len(text) <= 6 * 1024, path.name
        assert not re.search(r"href|url\((?!#)|<script|<image|@import", text), path.name


@pytest.fixture
def own_relay(tmp_path, monkeypatch):
    """Let what runs in the test find no relay but its own, and end that."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv(MARK, mark)
    yield
    end_processes(marked_processes(MARK, mark))


def test_the_kernels_peer_needs_no_browser_and_its_outputs_show_frames(tmp_path, own_relay):
    notebook = nbformat.read(FOLDER / "05_kernel_peer.ipynb", as_version=4)

    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 4
    for picture in pictures:
        path = tmp_path / "picture.png"
        path.write_bytes(base64.b64decode(picture))
        with av.open(str(path)) as opened:
            frame = next(opened.decode(video=0)).to_ndarray(format="rgb24")
        # Of something, and not one grey.
        assert frame.std() > 20
