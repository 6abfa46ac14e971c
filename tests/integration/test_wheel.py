"""The wheel holds what a user needs: `pip install` and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation: hatchling is in the test group, so that nothing is fetched here. Without npm: the front end is built.
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pip",
                "wheel",
                "--no-deps",
                "--no-build-isolation",
                "--no-index",
                "--quiet",
            ),
            *("--disable-pip-version-check", "--wheel-dir", folder, ROOT),
        ],
        env={**os.environ, "PATH": str(Path(sys.executable).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as opened:
        yield opened


def test_the_wheel_carries_the_built_front_end_and_the_types(wheel):
    names = set(wheel.namelist())

    built = [f"static/{name}.{kind}" for name in ("widget", "preflight", "replay") for kind in ("js", "css")]
    built += [f"static/modules/{name}.js" for name in ("trace-panel", "preflight")]
    drawn = ("trace/diagram/page.js", "trace/diagram/page.css")
    for name in (*built, *drawn, "py.typed", "__init__.py", "relay/__main__.py"):
        assert f"rtc_widget/{name}" in names
        assert wheel.getinfo(f"rtc_widget/{name}").file_size or name == "py.typed", name


def test_the_wheel_carries_nothing_else(wheel):
    roots = {Path(name).parts[0].partition("-")[0] for name in wheel.namelist()}

    assert roots == {"rtc_widget"}
    for name in wheel.namelist():
        assert not name.endswith((".ts", ".map", ".pyc", ".ipynb")), name


def test_the_wheel_fits_every_platform(wheel):
    assert Path(wheel.filename).name.endswith("-py3-none-any.whl")
