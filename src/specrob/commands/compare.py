"""specrob compare."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe
from specrob.settings.claims import ComparisonSettings

Results = Annotated[
    list[str],
    typer.Argument(
        metavar="A B",
        help="Results of two groups, each a name with {seed}, a file or a folder; with --claims "
        "any number of files or folders.",
        show_default=False,
    ),
]


@command
def compare(settings: ComparisonSettings, pipe: Pipe, results: Results) -> None:
    """Say whether two kinds of networks differ, with effect, interval and p over seeds.

    Seeds are the unit: fewer than three in a group say nothing about its kind
    of network. Relative accuracies and distances are of the images that all
    networks classify correctly.

    Example: specrob compare kh.safetensors bp.safetensors -o comparison.json
    """
    pipe.check_outputs("comparison")
    from specrob.artifacts.file_names import check_there
    from specrob.comparisons import compare_results
    from specrob.comparisons.sentences import lines_of

    groups = settings.groups(results)
    check_there(results, "A and B are files; groups are asked about by name in a file of `claims`")
    comparison = compare_results([*map(pipe.read_entries, groups)], settings)
    pipe.write(comparison)
    pipe.say_all(lines_of(comparison, has_ids=settings.claims is not None))
