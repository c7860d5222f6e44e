"""specrob report."""

from typing import Annotated

import typer

from specrob.commands.old_run import Pipe
from specrob.commands.options import expand

Folder = Annotated[
    str, typer.Argument(metavar="DIR", help="Artifacts and figures anywhere below it.")
]
Compare = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="JSON of published numbers to stand beside these."),
]


@expand
def report(pipe: Pipe, folder: Folder, compare: Compare = None) -> None:
    """Put the numbers, figures and origins of a folder on one page, HTML or Markdown.

    Example: specrob report . -o report.html
    """
    from specrob.artifacts.file_names import suffix_of
    from specrob.reports import WRITERS, assemble

    writer = WRITERS[suffix_of(pipe.output, [*WRITERS], "a report")]
    found = assemble(folder, compare, besides=pipe.output, figures=writer.figures)
    pipe.print(writer.write(found))
    pipe.say_all([*found.notes, found.summary])
