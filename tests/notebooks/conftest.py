"""Real browsers, a real JupyterLab and a real relay for the tests of this folder."""

from tests.support.browser_fixtures import (
    chromium,
    firefox,
    firefox_process,
    host,
    lab,
    lab_server,
    new_window,
    own_window,
    playwright,
    pytest_collection_modifyitems,
    pytest_runtest_makereport,
    relay,
    room,
    tidy_windows,
)

__all__ = [
    "chromium",
    "firefox",
    "firefox_process",
    "host",
    "lab",
    "lab_server",
    "new_window",
    "own_window",
    "playwright",
    "pytest_collection_modifyitems",
    "pytest_runtest_makereport",
    "relay",
    "room",
    "tidy_windows",
]
