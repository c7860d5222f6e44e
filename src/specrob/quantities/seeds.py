"""Which networks differ in their seeds alone."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from os.path import commonprefix

from specrob.artifacts import Provenance
from specrob.artifacts.folder import FolderEntry
from specrob.artifacts.provenance import ROOTS

# options that do not change what is learned, or whose value is the seed
IGNORED = {
    "-o",
    "--output",
    "--checkpoint",
    "--resume",
    "--checkpoint-every",
    "--seed",
    "--seeds",
    "--log",
}


def group_name(names: Sequence[str]) -> str:
    """Return what the names of a group begin with, or the first of them.

    >>> group_name(["kh-0", "kh-1"]), group_name(["a", "b"]), group_name(["w10-0", "w10-1"])
    ('kh', 'a', 'w10')
    >>> group_name(["run10", "run11"]), group_name(["kh (5e)", "kh (77)"])
    ('run', 'kh')
    """
    begin = commonprefix(list(names))
    if any(name[len(begin) : len(begin) + 1].isdecimal() for name in names):  # within the seed
        begin = begin.rstrip("0123456789")
    return begin.rstrip("-_. (") or names[0]


def _training(entries: Sequence[FolderEntry]) -> Provenance | None:
    """Return the run that trained a network, from its file or from what was measured on it."""
    for one in entries:
        if one.artifact.kind in ROOTS:
            return one.artifact.provenance
    roots = [root for one in entries if (root := one.artifact.provenance.root())]
    return roots[0].provenance if roots else None


def seed_of(network: str, entries: Sequence[FolderEntry]) -> int | None:
    """Return the seed that trained a network, or of one brought by `import` that in its name."""
    training = _training(entries)
    if training and training.command[1:2] == ("import",):
        number = _last_number(network)
        return int(number) if number else None
    return training.seed if training else None


def _last_number(name: str) -> str:
    """Return the digits at the end of a name.

    >>> _last_number("net-12"), _last_number("net")
    ('12', '')
    """
    return name[len(name.rstrip("0123456789")) :]


def group_seeds(networks: Mapping[str, Sequence[FolderEntry]]) -> list[list[str]]:
    """Return the names of networks that the same commands made from different seeds.

    Networks brought by `import` have no seed that is known: those whose names differ in a number
    at the end alone are seeds.

    >>> from specrob.artifacts import Artifact
    >>> runs = [Provenance(("specrob", "train-sup", "-o", f"{s}"), seed=s) for s in (0, 1)]
    >>> entries = [FolderEntry("", Artifact("model", provenance=run), "") for run in runs]
    >>> group_seeds({"a": entries[:1], "b": entries[1:], "c": []})
    [['a', 'b']]
    """
    alike: dict[Hashable, dict[Hashable, str]] = {}
    for network, entries in networks.items():
        training = _training(entries)
        if training and training.command:
            recipe, seed = _recipe(training), tuple[Hashable, ...](_seeds(training))
            if training.command[1:2] == ("import",):
                number = _last_number(network)
                recipe = network.removesuffix(number), *recipe[:2], *recipe[3:]
                seed = (number,)
            alike.setdefault(recipe, {}).setdefault(seed, network)
    return [[*names.values()] for names in alike.values() if len(names) > 1]


def kind_of(run: Provenance) -> tuple[Hashable, ...]:
    """Return what networks of one kind share; of an imported one its training is not known.

    >>> kind_of(Provenance(("specrob", "import", "a.pt", "--arch", "mynets:net")))
    ()
    """
    return () if run.command[1:2] == ("import",) else _recipe(run)


def _recipe(run: Provenance) -> tuple[Hashable, ...]:
    """Return the words of a command and of those before it, without files and seeds."""
    files = {source.path for source in run.inputs}
    words, is_value = [], False
    for word in run.command:
        if not is_value and word.split("=")[0] not in IGNORED and word not in files:
            words.append(word)
        is_value = word in IGNORED
    return (*words, *(_recipe(source.provenance) for source in run.inputs))


def _seeds(run: Provenance) -> Iterator[int | None]:
    yield run.seed
    for source in run.inputs:
        yield from _seeds(source.provenance)
