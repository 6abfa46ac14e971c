"""Where a kernel runs, as far as its environment shows, and whether the front end is there."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from rtc_widget.preflight import places

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing."""
    for name in list(os.environ):
        if name.startswith(("COLAB", "BINDER", "JUPYTERHUB", "CODESPACES", "VSCODE", "JPY", "SSH")):
            monkeypatch.delenv(name)
    monkeypatch.delitem(sys.modules, "marimo", raising=False)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["JPY_PARENT_PID"], "a Jupyter server"),
        (["JPY_PARENT_PID", "JUPYTERHUB_USER"], "JupyterHub"),
        (["JPY_PARENT_PID", "JUPYTERHUB_USER", "BINDER_LAUNCH_HOST"], "Binder"),
        (["COLAB_RELEASE_TAG", "JPY_PARENT_PID"], "Colab"),
        (["VSCODE_PID", "CODESPACES"], "GitHub Codespaces"),
    ],
)
def test_the_most_specific_place_is_named(
    monkeypatch: pytest.MonkeyPatch, names: list[str], said: str
) -> None:
    for name in names:
        monkeypatch.setenv(name, "x")

    finding = places.host()

    assert finding.state == "good"
    assert f"started by {said}." in finding.text
    assert "SSH" not in finding.text


def test_marimo_is_known_by_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "marimo", ModuleType("marimo"))

    assert "started by marimo." in places.host().text


def test_a_machine_that_was_reached_over_ssh_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "x")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 1 192.0.2.8 22")

    text = places.host().text

    assert "reached over SSH" in text
    assert "192.0.2" not in text


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "")

    assert places.host().state == "not checked"


def test_the_files_of_the_front_end_are_there_and_not_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "STATIC", tmp_path)
    for name in ("loader.js", "widget.js", "widget.css"):
        (tmp_path / name).write_text("x")
    assert places.front_end().state == "good"

    (tmp_path / "widget.js").write_text("")
    (tmp_path / "loader.js").unlink()

    finding = places.front_end()
    assert finding.state == "problem"
    assert finding.text.startswith("loader.js and widget.js of")
