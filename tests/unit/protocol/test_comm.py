"""The tables of the comm's messages."""

from __future__ import annotations

from typing import get_args

from rtc_widget.protocol import comm


def test_every_message_has_a_kind_of_its_own() -> None:
    for union, table in ((comm.FromKernel, comm.FROM_KERNEL), (comm.FromFrontEnd, comm.FROM_FRONT_END)):
        assert len(table) == len(get_args(union))
        assert all("kind" in fields for fields in table.values())


def test_who_a_message_is_for_is_no_field_of_its_own() -> None:
    for table in (comm.FROM_KERNEL, comm.FROM_FRONT_END):
        for fields in table.values():
            assert {"to", "client_id"}.isdisjoint(fields)
