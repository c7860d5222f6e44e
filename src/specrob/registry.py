"""Families of parts by name: rows that say where a part is, without importing it.

A family is a table ``name -> "module:Object"``. The object is imported when it is looked up, so
that the command line, the documentation and the library can all list a family without torch.
Other packages add members by entry points in the family's group::

    [project.entry-points."specrob.penalties"]
    orthogonality = "their_package:Orthogonality"
"""

import difflib
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from specrob.errors import ModelError, UsageError


def suggest(word: str, known: Iterable[str]) -> str:
    """Return what to do about a misspelt name: the nearest known one, or all of them.

    >>> suggest("cifar1O", ["digits", "cifar10"])
    'did you mean `cifar10`?'
    """
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else f"known are {', '.join(names)}"


@dataclass(frozen=True)
class Row:
    """Where a member is, "module:Object", and what the command line has to know of it.

    Parameters
    ----------
    target : str
    tags : tuple of str
        Uses that some members have and others have not; see each family.
    """

    target: str
    tags: tuple[str, ...] = ()


class Family(Mapping[str, Any]):
    """The members of one family, built in and installed, imported when they are looked up.

    Parameters
    ----------
    noun : str
        What a member is, with its article, for error messages.
    group : str
        Entry-point group in which other packages add members.
    rows : mapping of str to Row

    Examples
    --------
    >>> penalties = Family("a penalty", "specrob.penalties", {"sqrt": Row("math:sqrt")})
    >>> penalties["sqrt"](4.0), penalties.names()
    (2.0, ['sqrt'])
    """

    def __init__(self, noun: str, group: str, rows: Mapping[str, Row]):
        self.noun, self.group, self.rows = noun, group, dict(rows)

    @cached_property
    def installed(self) -> dict[str, Row]:
        """Rows of other packages' members; finding them takes about 40 ms."""
        from importlib.metadata import entry_points

        rows = {point.name: Row(point.value) for point in entry_points(group=self.group)}
        return {name: row for name, row in rows.items() if name not in self.rows}

    def names(self, tag: str | None = None) -> list[str]:
        """Return the names of built-in members, with a tag if one is given, and of all others."""
        built_in = [name for name, row in self.rows.items() if tag is None or tag in row.tags]
        return [*built_in, *self.installed]

    def check(self, name: str) -> str:
        """Return the name if there is such a member.

        Raises
        ------
        UsageError
            If there is none.
        """
        if name not in self:
            raise UsageError(
                f"expected {self.noun}, found `{name}`; {suggest(name, self.names())}"
            )
        return name

    def check_text(self, text: str) -> str:
        """Return a text that begins with a member's name: ``NAME``, ``NAME,...`` or ``NAME=...``.

        Raises
        ------
        UsageError
            If there is no such member.
        """
        self.check(re.split("[=,]", text)[0])
        return text

    def is_tagged(self, name: str, tag: str) -> bool:
        """Return whether there is a built-in member of that name with that tag."""
        return name in self.rows and tag in self.rows[name].tags

    def name_of(self, member: Any) -> str:
        """Return the name of a member.

        Raises
        ------
        UsageError
            If it is not registered.
        """
        target = f"{member.__module__}:{member.__qualname__}"
        rows = {**self.rows, **self.installed}
        for name, row in rows.items():
            if row.target == target or (name in self.installed and self[name] is member):
                return name
        raise UsageError(
            f"expected {self.noun} with an entry point in the group {self.group}, found {target}"
        )

    def __contains__(self, name: object) -> bool:
        return name in self.rows or name in self.installed

    def __getitem__(self, name: str) -> Any:
        """Return a member, imported; raise KeyError if there is none of that name."""
        row = self.rows.get(name) or self.installed[name]
        return load_object(row.target)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())


def load_object(target: str) -> Any:
    """Import what "module:Object" names.

    Raises
    ------
    ModelError
        If it cannot be imported.

    Examples
    --------
    >>> load_object("math:pi")
    3.141592653589793
    """
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError, TypeError, SyntaxError, NameError) as error:
        raise ModelError(
            f"expected {target} to be importable, found: {error}; check the name and PYTHONPATH"
        ) from error


# tags: "distance" for those with a critical distance; "training" for those that completion offers
# for adversarial training, which takes any
ATTACKS = Family(
    "an attack",
    "specrob.attacks",
    {
        "random": Row("specrob.settings.attacks:Random", ("distance",)),
        "fgsm": Row("specrob.settings.attacks:FGSM", ("distance", "training")),
        "pgd": Row("specrob.settings.attacks:PGD", ("distance", "training")),
        "minimal": Row("specrob.settings.attacks:Minimal", ("distance",)),
        "noise": Row("specrob.settings.attacks:Noise"),
    },
)
PENALTIES = Family(
    "a penalty",
    "specrob.penalties",
    {
        "l2": Row("specrob.learning.penalties.l2:L2"),
        "jacobian": Row("specrob.learning.penalties.jacobian:Jacobian"),
        "spectral": Row("specrob.learning.penalties.spectral:Spectral"),
        "covariance": Row("specrob.learning.penalties.covariance:Covariance"),
        "jacobian-sum": Row("specrob.learning.penalties.jacobian:JacobianSum"),
    },
)
SCHEDULES = Family(
    "a schedule",
    "specrob.schedules",
    {
        "constant": Row("specrob.learning.schedules:constant"),
        "cosine": Row("specrob.learning.schedules:cosine"),
        "exponential": Row("specrob.learning.schedules:exponential"),
        "paper-a": Row("specrob.learning.schedules:paper_a"),
        "paper-a-spectral": Row("specrob.learning.schedules:paper_a_spectral"),
    },
)
RULES = Family(
    "a local rule",
    "specrob.rules",
    {"krotov-hopfield": Row("specrob.settings.local:KrotovHopfield")},
)
# tags: "trainable" for those that gradients train from nothing, "local" for single layers that a
# local rule trains
ARCHITECTURES = Family(
    "an architecture",
    "specrob.architectures",
    {
        "shlp": Row("specrob.models.shallow:SHLP", ("trainable",)),
        "mlp": Row("specrob.models.mlp:MLP", ("trainable",)),
        "cnn-b": Row("specrob.models.cnn:CNN_B", ("trainable",)),
        "cnn-d": Row("specrob.models.cnn:CNN_D", ("trainable",)),
        "linear": Row("specrob.models.shallow:LINEAR", ("trainable",)),
        "hybrid": Row("specrob.models.shallow:HYBRID"),
        "kh": Row("specrob.models.local:KH", ("local",)),
        "local": Row("specrob.models.local:LOCAL", ("local",)),
    },
)
SOURCES = Family(
    "images",
    "specrob.sources",
    {
        "digits": Row("specrob.data.digits:read_digits"),
        "mnist": Row("specrob.data.torchvision_sets:MNIST"),
        "fashion-mnist": Row("specrob.data.torchvision_sets:FASHION_MNIST"),
        "cifar10": Row("specrob.data.torchvision_sets:CIFAR10"),
        "cifar100": Row("specrob.data.torchvision_sets:CIFAR100"),
        "svhn": Row("specrob.data.torchvision_sets:SVHN"),
    },
)
KINDS = Family(
    "an artifact",
    "specrob.kinds",
    {
        "model": Row("specrob.results:Model"),
        "checkpoint": Row("specrob.results:Checkpoint"),
        "spectrum": Row("specrob.results:Spectrum"),
        "sensitivity": Row("specrob.results:Sensitivity"),
        "power-law": Row("specrob.results:PowerLaw"),
        "robustness": Row("specrob.results:Robustness"),
        "distances": Row("specrob.results:Distances"),
        "adversarial": Row("specrob.results:Adversarial"),
        "landscape": Row("specrob.results:Landscape"),
        "smoothness": Row("specrob.results:Smoothness"),
        "weights": Row("specrob.results:Weights"),
        "arrays": Row("specrob.results:Arrays"),
    },
)
FIGURES = Family(
    "a figure",
    "specrob.figures",
    {
        "model": Row("specrob.plots.weights:FIGURE"),
        "spectrum": Row("specrob.plots.spectrum:FIGURE"),
        "power-law": Row("specrob.plots.power_law:FIGURE"),
        "robustness": Row("specrob.plots.robustness:FIGURE"),
        "distances": Row("specrob.plots.distances:FIGURE"),
        "adversarial": Row("specrob.plots.adversarial:FIGURE"),
        "landscape": Row("specrob.plots.landscape:FIGURE"),
        "sensitivity": Row("specrob.plots.sensitivity:FIGURE"),
        "relation": Row("specrob.plots.relation:FIGURE"),
    },
)
