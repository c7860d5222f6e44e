"""Families: tables of members by name, imported when they are looked up.

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
from types import ModuleType
from typing import Any

from specrob.errors import ModelError, UsageError

MOST_NAMES = 20  # that a message lists


def suggest(word: str, names: Iterable[str]) -> str:
    """Return advice about a misspelt name: the nearest name, or all names.

    >>> suggest("cifar1O", ["digits", "cifar10"])
    'did you mean `cifar10`?'
    """
    names = list(names)
    close = nearest(word, names)
    listed = ", ".join([*names[:MOST_NAMES], *(["..."] if len(names) > MOST_NAMES else [])])
    return f"did you mean `{close}`?" if close else f"choose one of {listed or 'none'}"


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the name that a misspelt word may mean, whatever the case of its letters.

    >>> nearest("PGD", ["fgsm", "pgd"]), nearest("resnet", ["fgsm", "pgd"])
    ('pgd', None)
    """
    by_letters = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), by_letters, n=1, cutoff=0.5)
    return by_letters[close[0]] if close else None


@dataclass(frozen=True)
class Row:
    """Where a member is, "module:Object", and facts for the command line.

    Parameters
    ----------
    tags : tuple of str
        Uses that only some members have; see each family.
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
        """Return the names of built-in members, or of those with a tag, and of all others."""
        built_in = [name for name, row in self.rows.items() if tag is None or tag in row.tags]
        return [*built_in, *self.installed]

    def check(self, name: str) -> str:
        """Return the name of a member.

        Raises
        ------
        UsageError
            If the family has no such member.
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
            If the family has no such member.
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
    path, _, name = target.partition(":")
    try:
        module = importlib.import_module(path)
        member = getattr(module, name, None)
    except (ImportError, AttributeError, ValueError, TypeError, SyntaxError, NameError) as error:
        raise ModelError(
            f"expected {target} to be importable, found: {error}; check the name and PYTHONPATH"
        ) from error
    if member is None:
        raise ModelError(
            f"expected {target} to be importable, found no `{name}` in {path}; "
            f"{suggest(name, _functions(module))}"
        )
    return member


def _functions(module: ModuleType) -> list[str]:
    """Return the names of what a module, or a part of it, defines and can be called."""
    return [
        name
        for name, member in vars(module).items()
        if callable(member)
        and not name.startswith("_")
        and str(getattr(member, "__module__", "")).startswith(module.__name__)
    ]
