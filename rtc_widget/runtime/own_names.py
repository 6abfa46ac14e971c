"""What completion offers of an object: the names of this package and of the user, not the insides of traitlets and ipywidgets."""

from __future__ import annotations

from typing import Final

_FOREIGN: Final = {"traitlets", "ipywidgets", "anywidget", "builtins"}
# Of theirs, what users of a widget need.
_SHARED: Final = ("observe", "unobserve", "layout")


class OwnNames:
    """A class, with foreign ones above it, whose instances list their own names."""

    def __dir__(self) -> list[str]:
        own = (cls for cls in type(self).__mro__ if cls.__module__.partition(".")[0] not in _FOREIGN)
        names = {name for cls in own for name in vars(cls)} | vars(self).keys()
        shared = {name for name in _SHARED if hasattr(type(self), name)}
        return sorted({name for name in names if not name.startswith("_")} | shared)
