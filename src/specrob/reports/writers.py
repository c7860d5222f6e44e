"""Reports as HTML, whole in one file, and as Markdown, tables only."""

from collections.abc import Callable
from dataclasses import dataclass

from specrob.reports.html import to_html
from specrob.reports.markdown import to_markdown
from specrob.reports.report import Report


@dataclass(frozen=True)
class Writer:
    """What turns a report into text, and whether that has room for figures."""

    write: Callable[[Report], str]
    figures: bool


HTML = Writer(to_html, figures=True)
# suffix -> writer
WRITERS = {".html": HTML, ".htm": HTML, ".md": Writer(to_markdown, figures=False)}
