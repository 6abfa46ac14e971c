"""Tables, as a notebook and as a terminal show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], markup: Callable[[str], str] = escape) -> str:
    """Return an HTML table, with all texts escaped.

    Parameters
    ----------
    heads : sequence of str
        The column titles.
    rows : iterable of sequence of str
        The cells.
    markup : callable
        Returns the HTML of a cell's text.

    Returns
    -------
    str
        HTML.
    """
    left = 'style="text-align:left"'
    head = "".join(f"<th {left}>{escape(word)}</th>" for word in heads)
    body = "".join(f"<tr>{''.join(f'<td {left}>{markup(text)}</td>' for text in row)}</tr>" for row in rows)
    # English, also in a page that is read from the right.
    return f'<table dir="ltr"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def columns(rows: Iterable[Sequence[str]]) -> str:
    """Return lines whose cells stand below each other.

    Parameters
    ----------
    rows : iterable of sequence of str
        The cells; all rows have as many.

    Returns
    -------
    str
        A line for each row.
    """
    cells = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
