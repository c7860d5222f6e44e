"""Options of plot: which parts of which artifacts, and how they share a figure."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from specrob.commands import parse
from specrob.errors import UsageError

Artifacts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARTIFACT",
        help="One or several of a kind, overlaid, or members NAME-{seed}; stdin without it.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Drawing:
    """What is drawn, and how."""

    label: Annotated[
        list[str] | None,
        typer.Option(help="Legend of each artifact, repeatable. (default file names)"),
    ] = None
    part: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only weights, noise, ... of what the artifacts hold."),
    ] = None
    relate: Annotated[
        Any,
        typer.Option(
            parser=parse.checked(parse.quantities),
            metavar="X,Y",
            help="A point for each network: accuracy, distance, alpha, ...",
            show_default=False,
        ),
    ] = None
    mixed: Annotated[
        bool, typer.Option("--mixed", help="Overlay attacks on different images.")
    ] = False
    layout: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Draw the panels that a TOML file lists."),
    ] = None
    root: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Folder of a layout's artifacts. (default the layout's own)"
        ),
    ] = None

    def check(self, artifacts: list[str] | None) -> None:
        """Raise UsageError where the words of a layout are on the command line as well."""
        single = {"ARTIFACT": artifacts, "--label": self.label, "--part": self.part}
        single |= {"--relate": self.relate, "--mixed": self.mixed}
        if self.layout is None and self.root is not None:
            raise UsageError("--root: expected --layout beside it, found none")
        for name in (name for name, value in single.items() if value and self.layout is not None):
            raise UsageError(
                f"expected --layout alone, found {name} too; write it into the layout"
            )
