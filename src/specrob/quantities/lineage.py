"""The settings that a network was trained with, read from the commands of its history."""

from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import pairwise

from specrob.artifacts import Artifact, Provenance
from specrob.artifacts.provenance import ROOTS
from specrob.grammar import parse_scalar
from specrob.settings.local import LocalSettings
from specrob.settings.training import ArchitectureSettings, TrainingSettings

Setting = int | float | bool | str
RECORDS: dict[str, tuple[type, ...]] = {
    "train-kh": (LocalSettings,),
    "train-sup": (ArchitectureSettings, TrainingSettings),
}
COEFFICIENT = "coefficient"


def settings_of(run: Provenance) -> dict[str, Setting]:
    """Return the settings of a run and of those before it, by name; the last command's go before.

    An option's own options follow a dot, as does the name of a penalty:
    ``penalty.spectral.coefficient``; the name of a command may stand in front.

    Parameters
    ----------
    run : Provenance
        Of a model.

    Examples
    --------
    >>> words = "specrob train-sup --arch mlp,hidden=20 --penalty spectral=2,tau=3 --lr 0.1"
    >>> found = settings_of(Provenance(tuple(words.split())))
    >>> found["penalty.spectral.coefficient"], found["penalty.spectral.tau"], found["arch.hidden"]
    (2, 3, 20)
    >>> found["lr"], found["train-sup.epochs"]
    (0.1, 200)
    """
    found: dict[str, Setting] = {}
    for source in run.inputs:
        found |= settings_of(source.provenance)
    name = run.command[1] if len(run.command) > 1 else ""
    own = {**_defaults(name), **dict(_words(run.command))}
    if run.seed is not None:
        own["seed"] = run.seed
    return found | own | {f"{name}.{key}": value for key, value in own.items()}


def setting(run: Provenance, name: str) -> Setting | None:
    """Return one setting of a run, or None; the coefficient of a penalty that is not used is 0.

    >>> setting(Provenance(("specrob", "train-sup")), "penalty.jacobian.coefficient")
    0
    """
    found = settings_of(run).get(name)
    parts = name.split(".")
    is_penalty = parts[0] == "penalty" and parts[2:] == [COEFFICIENT]
    return 0 if found is None and is_penalty and run.command else found


def training_of(artifact: Artifact) -> Provenance:
    """Return the run that trained the network that an artifact is, or was measured on."""
    root = None if artifact.kind in ROOTS else artifact.provenance.root()
    return root.provenance if root else artifact.provenance


def is_setting(name: str) -> bool:
    """Return whether a name may be that of a setting.

    >>> is_setting("penalty.l2.coefficient"), is_setting("epochs"), is_setting("alpha")
    (True, True, False)
    """
    first = name.split(".")[0]
    own = {f.name for records in RECORDS.values() for one in records for f in fields(one)}
    return first in {*own, *RECORDS, "seed", "limit", "normalize", "resize", "batch_size"}


def _defaults(command: str) -> dict[str, Setting]:
    """Return the defaults of a command that trains."""
    return {
        f.name: f.default
        for record in RECORDS.get(command, ())
        for f in fields(record)
        if f.default is not MISSING and isinstance(f.default, int | float | str)
    }


def _words(command: tuple[str, ...]) -> Iterator[tuple[str, Setting]]:
    """Yield the settings that the words of a command give."""
    for word, following in pairwise((*command, "--")):
        if not word.startswith("--") or word == "--":
            continue
        flag, equals, text = word.removeprefix("--").partition("=")
        name = flag.replace("-", "_")
        if not equals and following.startswith("-") and not following[1:2].isdigit():
            yield name, True  # a switch
        else:
            yield from _value(name, text if equals else following)


def _value(name: str, text: str) -> Iterator[tuple[str, Setting]]:
    first, *rest = text.split(",")
    if not rest and "=" not in first:
        yield name, parse_scalar(text)
        return
    if not any("=" in part for part in (first, *rest)):
        yield name, text  # a list of numbers
        return
    member, equals, number = first.partition("=")
    if equals:
        yield f"{name}.{member}.{COEFFICIENT}", parse_scalar(number)
        name = f"{name}.{member}"
    else:
        yield name, member
    for part in rest:
        key, _, value = part.partition("=")
        yield f"{name}.{key}", parse_scalar(value)
