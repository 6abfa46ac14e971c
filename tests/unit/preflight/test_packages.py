"""Whether what is needed is installed, and new enough."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from rtc_widget.preflight import packages

FIT = {"anywidget": "0.11.3", "ipywidgets": "8.1.5", "traitlets": "5.14.3"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The versions of what is installed, which a test may change."""
    versions = dict(FIT)
    needs = ["anywidget<0.13,>=0.11", "ipywidgets>=8.1", "traitlets>=5.9", 'aiortc<2,>=1.9; extra == "peer"']
    monkeypatch.setattr(packages, "_installed", versions.get)
    monkeypatch.setattr(packages, "requires", lambda _name: needs)
    return versions


def test_what_fits_is_good_and_says_its_versions(installed: dict[str, str]) -> None:
    finding = packages.widgets()

    assert finding.state == "good"
    assert finding.text == "anywidget 0.11.3, ipywidgets 8.1.5, traitlets 5.14.3."


@pytest.mark.parametrize(
    ("name", "number", "said"),
    [
        ("anywidget", None, "anywidget not installed"),
        ("anywidget", "0.10.9", "anywidget 0.10.9 (needed: <0.13,>=0.11)"),
        ("anywidget", "0.13", "anywidget 0.13 (needed: <0.13,>=0.11)"),
        ("anywidget", "0.13.0", "anywidget 0.13.0 (needed: <0.13,>=0.11)"),
        ("ipywidgets", "7.8.5", "ipywidgets 7.8.5 (needed: >=8.1)"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_a_problem(
    installed: dict[str, str], name: str, number: str | None, said: str
) -> None:
    if number is None:
        del installed[name]
    else:
        installed[name] = number

    finding = packages.widgets()

    assert finding.state == "problem"
    assert said in finding.text
    assert "pip install --upgrade rtc-widget" in finding.advice


@pytest.mark.parametrize("number", ["0.11", "0.12.99", "0.11.0rc1", "0.12.1.post2", "0.11.0+local.1"])
def test_versions_are_compared_as_numbers(installed: dict[str, str], number: str) -> None:
    installed["anywidget"] = number

    assert packages.widgets().state == "good"


def test_without_a_peers_packages_browsers_still_call(installed: dict[str, str]) -> None:
    finding = packages.peer()

    assert finding.state == "warning"
    assert "aiortc and av and numpy not installed" in finding.text
    assert "Calls between browsers do not need them" in finding.text
    assert 'pip install --upgrade "rtc-widget[peer]"' in finding.advice


def test_python_in_a_browser_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert packages.python().state == "good"

    monkeypatch.setattr(packages, "sys", SimpleNamespace(platform="emscripten", modules=sys.modules))

    assert packages.python().state == "problem"


@pytest.mark.parametrize(
    ("kernel", "number", "state", "advice"),
    [
        (None, "7.0.0", "not checked", ""),
        (SimpleNamespace(_supports_kernel_subshells=True), "7.1.0", "good", ""),
        (SimpleNamespace(), "6.29.5", "warning", "upgrade"),
        (SimpleNamespace(_supports_kernel_subshells=False), "7.0.0", "warning", "Pause"),
    ],
)
def test_a_kernel_without_subshells_is_advised_according_to_its_version(
    installed: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    kernel: Any,
    number: str,
    state: str,
    advice: str,
) -> None:
    installed["ipykernel"] = number
    monkeypatch.setattr(packages, "_kernel", lambda: kernel)

    finding = packages.ipykernel()

    assert finding.state == state
    assert advice in finding.advice
