"""How ``make docs`` builds the site: the documentation, the course and the docstrings, from the root of the checkout.

Sphinx, and not MkDocs: the docstrings are numpydoc, links between Markdown files are the same on GitHub and in the site,
and the lessons are pages as they are, with the outputs that they were saved with.
"""

from __future__ import annotations

import inspect
from importlib.metadata import version as installed
from typing import Any

project = "rtc_widget"
author = "The rtc_widget authors"
version = release = installed("rtc-widget")

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx_copybutton", "sphinx_design"]
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/hosts/*.md",
    "notebooks/*.ipynb",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
]
html_theme = "pydata_sphinx_theme"
html_title = "rtc_widget"
html_show_sourcelink = False
html_show_copyright = False
# One page of our own at the root of the site, which leads to the first one.
html_extra_path = ["site"]
html_static_path: list[str] = []
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["sphinx-version"],
    "footer_end": [],
}
html_sidebars = {"docs/index": []}

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
# Lessons are shown as they were saved: most need a browser to run in.
nb_execution_mode = "off"
nb_merge_streams = True

numpydoc_show_class_members = False
numpydoc_xref_param_type = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "mixed"
add_module_names = False


def of_libraries(_app: Any, _what: str, _name: str, member: Any, skip: bool, _options: Any) -> bool | None:
    """Leave out what a class has from its libraries, and what has no docstring of ours."""
    home = getattr(member, "__module__", None) or getattr(getattr(member, "fget", None), "__module__", None)
    if skip or home is None:
        return None
    return None if home.startswith("rtc_widget") else True


def of_the_constructor(
    _app: Any, what: str, _name: str, member: Any, _options: Any, signature: str | None, _returns: str | None
) -> tuple[str | None, None] | None:
    """Show what a class takes, where traitlets hide that behind ``*args``."""
    if what != "class" or signature != "(*args, **kwargs)":
        return None
    parameters = list(inspect.signature(member.__init__).parameters.values())[1:]
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in parameters]
    return str(inspect.Signature(plain)), None


def setup(app: Any) -> None:
    """Register what is above."""
    app.connect("autodoc-skip-member", of_libraries)
    app.connect("autodoc-process-signature", of_the_constructor)
