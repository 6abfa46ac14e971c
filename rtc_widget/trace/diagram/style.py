"""The diagram's colours. Whatever is coloured also has a shape or a text of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

LIGHT: Final = {
    "paper": "#ffffff",
    "edge": "#d8dee4",
    "ink": "#1f2328",
    "quiet": "#59636e",
    "faint": "#eef1f4",
    "offer": "#0a58ca",
    "answer": "#0f7a53",
    "candidate": "#7a4fbf",
    "good": "#0f7a53",
    "notice": "#9a5b00",
    "bad": "#c4232b",
    "glare": "#fff1cc",
    "busy": "#c9dcf7",
    "settled": "#cfeadd",
    "broken": "#f9d3d3",
}
DARK: Final = {
    "paper": "#14181d",
    "edge": "#343b44",
    "ink": "#e8ecf1",
    "quiet": "#9aa5b1",
    "faint": "#20262d",
    "offer": "#79b0ff",
    "answer": "#5fd0a0",
    "candidate": "#c3a3f7",
    "good": "#5fd0a0",
    "notice": "#f0b44c",
    "bad": "#ff8582",
    "glare": "#3d300f",
    "busy": "#23436e",
    "settled": "#17493a",
    "broken": "#5e2426",
}

_COLOURED: Final = """\
X .paper{{fill:{paper};stroke:{edge}}}
X .head{{fill:{paper};stroke:{ink}}}
X .line,X .end{{stroke:{quiet}}}
X text{{fill:{ink};stroke:{paper}}}
X .soft,X .time{{fill:{quiet}}}
X .grid{{stroke:{edge}}}
X .bar{{fill:{faint};stroke:{quiet}}}
X .bar.busy{{fill:{busy}}}
X .bar.settled{{fill:{settled}}}
X .bar.broken{{fill:{broken};stroke:{bad}}}
X .offer .way{{stroke:{offer}}}
X .offer .tip{{fill:{offer};stroke:{offer}}}
X .offer .name{{fill:{offer}}}
X .answer .way{{stroke:{answer}}}
X .answer .tip{{fill:{answer};stroke:{answer}}}
X .answer .name{{fill:{answer}}}
X .candidate .way{{stroke:{candidate}}}
X .candidate .tip{{fill:{candidate};stroke:{candidate}}}
X .candidate .name{{fill:{candidate}}}
X .open{{fill:{paper}!important}}
X .plain .sign{{fill:{quiet};stroke:{quiet}}}
X .good .sign{{fill:{good};stroke:{good}}}
X .notice .sign{{fill:{paper};stroke:{notice}}}
X .bad .sign,X .cross{{stroke:{bad}}}
X .notice .said,X .mark{{fill:{notice}}}
X .bad .said{{fill:{bad}}}
X .badge{{fill:{glare};stroke:{notice}}}
X .hour{{fill:{glare};stroke:{notice}}}
X .wait{{stroke:{notice}}}
X .m:focus .halo,X .m.on .halo,X .m:hover .halo{{stroke:{edge}}}
X .m:focus-visible .halo{{stroke:{notice};opacity:.5}}
"""

_SHAPED: Final = """\
X{font:11.5px/1.3 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
X text{stroke-width:3px;stroke-linejoin:round;paint-order:stroke;dominant-baseline:central}
X .title{font-weight:650;font-size:13.5px;stroke:none}
X .soft,X .time,X .value,X .machine{font-size:10px}
X .time{text-anchor:end;font-variant-numeric:tabular-nums}
X .value{stroke:none;font-size:9.5px}
X .line{stroke-width:1.5;fill:none}
X .away{stroke-dasharray:2 5}
X .way{fill:none;stroke-width:1.8}
X .candidate .way{stroke-dasharray:6 3}
X .request .way{stroke-dasharray:2 3}
X .halo{stroke:transparent;stroke-width:13;fill:none;stroke-linecap:round;opacity:.75}
X .m{cursor:pointer;outline:none}
X .tip{stroke-width:1.4;stroke-linejoin:round}
X .name{font-weight:600}
X .sign{stroke-width:1.6}
X .notice .said,X .bad .said,X .mark{font-weight:600}
X .badge,X .hour{stroke-width:1.4}
X .wait{stroke-width:2;stroke-dasharray:1 4;stroke-linecap:round;fill:none}
X .cross{stroke-width:3;stroke-linecap:round;fill:none}
X .bar{stroke-width:.8}
X .bar.busy{stroke-dasharray:3 2}
X .bar.broken{stroke-width:1.8}
X .grid{stroke-dasharray:1 4}
"""


def style(root: str) -> str:
    """Return the style sheet of a drawing.

    Colours are written out instead of using variables, which programs that convert SVG to PDF do not support.

    Parameters
    ----------
    root : str
        A CSS selector of the drawing.

    Returns
    -------
    str
        CSS.
    """

    def coloured(colours: dict[str, str], where: str) -> str:
        return _COLOURED.format(**colours).replace("X", f"{where}{root}").replace("\n", "")

    return _SHAPED.replace("X", root).replace("\n", "") + _themed(coloured)


def variables(root: str) -> str:
    """Return the same colours as CSS variables, for HTML around the drawing.

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

    return _themed(named)


def _themed(write: Callable[[dict[str, str], str], str]) -> str:
    # JupyterLab's theme says more than the system's; paper is light in either.
    return (
        write(LIGHT, "")
        + f"@media screen and (prefers-color-scheme:dark){{{write(DARK, '')}}}"
        + write(LIGHT, "[data-jp-theme-light=true] ")
        + f"@media screen{{{write(DARK, '[data-jp-theme-light=false] ')}}}"
    )
