"""What importing costs: a notebook's first cell must not wait for a video library that it may never use."""

from __future__ import annotations

import subprocess
import sys

# Media, numbers and servers: needed by some users, after the first cell.
HEAVY = {"aiortc", "av", "aiohttp", "socketio", "numpy"}
# For who teaches, once there is something to show.
DRAWING = {f"rtc_widget.trace.{name}" for name in ("diagram", "overview", "glare")}


def in_a_fresh_process(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return done.stdout


def milliseconds(module: str) -> float:
    program = (
        f"from time import perf_counter as now; began = now(); import {module}; print((now() - began) * 1000)"
    )
    return float(in_a_fresh_process(program))


def modules_after(statement: str) -> set[str]:
    return set(in_a_fresh_process(f"{statement}; import sys; print(*sys.modules)").split())


def test_importing_costs_at_most_30_ms_more_than_anywidget_alone():
    # The best of several: the rest is what else the machine did.
    best = {name: min(milliseconds(name) for _ in range(7)) for name in ("anywidget", "rtc_widget")}

    assert best["rtc_widget"] <= best["anywidget"] + 30, best


def test_importing_loads_neither_media_nor_servers():
    assert modules_after("import rtc_widget") & HEAVY == set()


def test_the_widget_is_there_without_them_too():
    assert modules_after("from rtc_widget import RoomWidget") & HEAVY == set()


def test_the_widget_is_there_before_anything_that_draws():
    assert modules_after("from rtc_widget import RoomWidget") & DRAWING == set()
