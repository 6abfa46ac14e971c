"""A link that shows itself in the notebook, with its QR code, and is not saved there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from traitlets import Unicode

from ..errors import RtcWidgetError
from ..protocol.comm import LinkContent
from ..relay.address import Relay
from ..relay.link import LINK_SECONDS, LINK_USES, Link
from ..runtime.bundled_widget import BundledWidget, read_static
from ..runtime.lifetime import Lifetime
from .comm_channel import ALL, CommChannel

# When the relay is asked for, seconds after the time before.
_PAUSES: Final = (0.0, 1.0, 3.0, 9.0)


class LinkView(BundledWidget):
    """A link by which people join a room without Jupyter: as a cell's result, an address and a QR code.

    Made by `RoomWidget.link`. What is saved with the notebook, and what `repr` says, holds no token.

    Parameters
    ----------
    link : Link
        The link.
    """

    _bundle = Unicode(read_static("room-link.js")).tag(sync=True)
    _css = read_static("room-link.css")

    def __init__(self, link: Link) -> None:
        self._link = link
        super().__init__()
        self._channel = CommChannel(
            lambda content, buffers: self._send({"method": "custom", "content": content}, buffers=buffers)
        )
        self._channel.receive_with({"hello": lambda client_id, *_message: self._show(client_id)})
        self.on_msg(self._channel.receive)
        # At once, because a kernel that is busy with this cell may not receive the page's request.
        self._show(ALL)

    @property
    def url(self) -> str:
        """What to open: whoever has it may join."""
        return self._link.url

    @property
    def expires(self) -> float:
        """When it admits nobody any more, seconds since the epoch."""
        return self._link.expires

    def close(self) -> None:
        """Take the link out of its page. It goes on admitting people until it expires. May be called twice."""
        self._channel.close()
        super().close()

    def _show(self, client_id: str) -> None:
        link = self._link
        content: LinkContent = {
            "kind": "link",
            "url": link.url,
            "qr": link.qr_code(),
            "room": link.room,
            "expires": link.expires * 1000,
            "uses": link.max_uses,
            "fingerprint": link.fingerprint,
            "onlyHere": link.only_here,
            "wait": link.wait,
        }
        self._channel.send(content, to=client_id)

    def __repr__(self) -> str:
        return repr(self._link)


class Links:
    """Makes links to a widget's room, and closes their views with the widget.

    Parameters
    ----------
    room : str
        The room.
    life : Lifetime
        Of the widget.
    locate : callable
        Returns the relay.
    """

    def __init__(self, room: str, life: Lifetime, locate: Callable[[], Relay]) -> None:
        self._room, self._life, self._locate = room, life, locate
        self._views: list[LinkView] = []

    def link(
        self,
        *,
        role: str = "student",
        expires: float = LINK_SECONDS,
        max_uses: int | None = LINK_USES,
        wait: bool = False,
    ) -> LinkView:
        """Make a link by which people join without Jupyter, in a browser or on a phone: an address and a QR code.

        Phones reach your own relay once it is on the network: `Relay.local` with ``share=True``.

        Parameters
        ----------
        role : {"student"}
            What they may do: join and talk, and not watch, pause, break or record.
        expires : float
            Seconds until it admits nobody any more. Who has joined may stay, and return.
        max_uses : int or None
            How many people it admits; whoever returns is counted once. Any number when None.
        wait : bool
            Whether they wait until somebody lets them in: the widget says who waits, and so does `waiting`; `admit` lets them in.

        Returns
        -------
        LinkView
            Shows itself as a cell's result. Its ``url`` is what to open, and holds the token.

        Raises
        ------
        RelayError
            ``bad_token`` without the relay's secret; ``relay_failed``.
        InvalidArgumentError
            ``bad_argument``.
        """
        self._life.check_open()
        view = LinkView(
            self._locate().link(self._room, role=role, expires=expires, max_uses=max_uses, wait=wait)
        )
        self._views.append(view)
        return view

    async def offer(self, channel: CommChannel, client_id: str) -> None:
        """Send a link to a front end whose page gives it no camera; none where this kernel may make none.

        Parameters
        ----------
        channel : CommChannel
            The widget's.
        client_id : str
            The front end.
        """
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            if self._life.closed:
                return
            try:
                relay = await asyncio.to_thread(self._locate)
                url = relay.link(self._room).url
            except RtcWidgetError as error:
                # Without the relay's secret there is never one; a relay may be about to begin, or in another's place.
                if error.code == "bad_token":
                    return
            else:
                channel.send({"kind": "join_page", "url": url}, to=client_id)
                return

    def close(self) -> None:
        """Close all views."""
        while self._views:
            self._views.pop().close()
