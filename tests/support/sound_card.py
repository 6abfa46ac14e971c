"""A sound card that nobody hears: Firefox's Web Audio does not begin without one."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Self

from tests.support.processes import leash, unleash
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path


class SoundCard:
    """A PulseAudio server of the tests' own, with a sink that leads nowhere.

    Parameters
    ----------
    folder : Path
        For its socket.
    """

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "sound.socket"
        self.environment = {"PULSE_SERVER": f"unix:{self._socket}"}
        modules = ("module-null-sink", f"module-native-protocol-unix socket={self._socket} auth-anonymous=1")
        self._process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
                *(f"--load={module}" for module in modules),
            ],
            # It keeps a key in the user's home otherwise.
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._leash = leash(self._process.pid)

    @classmethod
    async def start(cls, folder: Path) -> Self | None:
        """Start one; None where there is no PulseAudio, which `make setup` installs where it may."""
        if shutil.which("pulseaudio") is None:
            return None
        card = cls(folder)
        try:
            await wait_for(card._socket.is_socket, 10, "PulseAudio's socket")
        except BaseException:
            card.stop()
            raise
        return card

    def stop(self) -> None:
        """End it."""
        unleash(self._leash)
        self._process.terminate()
        self._process.wait(10)
