"""Look for known holes in everything that is installed: pip-audit for Python, npm audit for JavaScript.

Ends with 1 when there is one. Advisories come from the network: what cannot be looked up is named, and no failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_SECONDS = 180


def main() -> int:
    """Audit both languages.

    Returns
    -------
    int
        The exit code.
    """
    holes = [*_python(), *_javascript()]
    for hole in holes:
        print(hole)
    return 1 if holes else 0


def _python() -> list[str]:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--format",
        "json",
        "--progress-spinner",
        "off",
        "--skip-editable",
    ]
    found = _json([*command, "--path", sysconfig.get_path("purelib")], "pip-audit")
    packages = found.get("dependencies", [])
    looked_up = [each for each in packages if "vulns" in each]
    print(f"pip-audit: {len(looked_up)} packages looked up, {len(packages) - len(looked_up)} could not be.")
    return [
        f"{each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no release'}"
        for each in looked_up
        for hole in each["vulns"]
    ]


def _javascript() -> list[str]:
    found = _json(["npm", "--prefix", str(ROOT / "js"), "audit", "--json"], "npm audit")
    if "vulnerabilities" not in found:
        print("npm audit: no package could be looked up.")
        return []
    print(f"npm audit: {found['metadata']['dependencies']['total']} packages looked up.")
    return [f"{name}: {each['severity']}" for name, each in found["vulnerabilities"].items()]


def _json(command: list[str], what: str) -> dict[str, Any]:
    """Run a command and read what it prints; its exit code says the same."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
        found = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        print(f"{what}: {type(error).__name__}")
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
