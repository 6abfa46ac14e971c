"""Whatever happens in a room, in whatever order: afterwards everybody sees everybody."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.convergence.machine import Call, Loop

SCHEDULES = int(os.environ.get("SCHEDULES", "20"))


# A relay that is killed here, in the test's own process, while it accepts a connection leaves that to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_everybody_sees_everybody_after_any_schedule() -> None:
    Call.loop = Loop()
    try:
        run_state_machine_as_test(
            Call,
            settings=settings(
                max_examples=SCHEDULES,
                stateful_step_count=12 if SCHEDULES > 20 else 8,
                deadline=None,
                derandomize="SCHEDULES" not in os.environ,
                database=None,
                print_blob=True,
                phases=[Phase.generate] if "NOSHRINK" in os.environ else [Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        Call.loop.close()
