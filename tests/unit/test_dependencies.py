"""No release of a library with a known hole is allowed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
# The first releases without the holes that were known when this was written.
WITHOUT_HOLES = {
    "aiohttp": "3.13.3",
    "filelock": "3.20.3",
    "python-engineio": "4.12",
    "python-socketio": "5.14",
}


def requirements() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {each.name: each for each in map(Requirement, project["dependencies"])}


@pytest.mark.parametrize("name", WITHOUT_HOLES)
def test_what_concerns_the_network_has_a_floor_without_known_holes(name: str) -> None:
    [floor] = [each.version for each in requirements()[name].specifier if each.operator == ">="]
    assert Version(floor) >= Version(WITHOUT_HOLES[name])


@pytest.mark.parametrize("name", ["python-engineio", "python-socketio"])
def test_what_is_used_below_its_public_api_has_a_ceiling(name: str) -> None:
    assert [each for each in requirements()[name].specifier if each.operator == "<"]
