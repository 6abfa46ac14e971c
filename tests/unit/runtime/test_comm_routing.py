"""A page's messages go to the subshell that the page names, whoever has sent something last."""

from __future__ import annotations

import ipykernel
from ipykernel.comm.comm import BaseComm

from rtc_widget.runtime.comm_routing import keep_subshell


def overrules(comm: BaseComm) -> bool:
    """Return whether the kernel would ask the comm for a message's subshell."""
    return getattr(comm, "_reply_subshell_for", None) is not None


def test_a_kernel_that_would_overrule_the_page_is_told_not_to() -> None:
    comm = BaseComm(target_name="jupyter.widget")
    # What is told applies to releases from 7.4 on: with another one, look whether it still does.
    assert overrules(comm) == (ipykernel.version_info[:2] >= (7, 4))

    keep_subshell(comm)

    assert not overrules(comm)


def test_a_comm_that_leaves_it_to_the_page_stays_as_it_is() -> None:
    class Comm:
        pass

    comm = Comm()
    for each in (comm, None):
        keep_subshell(each)
    assert vars(comm) == {}
