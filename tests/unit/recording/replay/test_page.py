"""A recording's page: nothing in it is markup that should be text, it keeps secrets, and it is as small as asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from rtc_widget.recording.contents import Change, Chapter, Ended, Person, Said
from rtc_widget.recording.display import Shown
from rtc_widget.recording.replay import document_of, page, page_of, still_of
from rtc_widget.trace.trace import Trace
from tests.support.replay_recordings import Tape, lesson
from tests.support.traces import ADA, BOB, Script, call

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "</script><script>alert(1)</script><!--<b>\u2028\ud800&amp;"
SECRETS = ("192.0.2.44", "10.1.2.3", "40404", "51234", "SecretSecret", "AA:BB:CC:DD", "Kp3c")


class Pieces(HTMLParser):
    """What a browser would make of a page: its elements, and the text of its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._within = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self._within = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._within:
            self.scripts[-1] += data

    @property
    def data(self) -> dict[str, Any]:
        """What the player reads."""
        kinds = [attrs.get("type") for tag, attrs in self.tags if tag == "script"]
        found: dict[str, Any] = json.loads(
            self.scripts[kinds.index("application/json")], parse_constant=pytest.fail
        )
        return found

    @property
    def clips(self) -> int:
        """How many media are in it."""
        return sum(attrs.get("class") == "rtcr-clip" for _, attrs in self.tags)


def whole(tape: Tape, *, private: bool = True) -> str:
    return page_of(tape, max_bytes=None, private=private)


@pytest.fixture(scope="module")
def tape() -> Tape:
    return lesson(media_seconds=3.0)


def test_the_page_has_all_that_the_player_shows(tape: Tape) -> None:
    pieces = Pieces(whole(tape))
    data = pieces.data

    assert [person["name"] for person in data["people"]] == ["Ada", "Bob", "Guest 1"]
    assert [clip["track"] for clip in data["clips"]] == ["camera", "camera", "screen"]
    assert pieces.clips == 3
    assert [said["text"] for said in data["said"]] == ["Can you see me?", '{"hello": 1}', "5 bytes"]
    assert data["media"][0] == [0.0, ADA, True, True, False]
    assert {value for *_, value in data["states"]} >= {"have-local-offer", "stable", "connected"}
    assert data["stats"]
    assert data["diagram"] == 0
    assert data["ended"] is None


def test_what_is_downloaded_from_a_page_is_the_trace_without_what_is_private(
    tape: Tape, tmp_path: Path
) -> None:
    pieces = Pieces(whole(tape))
    classes = [attrs.get("class") for tag, attrs in pieces.tags if tag == "script"]
    file = tmp_path / "trace.jsonl"
    file.write_text(pieces.scripts[classes.index("rtcr-trace")], encoding="utf-8")

    trace = Trace.load(file)

    assert trace.diagram().text == tape.trace.diagram().text
    assert [secret for secret in SECRETS if secret in file.read_text("utf-8")] == []
    sdp = next(message.sdp for message in trace.messages() if message.sdp)
    assert sdp.count("\r\n") == sdp.count("\n") > 10


def test_nothing_is_fetched(tape: Tape) -> None:
    pieces = Pieces(document_of(tape, max_bytes=None, private=True))

    assert not {tag for tag, _ in pieces.tags} & {"link", "iframe", "object", "base"}
    places = [
        (tag, attrs.get(name) or "") for tag, attrs in pieces.tags for name in ("src", "href", "srcset")
    ]
    assert all(place.startswith("data:") for tag, place in places if place and tag != "a")
    # Where a specification is linked, a person asks for it, and its server is not told from where.
    links = [attrs for tag, attrs in pieces.tags if tag == "a"]
    assert links
    assert all(
        (attrs.get("href") or "").startswith(("https://www.rfc-editor.org/", "https://www.w3.org/", "#"))
        and ((attrs.get("href") or "").startswith("#") or attrs.get("rel") == "noreferrer")
        for attrs in links
    )


def test_words_of_others_are_text(tape: Tape) -> None:
    evil = replace(
        tape,
        room=EVIL,
        participants=(Person(ADA, EVIL, EVIL, ((0.0, None),)),),
        messages=(Said(1.0, ADA, None, EVIL), Said(2.0, ADA, None, {EVIL: [EVIL]})),
        chapters=(Chapter(0.0, EVIL),),
        problems=(EVIL,),
        ended=Ended("disk", EVIL),
    )
    expected = Pieces(whole(tape))

    pieces = Pieces(document_of(evil, max_bytes=None, private=False))

    assert len(pieces.scripts) == len(expected.scripts)
    assert sum(tag == "b" for tag, _ in pieces.tags) == 0
    assert pieces.data["people"][0]["name"] == pieces.data["room"] == EVIL
    assert pieces.data["said"][0]["text"] == pieces.data["ended"] == pieces.data["problems"][0] == EVIL
    ET.fromstring(still_of(evil, private=True))


def test_the_still_picture_is_xml_with_everybody_in_it(tape: Tape) -> None:
    picture = ET.fromstring(still_of(tape, private=True))
    svg = "{http://www.w3.org/2000/svg}"
    texts = [node.text for node in picture.iter(f"{svg}text")]

    assert "Ada" in texts
    assert "Guest 1, declined to be recorded" in texts
    assert "offer · 5.2 ms" in texts
    assert [each.attrib["href"][:22] for each in picture.iter(f"{svg}image")] == [
        "data:image/jpeg;base64"
    ] * 2


def test_a_recording_of_nothing_is_a_page_too() -> None:
    nothing = Tape((), (), 0.0, Trace([], names={}))

    assert Pieces(whole(nothing)).data["people"] == []
    ET.fromstring(still_of(nothing, private=True))


def test_what_was_on_before_it_was_recorded_is_known_though_nothing_changed(tape: Tape) -> None:
    traits = [Change(0.03, None, "state", "joined"), Change(0.03, ADA, "name", "Ada")]
    traits += [Change(0.03, ADA, name, name != "screen") for name in ("audio", "video", "screen")]
    # What comes later is in the trace; of whom not all is known nothing is said.
    traits += [Change(4.0, ADA, "video", False), Change(0.03, BOB, "audio", True)]

    told = Pieces(whole(replace(tape, traits=tuple(traits)))).data["media"]

    assert told == [[0.0, ADA, True, True, False], *Pieces(whole(tape)).data["media"]]


def test_what_is_no_number_in_javascript_costs_no_replay(tape: Tape) -> None:
    script = Script()
    script.say(ADA, "stats", BOB, bitrate=float("inf"), fps=float("nan"), rtt=12.5)
    odd = replace(
        tape,
        stats=script.trace,
        messages=(Said(1.0, ADA, None, {"x": float("nan")}),),
        chapters=(Chapter(float("inf"), "Never"),),
    )

    data = Pieces(whole(odd)).data

    assert data["stats"] == [[0.0, ADA, BOB, None, None, 12.5]]
    assert data["chapters"][0]["time"] is None
    assert data["said"][0]["text"] == '{"x": NaN}'


# -- secrets


def told(*, private: bool) -> str:
    script = call()
    script.say(ADA, "error", code="connection_failed", message="no way to 192.0.2.44")
    tape = Tape(
        clips=(),
        participants=(Person(ADA, "Ada", "browser", ((0.0, None),)),),
        seconds=2.0,
        trace=script.trace,
        messages=(Said(1.0, ADA, None, "I am 192.0.2.44"), Said(1.0, ADA, None, {"ip": "10.1.2.3"})),
        problems=("192.0.2.44 has not answered",),
        ended=Ended("relay", "10.1.2.3 is gone."),
    )
    return page_of(tape, max_bytes=None, private=private) + still_of(tape, private=private)


def test_a_private_page_has_no_addresses_and_passwords() -> None:
    said = told(private=True)

    assert [secret for secret in SECRETS if secret in said] == []
    # The same value has the same placeholder in the diagram and beside it.
    placeholder = re.search(r"candidate:\[foundation-\d+\] 1 udp 1686051839 (\[address-\d+\])", said)
    assert placeholder is not None
    assert f"I am {placeholder[1]}" in said


def test_a_page_that_is_not_private_has_them() -> None:
    said = told(private=False)

    assert [secret for secret in SECRETS if secret not in said] == []


# -- size


@pytest.mark.parametrize("most", [165_000, 120_000, 80_000])
def test_a_page_is_no_larger_than_asked_and_says_what_it_is_without(tape: Tape, most: int) -> None:
    html = page_of(tape, max_bytes=most, private=True)
    pieces = Pieces(html)

    assert len(html.encode()) <= most
    assert len(pieces.data["clips"]) == pieces.clips
    assert pieces.data["notes"]


def test_media_get_what_the_rest_leaves(tape: Tape) -> None:
    html = document_of(tape, max_bytes=215_000, private=True)

    assert Pieces(html).clips == 3
    assert 165_000 < len(html.encode()) <= 215_000


def test_what_is_smaller_anyway_is_left_as_it_is(tape: Tape) -> None:
    assert page_of(tape, max_bytes=10_000_000, private=True) == whole(tape)


def test_a_page_that_cannot_be_so_small_is_as_small_as_it_gets(tape: Tape) -> None:
    html = page_of(tape, max_bytes=1, private=True)

    assert len(html.encode()) < 80_000
    small, note = Pieces(html).data["notes"]
    assert "cannot be made as small as" in small
    assert note == (
        "Left out to save space: the trace's file, video and audio, the contents of signaling messages, "
        "the statistics, the captions, the signaling diagram, the messages."
    )


@pytest.mark.parametrize("most", [300_000, 100_000])
def test_what_a_notebook_saves_is_no_larger_than_asked(tape: Tape, most: int) -> None:
    picture = len(still_of(tape, private=True).encode())
    shown = Shown(tape, most, private=True)._repr_mimebundle_()

    assert ("image/svg+xml" in shown) == (picture < most / 4)
    assert sum(len(shown.get(mime, "").encode()) for mime in ("text/html", "image/svg+xml")) <= most


# -- a checkout that is not built


def test_a_player_that_is_not_built_says_what_to_do(
    tape: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_STATIC", tmp_path)
    page._asset.cache_clear()

    with pytest.raises(FileNotFoundError, match="run 'make js'"):
        whole(tape)
    page._asset.cache_clear()


# -- the diagram's times


def test_the_diagram_says_when_each_message_was_sent_and_everything_else_was_done() -> None:
    script = call()
    html = script.trace.diagram().html

    ats = [float(at) for at in re.findall(r'rtcd-m [^>]*data-at="([\d.]+)"', html)]
    done = [float(at) for at in re.findall(r'data-at="([\d.]+)"', html)]
    sent = sorted(message.departed - script.events[0].time for message in script.trace.messages())
    assert ats[0] == pytest.approx(sent[0], abs=1e-4)
    assert len(done) > 2 * len(ats)
    assert max(done) <= script.events[-1].time - script.events[0].time


# -- where no scripts run


def test_a_sanitized_page_still_shows_the_picture_and_says_what_it_is_and_where_it_plays(tape: Tape) -> None:
    html = whole(tape)
    # As GitHub and nbviewer do with what they do not trust.
    kept = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    images = [attrs for tag, attrs in Pieces(kept).tags if tag == "img"]
    # Below a long diagram nobody would read it.
    [above] = re.findall(r"<p>([^<]*)</p><img", kept)

    assert "<script" not in kept
    (image,) = images
    assert (image["src"] or "").startswith("data:image/svg+xml;base64,")
    assert "Recording of demo: Ada, Bob, Guest 1" in (image["alt"] or "")
    assert above.startswith("Recording of demo: Ada, Bob, Guest 1")
    assert "This is a still picture. It plays where scripts may run" in above


def test_a_private_pages_title_has_no_addresses(tape: Tape) -> None:
    html = document_of(replace(tape, room="at 192.0.2.44"), max_bytes=None, private=True)

    assert "192.0.2.44" not in html


SDP = (
    "v=0\r\no=carol 1 1 IN IP4 192.0.2.44\r\nm=audio 40404 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:Kp3c\r\n"
    "a=ice-pwd:SecretSecret\r\na=fingerprint:sha-256 AA:BB:CC:DD\r\n"
)
CANDIDATE = "candidate:1 1 udp 2122 10.1.2.3 51234 typ srflx raddr 192.0.2.44 rport 40404 ufrag Kp3c"


@pytest.mark.parametrize(
    "said",
    [
        SDP,
        {"type": "offer", "sdp": SDP},
        {"text": json.dumps({"sdp": SDP})},
        f"It failed with {CANDIDATE}",
        {"candidate": CANDIDATE, "usernameFragment": "Kp3c"},
        {
            "port": 51234,
            "password": "SecretSecret",
            "list": [{"Credential": "SecretSecret", "token": "Kp3c"}],
        },
        json.dumps({"pwd": "SecretSecret", "port": 40404}),
        "my turn server is turn:192.0.2.44:40404, [2001:db8::7]:51234, port 51234",
        "a=ice-pwd:SecretSecret is the password, and password=SecretSecret too",
        "Use eyJhbGciOi.SecretSecret.Kp3c",
    ],
)
def test_whatever_a_recording_was_told_a_private_page_keeps_it(tape: Tape, said: Any) -> None:
    text = said if isinstance(said, str) else json.dumps(said)
    script = call_with_error(text)
    changed = replace(
        tape,
        room=text,
        trace=script,
        ended=Ended("disk", text),
        problems=(text,),
        chapters=(Chapter(1.0, text, "mark"),),
        messages=(Said(1.0, ADA, None, said), Said(2.0, BOB, ADA, text)),
    )
    page = (
        whole(changed) + document_of(changed, max_bytes=None, private=True) + still_of(changed, private=True)
    )

    assert [secret for secret in (*SECRETS, "db8") if secret in page] == []


def call_with_error(text: str) -> Trace:
    """Return a trace in which somebody reports this text as an error."""
    script = Script()
    script.join(ADA)
    script.join(BOB, "python", 2)
    script.say(ADA, "error", code="connection_failed", message=text)
    script.say(ADA, "step", BOB, step="error", operation="setRemoteDescription", error=text, message=text)
    return script.trace
