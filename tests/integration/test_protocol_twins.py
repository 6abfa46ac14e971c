"""The two files that define the wire say the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from rtc_widget.errors import CODES
from rtc_widget.protocol import signaling

ROOT = Path(__file__).parents[2]
NAMES = ("PROTOCOL_VERSION", "SHAPES", "SIGNALS", "SERVER_EVENTS", "LIMITS", "CODES")


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """What js/src/protocol/signaling.ts exports, as the front end's own bundler reads it."""
    module = tmp_path_factory.mktemp("twin") / "protocol.mjs"
    subprocess.run(
        [
            ROOT / "js/node_modules/.bin/esbuild",
            ROOT / "js/src/protocol/signaling.ts",
            "--bundle",
            "--format=esm",
            "--log-level=warning",
            f"--outfile={module}",
        ],
        check=True,
    )
    program = f"import * as twin from '{module}'; console.log(JSON.stringify(twin));"
    printed = subprocess.run(
        ["node", "--input-type=module", "-e", program], check=True, capture_output=True, text=True
    )
    return json.loads(printed.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same(twin, name):
    ours = list(CODES) if name == "CODES" else json.loads(json.dumps(getattr(signaling, name)))

    assert twin[name] == ours


def test_every_field_has_a_kind_that_is_checked():
    used = {kind for shape in signaling.SHAPES.values() for kind in shape.values()}

    assert used == set(signaling.KINDS)
