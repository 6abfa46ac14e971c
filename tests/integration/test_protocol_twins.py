"""The files that define a wire in both languages say the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rtc_widget import errors
from rtc_widget.protocol import (
    channel_messages,
    comm,
    limits,
    negotiation_events,
    replay,
    signaling,
    validate,
)
from rtc_widget.trace.diagram.parts import MACHINES

ROOT = Path(__file__).parents[2]
TABLES = (
    ("signaling", "PROTOCOL_VERSION", signaling.PROTOCOL_VERSION),
    ("signaling", "SHAPES", signaling.SHAPES),
    ("signaling", "SIGNALS", signaling.SIGNALS),
    ("signaling", "SERVER_EVENTS", signaling.SERVER_EVENTS),
    ("limits", "LIMITS", limits.LIMITS),
    ("limits", "TIMES_MS", limits.TIMES_MS),
    ("comm", "FROM_KERNEL", comm.FROM_KERNEL),
    ("comm", "FROM_FRONT_END", comm.FROM_FRONT_END),
    ("channel-messages", "KINDS", list(channel_messages.KINDS)),
    ("channel-messages", "HEADER_BYTES", channel_messages.HEADER.size),
    ("negotiation-events", "STEPS", negotiation_events.STEPS),
    ("negotiation-events", "ENTRIES", negotiation_events.ENTRIES),
    ("replay", "FIELDS", replay.FIELDS),
    ("replay", "COLUMNS", replay.COLUMNS),
    ("replay", "MACHINES", replay.MACHINES),
    ("replay", "REPLAY_CLASSES", replay.REPLAY_CLASSES),
    ("replay", "DIAGRAM_CLASSES", replay.DIAGRAM_CLASSES),
    ("replay", "DIAGRAM_DATA", replay.DIAGRAM_DATA),
    ("replay", "DRAWN", replay.DRAWN),
    ("replay", "EVERYBODY", replay.EVERYBODY),
    ("errors", "CODES", list(errors.CODES)),
    ("errors", "FATAL", [code for code in errors.CODES if errors.is_fatal(code)]),
)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the modules of js/src/protocol export, as the front end's own bundler reads them."""
    folder = tmp_path_factory.mktemp("twins")
    names = sorted({module for module, _name, _table in TABLES})
    subprocess.run(
        [
            ROOT / "js/node_modules/.bin/esbuild",
            *(ROOT / f"js/src/protocol/{name}.ts" for name in names),
            "--bundle",
            "--format=esm",
            "--out-extension:.js=.mjs",
            "--log-level=warning",
            f"--outdir={folder}",
        ],
        check=True,
    )
    modules = ", ".join(f'"{name}": await import("{folder / name}.mjs")' for name in names)
    program = f"console.log(JSON.stringify({{ {modules} }}));"
    printed = subprocess.run(
        ["node", "--input-type=module", "-e", program], check=True, capture_output=True, text=True
    )
    return json.loads(printed.stdout)


@pytest.mark.parametrize(
    ("module", "name", "table"), TABLES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_both_languages_have_the_same(twins: Any, module: str, name: str, table: object) -> None:
    assert twins[module][name] == json.loads(json.dumps(table))


def test_every_field_has_a_kind_that_is_checked() -> None:
    used = {kind for shape in signaling.SHAPES.values() for kind in shape.values()}

    assert used == set(validate.KINDS)


def test_the_diagram_shows_the_state_machines_of_the_replay() -> None:
    assert tuple(MACHINES) == replay.MACHINES
