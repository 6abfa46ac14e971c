"""The doctor's report in a page: what the page is told, whose findings are taken, and waiting for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError, RelayError, RtcWidgetError
from rtc_widget.preflight import doctor, doctor_widget, relay_check, report
from rtc_widget.preflight.doctor_widget import Doctor
from rtc_widget.preflight.finding import Finding
from rtc_widget.preflight.report import NO_BROWSER, Report
from rtc_widget.relay.address import Relay
from rtc_widget.runtime import threads
from tests.support.fakes import InlineThreads

SECRET = "0123456789abcdef"
RELAY = Relay("https://relay.example.org", secret=SECRET)
GOOD, BAD = Finding("Relay", "good", "It answers."), Finding("Relay", "problem", "It does not answer.")
CAMERA = {"check": "Camera", "state": "good", "text": "It works.", "advice": ""}


class Clinic:
    """What a report is made of: checks that find what the test says, and what is sent to pages."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[Finding] = [GOOD]
        self.examined = self.released = 0
        self.failure: Exception | None = None
        self.sent: list[dict[str, Any]] = []
        self.threads = InlineThreads()

        async def examine(*_given: object) -> tuple[Finding, ...]:
            self.examined += 1
            return tuple(self.found)

        async def find(given: Relay | None) -> Relay:
            if self.failure is not None:
                raise self.failure
            return given or RELAY

        def send(_doctor: Doctor, message: dict[str, Any], buffers: object = None) -> None:
            if message["method"] == "custom":
                self.sent.append(message["content"])

        monkeypatch.setattr(threads, "acquire", lambda: self.threads)
        monkeypatch.setattr(threads, "release", self.release)
        monkeypatch.setattr(report, "examine", examine)
        monkeypatch.setattr(doctor_widget, "examine", examine)
        monkeypatch.setattr(relay_check, "find", find)
        monkeypatch.setattr(Doctor, "_send", send)

    def release(self) -> None:
        self.released += 1

    def targets(self, to: str) -> list[dict[str, Any]]:
        return [each for each in self.sent if each["kind"] == "target" and each["to"] == to]


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch) -> Clinic:
    return Clinic(monkeypatch)


def say(doctor: Doctor, client_id: object, kind: str, **fields: Any) -> None:
    doctor._receive(doctor, {"client_id": client_id, "kind": kind, **fields}, [])


# -- the kernel's part


def test_the_kernels_findings_are_there_at_once_and_that_no_browser_has_looked_is_said(
    clinic: Clinic,
) -> None:
    doctor = Doctor(RELAY, [])

    assert doctor.findings == (GOOD, NO_BROWSER)
    assert [each["text"] for each in doctor.kernel_findings] == ["It answers."]
    assert doctor.examined_at > 0
    assert "It answers." in repr(doctor)
    assert "No browser has displayed this report." in repr(doctor)


def test_a_report_without_a_page_waits_for_none(clinic: Clinic) -> None:
    plain = Report(RELAY, [])
    plain.run()

    assert plain.wait() is False
    assert plain.findings == (GOOD, NO_BROWSER)
    assert clinic.released == 1


# -- what a page is told


def test_every_page_is_told_at_once_what_to_check_and_nothing_of_that_is_saved(clinic: Clinic) -> None:
    servers = [{"urls": "turn:turn.example.org", "username": "u", "credential": "a credential"}]
    doctor = Doctor(RELAY, servers)

    [target] = clinic.targets("*")
    assert target["relay"]["url"] == RELAY.url
    assert target["relay"]["local"] is False
    assert target["relay"]["token"]
    assert target["iceServers"] == servers
    saved = json.dumps({name: repr(value) for name, value in doctor.trait_values().items()}) + repr(doctor)
    for secret in (SECRET, target["relay"]["token"], "a credential"):
        assert secret not in saved


def test_the_users_own_relay_has_to_prove_itself(clinic: Clinic) -> None:
    Doctor(None, [])

    [target] = clinic.targets("*")
    assert target["relay"]["local"] is True
    assert set(target["relay"]["proof"]) == {"challenge", "answer"}


def test_a_page_is_told_that_there_is_no_relay(clinic: Clinic) -> None:
    clinic.failure = RelayError("relay_unreachable", "It is not there.")
    Doctor(RELAY, [])

    [target] = clinic.targets("*")
    assert target["relay"] is None


def test_a_page_that_looks_again_gets_new_findings_of_the_kernel(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    clinic.found = [BAD]

    say(doctor, "a tab", "hello")
    assert doctor.findings[0] == GOOD
    say(doctor, "a tab", "hello", again=True)

    assert doctor.findings[0] == BAD
    assert [each["state"] for each in doctor.kernel_findings] == ["problem"]
    assert len(clinic.targets("a tab")) == 2


# -- what a page finds


def test_the_browsers_findings_come_one_after_the_other(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    say(doctor, "a tab", "hello")

    say(doctor, "a tab", "findings", findings=[CAMERA])
    assert [each.text for each in doctor.findings] == ["It answers.", "It works."]
    assert not doctor.wait(0.01)

    say(doctor, "a tab", "findings", findings=[CAMERA, CAMERA], done=True)
    assert len(doctor.findings) == 3
    assert doctor.wait(0.01)


def test_only_the_page_that_came_last_is_listened_to(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    for tab in ("a tab", "another tab"):
        say(doctor, tab, "hello")

    say(doctor, "a tab", "findings", findings=[CAMERA], done=True)

    assert doctor.findings == (GOOD, NO_BROWSER)
    assert not doctor.wait(0.01)


def test_a_page_that_comes_anew_is_waited_for_anew(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    say(doctor, "a tab", "hello")
    say(doctor, "a tab", "findings", findings=[CAMERA], done=True)
    assert doctor.wait(0.01)

    say(doctor, "a tab", "hello")

    assert not doctor.wait(0.01)


def test_nonsense_of_a_page_changes_nothing(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    before = len(clinic.sent)

    for nonsense in (None, 3, [], {}, {"kind": "hello"}, {"kind": "hello", "client_id": 3}):
        doctor._receive(doctor, nonsense, [])
    say(doctor, "a tab", "no such kind")

    assert len(clinic.sent) == before
    assert doctor.findings == (GOOD, NO_BROWSER)


# -- waiting, and the end


async def test_it_can_be_awaited(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    assert not await doctor.wait_async(0.01)

    say(doctor, "a tab", "findings", findings=[], done=True)

    assert await doctor.wait_async(0.01)


def test_a_callback_cannot_wait(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    clinic.threads.is_observer_thread = True

    with pytest.raises(RtcWidgetError) as refused:
        doctor.wait()

    assert refused.value.code == "would_deadlock"


def test_who_waits_when_it_is_closed_is_told_and_nobody_begins_to_wait_after_that(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    waiting = doctor._begin_waiting()
    released = clinic.released

    doctor.close()
    doctor.close()

    with pytest.raises(RtcWidgetError, match="closed while something was waiting"):
        waiting.result(0)
    with pytest.raises(RtcWidgetError, match="call doctor"):
        doctor.wait()
    assert clinic.released == released + 1


def test_a_closed_report_does_not_listen(clinic: Clinic) -> None:
    doctor = Doctor(RELAY, [])
    doctor.close()
    before = len(clinic.sent)

    say(doctor, "a tab", "hello", again=True)

    assert len(clinic.sent) == before
    assert clinic.examined == 1


def test_what_is_no_relay_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="address must start with") as refused:
        doctor(relay=5)  # type: ignore[arg-type]
    assert refused.value.code == "bad_argument"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ice_servers": "stun:127.0.0.1:9"}, r"ice_servers is a list: \[\{\"urls\": "),
        ({"ice_servers": {"urls": "stun:127.0.0.1:9"}}, r"ice_servers is a list: \[\{\"urls\": "),
        ({"turn": "turn:127.0.0.1"}, r"turn must be TurnServer"),
        ({"ice_server": []}, r"^doctor has no argument 'ice_server'\. Did you mean 'ice_servers'\?"),
    ],
    ids=["a text", "a server", "turn", "misspelt"],
)
def test_what_it_cannot_try_is_refused_as_by_a_widget(clinic: Clinic, given: Any, said: str) -> None:
    with pytest.raises(RtcWidgetError, match=said) as refused:
        doctor(**given)
    assert refused.value.code == "bad_argument"
