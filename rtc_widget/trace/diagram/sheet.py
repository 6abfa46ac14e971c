"""The style sheet of an image. Colours are written out: programs that convert SVG to PDF know no variables."""

from __future__ import annotations

from typing import Final

from .style import themed

_COLOURED: Final = """\
X .paper{{fill:{paper};stroke:{edge}}}
X text{{fill:{ink}}}
X .box{{fill:{paper};stroke:{edge}}}
X .head{{fill:{paper};stroke:{quiet}}}
X .soft{{fill:{quiet}}}
X .rule{{stroke:{edge}}}
X .life{{stroke:{quiet}}}
X .line.busy{{fill:{busy}}}
X .line.settled{{fill:{settled}}}
X .line.broken{{fill:{broken}}}
X .call{{fill:none;stroke:{busyink}}}
X .busyink{{fill:{busyink}}}
X .ground{{fill:{paper}}}
X .good .box{{fill:{goodground};stroke:{settled}}}
X .good text{{fill:{good}}}
X .notice .box{{fill:{noticeground};stroke:{notice}}}
X .notice text,X .said{{fill:{notice}}}
X .bad .box{{fill:{badground};stroke:{bad}}}
X .bad text{{fill:{bad}}}
X .offer{{stroke:{offer};fill:{offer}}}
X .answer{{stroke:{answer};fill:{answer}}}
X .candidate{{stroke:{candidate};fill:{candidate}}}
X .request{{stroke:{ink};fill:{ink}}}
X text.offer,X text.answer,X text.candidate,X text.request{{stroke:none}}
X .open{{fill:{paper}}}
"""
_SHAPED: Final = """\
X{font:FONTpx/1.3 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
X text{dominant-baseline:central}
X .small{font-size:.87em}
X .title,X .name,X .bold{font-weight:650}
X .box,X .head{stroke-width:1}
X .dashed,X .bad .box{stroke-width:1.5}
X .dashed{stroke-dasharray:3 2}
X .life{stroke-width:2}
X .server{stroke-width:1;stroke-dasharray:4 4}
X .away{stroke-dasharray:3 5}
X .way{stroke-width:2;fill:none}
X .way.candidate{stroke-dasharray:6 3}
X .way.request{stroke-dasharray:2 3}
X .tip{stroke-width:1.2;stroke-linejoin:round}
"""


def sheet(root: str, font: float) -> str:
    """Return the style sheet of an image.

    Parameters
    ----------
    root : str
        A CSS selector of the image.
    font : float
        The size of its words, CSS pixels.

    Returns
    -------
    str
        CSS.
    """

    def coloured(colours: dict[str, str], where: str) -> str:
        return _COLOURED.format(**colours).replace("X", f"{where}{root}").replace("\n", "")

    return _SHAPED.replace("X", root).replace("FONT", f"{font:g}").replace("\n", "") + themed(coloured)
