"""The networks that are compared, with every number that was measured on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import isnan

import numpy as np

from specrob.artifacts import Artifact
from specrob.artifacts.file_names import seed_pattern
from specrob.artifacts.provenance import ROOTS
from specrob.errors import ArtifactError
from specrob.quantities.networks import NetworkResults, model_of
from specrob.quantities.rows import Cell, TableRow, rows_of
from specrob.settings.tables import CONDITIONS

# what may differ in what is compared, with a note
NOTED_CONDITIONS = ("images", "size", "range")
MATCHED_CONDITIONS = tuple(name for name in CONDITIONS if name not in NOTED_CONDITIONS)
ATTACK_CONDITIONS = ("method", "norm", "bounds", "settings")


@dataclass(frozen=True)
class Measurement:
    """A number of one network, and the artifact that holds it."""

    row: TableRow
    artifact: Artifact

    @property
    def value(self) -> float:
        """The number."""
        assert isinstance(self.row.value, float | int)
        return float(self.row.value)

    @property
    def is_attacked(self) -> bool:
        """Whether it depends on an attack: the clean accuracy in the same file does not."""
        return self.row.method is not None and self.row.quantity != "clean_accuracy"

    @property
    def conditions(self) -> dict[str, Cell]:
        """What has to be the same for all that is compared; eps to six digits."""
        found: dict[str, Cell] = {name: getattr(self.row, name) for name in MATCHED_CONDITIONS}
        if not self.is_attacked:
            found |= dict.fromkeys(ATTACK_CONDITIONS)
        return found if self.row.eps is None else found | {"eps": float(f"{self.row.eps:.6g}")}


@dataclass(frozen=True)
class MeasuredNetwork:
    """A network whose numbers are read from its results once.

    Examples
    --------
    >>> one = MeasuredNetwork(NetworkResults("kh-0", "kh", 0, ()))
    >>> one.name, one.group, one.numbers
    ('kh-0', 'kh', [])
    """

    results: NetworkResults

    @property
    def name(self) -> str:
        """Its own name."""
        return self.results.network

    @property
    def group(self) -> str:
        """The name of the networks that differ from it in seeds alone."""
        return self.results.group

    @property
    def artifacts(self) -> list[Artifact]:
        """What was measured on it, and the network itself where it is known."""
        return [entry.artifact for entry in self.results.entries]

    @property
    def models(self) -> set[str]:
        """The digest of the network, where it is known: one, or none."""
        return {
            model_of(one)
            for one in self.artifacts
            if one.kind in ROOTS or one.provenance.root() is not None
        }

    @cached_property
    def numbers(self) -> list[Measurement]:
        """Every number that is one."""
        with np.errstate(over="ignore"):  # variances of absurd distances are infinite
            return [
                Measurement(row, artifact)
                for artifact in self.artifacts
                for row in rows_of(artifact, self.name, self.results.seed)
                if isinstance(row.value, float | int) and not isnan(row.value)
            ]


def choose_networks(networks: Sequence[MeasuredNetwork], pattern: str) -> list[MeasuredNetwork]:
    """Return the networks that a name means: with {seed}, of a group, or of groups with ``*``.

    Of a network that has no other seed beside it the seed may be left out.

    Raises
    ------
    ArtifactError
        If there is none, or several networks have one name.

    Examples
    --------
    >>> names = ["kh-0", "kh-1", "bp"]
    >>> three = [MeasuredNetwork(NetworkResults(n, n.split("-")[0], None, ())) for n in names]
    >>> [one.name for one in choose_networks(three, "kh-{seed}")]
    ['kh-0', 'kh-1']
    >>> [one.name for one in choose_networks(three, "kh")]
    ['kh-0', 'kh-1']
    >>> [one.name for one in choose_networks(three, "*p")]
    ['bp']
    >>> alone = MeasuredNetwork(NetworkResults("kh-4", "kh-4", 4, ()))
    >>> [one.name for one in choose_networks([alone], "kh")]
    ['kh-4']
    """
    name = seed_pattern(pattern)
    chosen = [one for one in networks if name.fullmatch(one.name)]
    twins = [one.name for one in networks if name.fullmatch(one.name.partition(" (")[0])]
    if len(twins) > len(chosen):
        raise ArtifactError(
            f"expected one network for each name {pattern}, found {' and '.join(twins)}; rename "
            "the files of one"
        )
    groups = re.compile(re.escape(pattern).replace(r"\*", ".*"))
    chosen = chosen or [one for one in networks if groups.fullmatch(one.group)]
    alone = [one for one in networks if one.results.without_seed == pattern]
    chosen = chosen or (alone if len(alone) == 1 else [])
    if not chosen:
        names = ", ".join(dict.fromkeys(one.group for one in networks)) or "none"
        raise ArtifactError(
            f"expected networks called {pattern}, found {names}; change the name or add their "
            "results"
        )
    return chosen


Groups = Mapping[str, Sequence[MeasuredNetwork]]  # networks by the name of their group


def check_no_network_twice(groups: Groups) -> None:
    """Raise ArtifactError where a network is in two groups.

    >>> one = MeasuredNetwork(NetworkResults("kh-0", "kh", 0, ()))  # its weights are not known
    >>> check_no_network_twice({"kh": [one], "bp": [one]})
    """
    models = [set().union(*(one.models for one in group)) for group in groups.values()]
    for a, b in combinations(models, 2):
        if twice := a & b:
            raise ArtifactError(
                f"expected two groups of different networks, found {len(twice)} in both; change "
                "one"
            )
