"""The lessons: how they are run, what their cells show after *Run All*, and how their exercises are done."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.chromium import Window
    from tests.support.lab import Lab
    from tests.support.notebook import Notebook


FOLDER = Path(__file__).parents[2] / "notebooks"
# The one that is saved with its outputs has tests of its own, which run it.
DEMO = "13_recorded_demo.ipynb"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb") if path.name != DEMO)
VIEWPORT = {"width": 1280, "height": 1600}

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
            'check("3.1", ada, answer="Dan")',
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
            'check("5.1", ada, function=mirror, peer=glass)',
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
        (
            'room.fault.clear(); dora.close(); dora = Peer("lesson 9", name="Dora")',
            'check("9.2", room, answer="new")',
        ),
        ("", 'check("9.3", broken, message=0, step="rollback")'),
    ],
    "10_through_the_router.ipynb": [
        (
            'strict = HomeRouters("address-and-port-dependent")\n'
            'cy, di = (RoomWidget("yours", name=name, video="pattern", audio=False, ice_servers=strict.turn)'
            ' for name in ("Cy", "Di"))\n'
            'cy.fault.no_candidates("host"); cy.join(); di.join()',
            'check("10.1", cy, stun="no")',
        ),
        ("", 'check("10.2", ada, answer=16777215)'),
    ],
    "11_changing_a_call.ipynb": [
        (
            "before = len(offers()); bob.share_screen(pattern=True); negotiated(before + 1)\n"
            "bob.share_screen(False); negotiated(before + 2)",
            'check("11.1", ada, mlines=5)',
        ),
        ("", 'check("11.2", broken, message=10, mid=1)'),
    ],
    "12_how_much_of_it.ipynb": [
        ("", 'check("12.1", ada, mesh=8.4, sfu=1.2)'),
        ("", 'check("12.2", ada, answer=900)'),
    ],
}


def costs_little(text: str) -> bool:
    """Tell whether the last bitrate of a list is a fraction of the first ones."""
    rates = [int(rate) for rate in re.findall(r"\d+", text)]
    return len(rates) >= 8 and 10 * rates[-1] < max(rates[:4])


def costs_most(text: str) -> bool:
    """Tell whether the last bitrates of a list are beyond the first ones, each of which is of a second in which much may happen.

    The charts' words are below it.
    """
    listed, _line, charts = text.partition("\n")
    rates = [int(rate) for rate in re.findall(r"\d+", listed)]
    return "received" in charts and len(rates) >= 13 and max(rates[-5:]) > 2 * max(rates[:4])


# What cells show after *Run All*, by number: patterns that are found in the text, or what it has to be.
NUMBER = r"[\d.]+"
OUTPUTS: dict[str, dict[int, str | Callable[[str], bool]]] = {
    "01_first_call.ipynb": {
        5: "^Bob connected (host|prflx) to (host|prflx)$",
        7: r"^\[\"Bob's video is now False\", \"Bob's video is now True\"\]$",
        11: "^Exercise 1.1: not yet",
    },
    "02_offer_and_answer.ipynb": {
        3: "^<offer of Ada to Bob>$",
        5: r"(?s)Bob: createAnswer\(\).*answer held, from Bob to Ada, still at the signaling server",
        7: "^<answer of Bob to Ada>$",
        8: "(?s)answer held .*from Bob to Ada.*Ada: connected · ",
        10: "VP8.* None was dropped",
        15: "(?s)audio .* Negotiated away: .*red.*recvonly answered.*VP8, rtx.* Negotiated away: .*AV1.*VP9.*recvonly answered",
        19: "actpass",
        21: "^Exercise 2.1: not yet",
        23: "^Exercise 2.2: not yet",
        25: "^Exercise 2.3: not yet",
        27: "failed at Ada: InvalidAccessError",
        28: "^Exercise 2.4: not yet",
    },
    "03_candidates.ipynb": {
        4: "(?s)offer delayed .*, from Ada to Bob.*Bob: queued .*Bob: added .* queued candidate.*connected · ",
        6: f"(?s)received ice_candidate.*{NUMBER} s  .*queued.*{NUMBER} s  .*setRemoteDescription offer.*{NUMBER} s  .*added",
        # At least one of the wrong one's.
        9: r"(?m)^a candidate of (Ada|Bob): (added|refused) in the connection to (?!\1)(Ada|Bob)$",
        12: "^Exercise 3.1: not yet",
        14: "refused at Ada: InvalidStateError",
        15: "^Exercise 3.2: not yet",
    },
    "04_perfect_negotiation.ipynb": {
        3: r"(?s)^(?=.*offer .*from Ada to Bob.* glare)(?=.*Bob: rolls back its own offer)(?=.*Ada: ignores the offer).*connected · ",
        7: r"(?s)^(?=.*answer from Yan to Zoe[^\n]* failed at Zoe: InvalidStateError)"
        r"(?=.*answer from Zoe to Yan[^\n]* failed at Yan: InvalidStateError)"
        r"(?=.*Yan: rolls back its own offer)(?=.*Zoe: rolls back its own offer).*waiting for 'connected'.*Zoe \(",
        10: "^Exercise 4.1: not yet",
        12: "^Exercise 4.2: not yet",
        14: "^Exercise 4.3: not yet",
    },
    "05_kernel_peer.ipynb": {
        6: r"^\(360, 640, 3\) uint8 from Bob number \d+\nmean colour: ",
        9: r"(?s)^Frame\(.*dtype=uint8",
        11: r"(?m)^frame \d+: mean 2\d\d\.\d\nFrame\(",
        12: r"'transform': {'frames': [1-9]",
        14: r"^[1-9]\d* frames in 3 busy seconds$",
        16: r"(?s)^Frame\(.*dtype=uint8",
        18: r"^\('Painter',\s+array\(\[\[1\., 0\., 0\.\],\s+\[0\., 1\., 0\.\],\s+\[0\., 0\., 1\.\]\], dtype=float32\)\)$",
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
        5: costs_little,
        7: costs_most,
        9: r"^(host|prflx) ↔ (host|prflx) over UDP won: [^(]*\(RFC\s8445,\s[\d.]+\)",
        11: "^Exercise 7.1: not yet",
        13: "^Exercise 7.2: not yet",
        15: "^Exercise 7.3: not yet",
    },
    "08_your_own_peer.ipynb": {
        4: "^in the room already: (?=.*'Ada')(?=.*'Bob')",
        6: r"(?s)^Frame\(.*dtype=uint8",
        7: "^Exercise 8.1: done",
        12: "failed at Ada: InvalidStateError",
        13: "^Exercise 8.2: not yet",
    },
    "09_break_it.ipynb": {
        3: "^Ada's connection to Bob: (new|connecting), signaling have-local-offer\nBob's connection to Ada: (new|connecting), signaling stable",
        5: "^Ada's connection to Bob: connected\nno active faults$",
        7: r"(?sm)^offer of Ada: corrupted failed\n.*^request_offer of Carol: forwarded.*^offer of Ada: forwarded setRemoteDescription\n"
        r".*^answer of Carol: forwarded setRemoteDescription\n.*^failed setRemoteDescription \w+$",
        10: "(?s)delay 0.3 s.*duplicate",
        13: "^Exercise 9.1: not yet",
        15: "^Exercise 9.2: not yet",
        17: "(?s)ignored by Bob.*ignored by Ada",
        18: "^Exercise 9.3: not yet",
    },
    "10_through_the_router.ipynb": {
        2: r"^HomeRouters\('endpoint-independent', asked=0, passed=0, blocked=0, relayed=0\)$",
        # Which of the two was the first to be told, a candidate or a check that came from it, is chance.
        6: r"^Ada's srflx candidate and Bob's [sp]rflx candidate\npackets: .* [1-9]\d* passed, .* 0 relayed\n[sp]rflx ↔ [sp]rflx",
        8: r"candidates? \(.*host.*\).* dropped, from (Ada to Bob|Bob to Ada)",
        12: r"^Anna's \w+ candidate and Bruno's \w+ candidate\npackets: .* 0 passed, .* [1-9]\d* relayed\n.*relay.* won: it goes through a TURN server",
        16: "^Exercise 10.1: not yet",
        18: "^Exercise 10.2: not yet",
    },
    "11_changing_a_call.ipynb": {
        3: "^mid 0: audio sendrecv\nmid 1: video sendrecv\nmid 2: application$",
        5: "^offers: 0$",
        7: "mid 2: application\nmid 3: video sendonly$",
        8: "sendonly was offered, recvonly answered",
        10: "mid 2: application\nmid 3: video inactive$",
        12: "^m-lines: 4\nICE username fragment: new\ncertificate: the same$",
        # Connected before, and never anything else.
        13: r"(?s)^(?!.*connection is (connecting|disconnected|failed)).*restartIce.*offer from .*answer from ",
        15: "^Exercise 11.1: not yet",
        17: "failed at Bob: InvalidAccessError",
        18: "^Exercise 11.2: not yet",
    },
    "12_how_much_of_it.ipynb": {
        3: r"^to 1: \d+ kbit/s\nto 2: \d+ kbit/s\nto 3: \d+ kbit/s$",
        5: r"(?m)^ +5 +10 +4\.8 Mbit/s \| +1\.2 Mbit/s +24\.0 Mbit/s$",
        7: "several qualities at once: send h;m;l",
        8: "(?s)^sent by Ada: 1575 kbit/s.*gets h .*gets m .*gets l ",
        10: "(?s)transport-cc.*REMB",
        12: "(?s)0 s    300 kbit/s    0% lost.*26 s   1067 kbit/s   53% lost",
        14: "^Exercise 12.1: not yet",
        16: "^Exercise 12.2: not yet",
    },
    DEMO: {
        5: "^<offer of Ada to Bob>\n<offer of Bob to Ada>\n<answer of Bob to Ada>$",
        9: r"^<Recording of 'recorded demo': .* s, Ada and Bob, .* MB>$",
        13: "(?s)They meet\n.*Both offer at once\n.*Glare: Ada and Bob both sent an offer\n.*Settled\n.*Bob leaves$",
        14: r"(?s)^Frame\(.*dtype=uint8",
        16: "(?s)^Ada: join\nBob: join\n.*Bob: media\nBob: media\nBob: leave$",
        17: "^offer of Ada: setRemoteDescription\noffer of Bob: ignored\nanswer of Bob: setRemoteDescription$",
        19: "^Exercise 13.1: not yet",
        21: "^recorded_demo.webm written\nrecorded_demo.html written$",
    },
}


async def run_lesson(lab: Lab, window: Window, name: str) -> Notebook:
    """Run a lesson from top to bottom, and return it."""
    await window.watch()
    shutil.copytree(FOLDER, lab.root, dirs_exist_ok=True)
    notebook = await lab.open(window, name)
    await notebook.run_all()
    return notebook


async def faults_of(notebook: Notebook) -> list[str]:
    """Return what is wrong with a lesson that was run: errors, complaints, cells that did not run, and outputs that are not as promised."""
    cells = [cell for cell in await notebook.cells() if cell["source"].strip()]
    faults = [
        f"cell {cell['index']}: {cell['error'] or 'it did not run'}"
        for cell in cells
        if cell["error"] or not cell["ran"]
    ]
    faults += [f"cell {cell['index']} complains: {cell['stderr']}" for cell in cells if cell["stderr"]]
    for index, promised in OUTPUTS[notebook.path].items():
        text = (await notebook.cell_text_output(index)).strip()
        if not (promised(text) if callable(promised) else re.search(promised, text)):
            faults.append(f"cell {index} is not as promised ({promised}): {text}")
    return faults
