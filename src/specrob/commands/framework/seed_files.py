"""``{seed}`` in MODEL: a measure run once for each file that the name matches."""

from collections.abc import Callable
from functools import wraps
from inspect import signature

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.seeds import PLACE, fill_seed
from specrob.errors import UsageError

# files that a command writes, or continues from: seeds must not share them
OWN_FILES = ("output", "save", "save_data", "save_curve", "checkpoint", "resume", "log")


def command_for_seeds(argument: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator of commands, as `command`, that take {seed} in the name of a file.

    They run once for each file that matches; {seed} in any other argument becomes that of the
    file; the seed of the run is not changed.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        run = command(function)

        @wraps(run)
        def run_each(ctx: typer.Context, **values: object) -> None:
            pattern = values.get(argument)
            if not isinstance(pattern, str) or PLACE not in pattern:
                run(ctx, **values)
                return
            from specrob.artifacts.file_names import seeds_of

            _check(values, argument)
            words = tuple(ctx.find_root().obj)
            for seed, file in seeds_of(pattern).items():
                ctx.find_root().obj = tuple(fill_seed(word, seed) for word in words)
                ctx.find_root().meta["seed_file"] = file
                run(ctx, **{name: fill_seed(value, seed) for name, value in values.items()})

        run_each.__signature__ = signature(run)  # type: ignore[attr-defined]
        return run_each

    return decorate


def _check(values: dict[str, object], argument: str) -> None:
    """Raise UsageError where seeds would write to one file."""
    for name in OWN_FILES:
        files = values.get(name)
        if isinstance(files, str) and PLACE not in files:
            found = "stdout" if files == "-" else f"`{files}`"
            raise UsageError(
                f"`{name}`: expected a file with {PLACE} in its name beside {argument} "
                f"`{values[argument]}`, found {found}"
            )
