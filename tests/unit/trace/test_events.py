"""What an event shows of itself, and what a trace says that is asked for none."""

from __future__ import annotations

import pytest

from rtc_widget.errors import InvalidCallError, UnknownPlaceError
from rtc_widget.trace.events import Event
from tests.support.traces import ADA, BOB, call


def test_calls_and_places_that_do_not_fit_say_what_does() -> None:
    trace = call().trace

    with pytest.raises(InvalidCallError, match=r"^between needs other: between\(other=…\)\."):
        trace.between("Ada")  # type: ignore[call-arg]
    with pytest.raises(InvalidCallError, match=r"^explain needs text"):
        trace.explain()  # type: ignore[call-arg]
    with pytest.raises(
        UnknownPlaceError, match=rf"no event {len(trace)}: they are numbered from 0 to {len(trace) - 1}"
    ):
        trace[len(trace)]
    with pytest.raises(UnknownPlaceError, match=r"no message 99: they are numbered from 0 to"):
        trace.messages()[99]


def test_a_pair_is_shown_with_the_types_of_its_ends_and_no_address() -> None:
    def shown(local: str, remote: str) -> str:
        return repr(Event(1.0, ADA, "pair", BOB, data={"local": local, "remote": remote, "protocol": "udp"}))

    assert shown("host", "srflx") == "<pair host ↔ srflx>"
    assert shown("notebook", "notebook") == "<pair notebook>"
    assert shown("192.0.2.1", "host") == "<pair>"
