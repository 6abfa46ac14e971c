"""The diagram's colours. Whatever is coloured also has a shape or a text of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

LIGHT: Final = {
    "paper": "#ffffff",
    "edge": "#d8dee4",
    "ink": "#1f2328",
    "quiet": "#59636e",
    "faint": "#f3f5f7",
    "offer": "#0a58ca",
    "answer": "#0f7a53",
    "candidate": "#7a4fbf",
    "good": "#0f6b49",
    "goodground": "#e4f4ea",
    "notice": "#8a5200",
    "noticeground": "#fff1d6",
    "bad": "#b3202a",
    "badground": "#fde6e6",
    "busy": "#9dbff0",
    "busyground": "#e3edfc",
    "busyink": "#153f85",
    "settled": "#86caa4",
    "broken": "#f0a0a0",
}
DARK: Final = {
    "paper": "#14181d",
    "edge": "#343b44",
    "ink": "#e8ecf1",
    "quiet": "#9aa5b1",
    "faint": "#1b2026",
    "offer": "#79b0ff",
    "answer": "#5fd0a0",
    "candidate": "#c3a3f7",
    "good": "#7fdcb2",
    "goodground": "#15372b",
    "notice": "#f5c46b",
    "noticeground": "#3d300f",
    "bad": "#ff9b98",
    "badground": "#4a1d1f",
    "busy": "#3c6db3",
    "busyground": "#1a2c47",
    "busyink": "#a8ccff",
    "settled": "#2b7d5c",
    "broken": "#a1484c",
}
# Those who chose their own colours get them: shapes and words say the rest.
FORCED: Final = {
    **dict.fromkeys(LIGHT, "CanvasText"),
    **dict.fromkeys(("paper", "faint", "goodground", "noticeground", "badground", "busyground"), "Canvas"),
    **dict.fromkeys(("busy", "busyink", "offer"), "Highlight"),
    "edge": "GrayText",
}


def variables(root: str) -> str:
    """Return the colours as CSS variables.

    Parameters
    ----------
    root : str
        A CSS selector of the HTML.

    Returns
    -------
    str
        CSS.
    """

    def named(colours: dict[str, str], where: str) -> str:
        return f"{where}{root}{{{''.join(f'--{name}:{value};' for name, value in colours.items())}}}"

    return themed(named)


def themed(write: Callable[[dict[str, str], str], str]) -> str:
    """Write rules for every theme.

    Parameters
    ----------
    write : callable
        Writes the rules for some colours; takes what goes before each selector, too.

    Returns
    -------
    str
        CSS.
    """
    # JupyterLab's theme says more than the system's; paper is light in either.
    return (
        write(LIGHT, "")
        + f"@media screen and (prefers-color-scheme:dark){{{write(DARK, '')}}}"
        + write(LIGHT, "[data-jp-theme-light=true] ")
        + f"@media screen{{{write(DARK, '[data-jp-theme-light=false] ')}}}"
        + f"@media (forced-colors:active){{{write(FORCED, '')}{write(FORCED, '[data-jp-theme-light] ')}}}"
    )
