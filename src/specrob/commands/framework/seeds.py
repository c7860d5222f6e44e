"""``--seeds 0,1,2``: a command run once for each seed, as if each were run alone."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from inspect import signature
from pathlib import Path

import typer

from specrob.commands.framework.record_options import options_of
from specrob.errors import UsageError
from specrob.settings.run import SeedSettings

PLACE = "{seed}"


def for_each_seed(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with ``--seeds``; {seed} in any of its arguments becomes the seed."""

    @wraps(command)
    def run_each(ctx: typer.Context, **values: object) -> None:
        words = tuple(ctx.find_root().obj)
        seeds = values.pop("seeds")
        if not isinstance(seeds, tuple):
            command(ctx, **values)
            return
        check(values)
        source = ctx.get_parameter_source("seed")
        if source is not None and source.name != "DEFAULT":
            raise UsageError("`seed`: expected `seed` or `seeds`, found both")
        for seed in seeds:
            filled = {name: fill_seed(value, seed) for name, value in values.items()}
            filled["resume"] = state_of(filled.get("resume"))
            ctx.find_root().obj = tuple(words_of_seed(words, seed))
            try:
                command(ctx, **filled | {"seed": seed})
            except KeyboardInterrupt as stop:
                if hasattr(stop, "__notes__"):
                    files = values.get("checkpoint") or values.get("resume")
                    stop.__notes__ = [f"go on with `resume` '{files}'"]
                raise

    inner = signature(command)
    parameters = [*inner.parameters.values(), *options_of(SeedSettings)]
    run_each.__signature__ = inner.replace(parameters=parameters)  # type: ignore[attr-defined]
    run_each.__annotations__ = {p.name: p.annotation for p in parameters}
    return run_each


def check(values: dict[str, object]) -> None:
    """Raise UsageError where seeds would share a file, or the one standard input."""
    for name in ("output", "checkpoint", "resume"):
        file = values.get(name)
        if file is not None and PLACE not in str(file):
            raise UsageError(
                f"`{name}`: expected a file with {PLACE} in its name beside `seeds`, "
                f"found `{file}`"
            )
    if values.get("resume") and values["resume"] != values.get("checkpoint"):
        from specrob.artifacts.file_names import files_of_seeds

        files_of_seeds(str(values["resume"]))  # there is one at least
    model = values.get("model", "")
    if model == "-" or (model is None and not values.get("arch")):
        raise UsageError("expected MODEL as a file beside `seeds`, found stdin; name it")


def state_of(resume: object) -> str | None:
    """Return the checkpoint of a seed; None where the run was stopped before it wrote one.

    >>> state_of("state-7.safetensors")
    """
    return str(resume) if resume is not None and Path(str(resume)).exists() else None


def words_of_seed(words: Sequence[str], seed: int) -> Iterator[str]:
    """Yield the command line of one seed by itself.

    >>> list(words_of_seed(["train-sup", "--seeds", "0,1", "-o", "bp-{seed}"], 1))
    ['train-sup', '-o', 'bp-1', '--seed', '1']
    """
    rest = iter(words)
    for word in rest:
        if word == "--seeds":
            next(rest)
        elif not word.startswith("--seeds="):
            yield word.replace(PLACE, str(seed))
    yield from ("--seed", str(seed))


def fill_seed(value: object, seed: int) -> object:
    """Return text with the seed in place of {seed}, also in lists; other values as they are.

    >>> fill_seed("bp-{seed}.npz", 2), fill_seed(["{seed}"], 2), fill_seed(0.5, 2)
    ('bp-2.npz', ['2'], 0.5)
    """
    if isinstance(value, list | tuple):
        return type(value)(fill_seed(each, seed) for each in value)
    return value.replace(PLACE, str(seed)) if isinstance(value, str) else value
