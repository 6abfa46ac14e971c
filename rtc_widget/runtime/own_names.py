"""What completion offers of an object: the names of this package and of the user, not the insides of traitlets and ipywidgets."""

from __future__ import annotations

from typing import Final

_FOREIGN: Final = {"traitlets", "ipywidgets", "anywidget", "builtins"}
# Of theirs, what users of a widget need.
_SHARED: Final = ("observe", "unobserve", "layout")


def own_names(cls: type) -> set[str]:
    """Return the public names of a class that are not those of the packages below it.

    Parameters
    ----------
    cls : type
        The class.

    Returns
    -------
    set of str
        The names.
    """
    own = (each for each in cls.__mro__ if each.__module__.partition(".")[0] not in _FOREIGN)
    return {name for each in own for name in vars(each) if not name.startswith("_")}


class OwnNames:
    """A class, with foreign ones above it, whose instances list their own names."""

    def __dir__(self) -> list[str]:
        names = {name for name in vars(self) if not name.startswith("_")}
        shared = {name for name in _SHARED if hasattr(type(self), name)}
        return sorted(own_names(type(self)) | names | shared)
