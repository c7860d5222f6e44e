"""Reports as HTML, whole in one file, and as Markdown, tables only."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from specrob.artifacts.streams import STDIO, on_terminal
from specrob.errors import UsageError
from specrob.reports.html import to_html
from specrob.reports.markdown import to_markdown
from specrob.reports.report import Report


@dataclass(frozen=True)
class Writer:
    """What turns a report into text, and whether that has room for figures."""

    write: Callable[[Report], str]
    figures: bool


HTML = Writer(to_html, figures=True)
WRITERS = {".html": HTML, ".htm": HTML, ".md": Writer(to_markdown, figures=False)}


def writer_of(output: str) -> Writer:
    """Return the writer for the name of the output; that of HTML for stdout.

    Raises
    ------
    UsageError
        If the name ends otherwise, or stdout is a terminal.

    Examples
    --------
    >>> writer_of("results.md").figures
    False
    """
    if output == STDIO:
        if on_terminal():
            raise UsageError("expected -o FILE or a pipe for a report, found a terminal")
        return HTML
    suffix = Path(output).suffix.lower()
    if suffix not in WRITERS:
        raise UsageError(f"--output: expected a name in .html or .md, found `{output}`")
    return WRITERS[suffix]
