"""By which address others reach this machine."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.relay import addresses


class Probe:
    """Stands in for a UDP socket, which sends nothing when it is connected."""

    leaves_by: str | None = None

    def __init__(self, *_kind: Any) -> None:
        pass

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def connect(self, _address: tuple[str, int]) -> None:
        if self.leaves_by is None:
            raise OSError("Network is unreachable")

    def getsockname(self) -> tuple[str | None, int]:
        return self.leaves_by, 40_000


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses.socket, "socket", Probe)
    monkeypatch.setattr(
        addresses.socket,
        "gethostbyname_ex",
        lambda name: (name, [], ["127.0.1.1", "192.0.2.7", "198.51.100.9"]),
    )


def test_it_is_the_one_by_which_packets_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probe, "leaves_by", "198.51.100.9")

    assert addresses.own_address() == "198.51.100.9"


def test_without_a_way_out_it_is_the_first_that_the_machines_name_leads_to() -> None:
    assert addresses.own_address() == "192.0.2.7"
    assert addresses.own_addresses() == ["192.0.2.7", "198.51.100.9", "127.0.0.1"]


def test_a_machine_without_a_network_has_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_name: str) -> Any:
        raise OSError("Name or service not known")

    monkeypatch.setattr(addresses.socket, "gethostbyname_ex", unknown)

    assert addresses.own_address() == "127.0.0.1"
