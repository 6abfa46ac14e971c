"""The sections that a text cites become links, and nothing else does."""

from __future__ import annotations

import re

import pytest

from rtc_widget.trace import explain
from rtc_widget.trace.citations import cited

RFC = "https://www.rfc-editor.org/rfc/rfc"


def links(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<a href="([^"]+)" target="_blank" rel="noreferrer">([^<]+)</a>', text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "RFC 4145, 4; RFC 8842, 5",
            [("4145#section-4", "RFC 4145, 4"), ("8842#section-5", "RFC 8842, 5")],
        ),
        (
            "RFC 8866, 5.5 and 5.6",
            [("8866#section-5.5", "RFC 8866, 5.5"), ("8866#section-5.6", "5.6")],
        ),
        ("Its way (RFC 8445, 5.1.2.2).", [("8445#section-5.1.2.2", "RFC 8445, 5.1.2.2")]),
        ("Over TCP (RFC 4975). RFC 3890", [("4975", "RFC 4975"), ("3890", "RFC 3890")]),
        ("libwebrtc; AV1 RTP specification, 7.2", []),
    ],
)
def test_sections_are_links(text: str, found: list[tuple[str, str]]) -> None:
    assert links(cited(text)) == [(RFC + page, shown) for page, shown in found]
    assert re.sub("<[^>]+>", "", cited(text)) == text


def test_nothing_of_a_text_is_markup() -> None:
    assert cited('<b onclick="x">RFC 8866</b>').startswith("&lt;b onclick=&quot;x&quot;&gt;<a href=")


def test_an_explanation_links_in_a_notebook_and_stays_readable_as_text() -> None:
    explained = explain("a=setup:actpass")

    assert links(explained._repr_html_()) == [
        (f"{RFC}4145#section-4", "RFC 4145, 4"),
        (f"{RFC}8842#section-5", "RFC 8842, 5"),
    ]
    assert str(explained).endswith("[RFC 4145, 4; RFC 8842, 5]")
