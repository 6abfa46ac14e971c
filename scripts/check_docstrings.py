"""Hold docstrings to numpydoc with pydoclint: parameters, returns and raises of everything public.

pydoclint is configured in ``pyproject.toml``; three things it has no option for are done here. Types are for people to
read ("str or Path") and are not compared with annotations. Several parameters may share an entry ("width, height : int"),
as numpydoc allows. Private classes and cached properties need what private functions and properties need: a sentence.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

from pydoclint.visitor import Visitor

ROOT = Path(__file__).parents[1]
# Types that differ from annotations, and exceptions that a called function raises.
IGNORED = {"DOC105", "DOC502", "DOC503"}
SHARED = re.compile(r"^( +)((?:[*\w]+, )+[*\w]+)( : .+)$", re.MULTILINE)
CACHED = re.compile(r"cached_property|overload")


def main() -> int:
    """Print what is missing; return 1 when there is something."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pydoclint"]
    options = {
        re.sub(r"-(\w)", lambda match: match[1].upper(), key): value for key, value in settings.items()
    }
    found = 0
    for path in sorted((ROOT / "rtc_widget").rglob("*.py")):
        for line, text in violations(path.read_text("utf-8"), options):
            found += 1
            print(f"{path.relative_to(ROOT)}:{line}: {text}")
    return 1 if found else 0


def violations(source: str, options: dict[str, object]) -> list[tuple[int, str]]:
    """Return the lines and texts of what pydoclint finds in a module."""
    tree = ast.parse(source)
    exempt: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.startswith("_"):
            exempt.update(range(node.lineno, (node.end_lineno or 0) + 1))
        if isinstance(node, ast.FunctionDef) and any(
            CACHED.search(ast.unparse(each)) for each in node.decorator_list
        ):
            exempt.add(node.lineno)
        split_shared_entries(node)
    visitor = Visitor(**options)  # type: ignore[arg-type]
    visitor.visit(tree)
    return [
        (each.line, f"{each.fullErrorCode}: {each.msg}")
        for each in visitor.violations
        if each.fullErrorCode not in IGNORED and each.line not in exempt
    ]


def split_shared_entries(node: ast.AST) -> None:
    """Give each parameter of an entry an entry of its own."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        first = node.body[0]
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            first.value.value = SHARED.sub(
                lambda match: "\n".join(f"{match[1]}{name}{match[3]}" for name in match[2].split(", ")),
                first.value.value,
            )


if __name__ == "__main__":
    sys.exit(main())
