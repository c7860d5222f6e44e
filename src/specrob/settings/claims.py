"""A statement about networks, as a file of claims or the command line makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.family import suggest
from specrob.settings.flag import Flag
from specrob.settings.tables import CONDITIONS, NumberSettings

PairKind = Literal["greater", "less", "different", "equivalent", "not-worse"]
# of which `not-worse` can be said; of a norm or an exponent less may be better, or neither
MORE_IS_BETTER = (
    *("accuracy", "test_accuracy", "train_accuracy", "clean_accuracy", "relative_accuracy"),
    *("robust_accuracy", "distance", "distance_l2", "mean_distance"),
)
NEEDED = {
    "greater": ("quantity", "a", "b"),
    "less": ("quantity", "a", "b"),
    "different": ("quantity", "a", "b"),
    "equivalent": ("quantity", "a", "b", "margin"),
    "not-worse": ("quantity", "a", "b", "margin"),
    "above": ("quantity", "a", "value"),
    "below": ("quantity", "a", "value"),
    "correlated": ("quantity",),
    "all": ("all",),
}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement.

    Parameters
    ----------
    id : str
    text, paper : str
        The statement in words, and what a paper answers: yes, no, ...
    kind : str
        greater, less, different, equivalent, not-worse (of `a` and `b`); above, below (of `a` and
        `value`); correlated (over the networks `a`, of the two quantities
        ``quantity = [x, y]``); all.
    quantity : str or pair of str
    where : mapping
        Conditions under which the quantity was measured.
    a, b : str
        Names of networks with {seed}, or of groups.
    margin : float or str
        The largest difference that does not matter, or a share of `b` such as "5%". Of a
        difference that is claimed it can only show that there is none that matters.
    value : float
        What `a` is above or below.
    sign : {"+", "-"}
        The sign that a correlation is claimed to have.
    partial : str
        A quantity held fixed in a correlation.
    all : tuple of str
        The claims that one is made of.
    """

    id: str
    kind: PairKind | Literal["above", "below", "correlated", "all"] = "different"
    text: str = ""
    paper: str = ""
    quantity: str | tuple[str, str] = ""
    where: Mapping[str, str | int | float] = field(default_factory=dict)
    a: str = ""
    b: str = ""
    margin: float | str | None = None
    value: float | None = None
    sign: Literal["+", "-"] = "+"
    partial: str = ""
    all: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that a claim has what its kind needs."""
        for name in NEEDED[self.kind]:
            if getattr(self, name) in ("", (), None):
                raise UsageError(f"claim `{self.id}`: expected `{name}` beside {self.kind}")
        if (self.kind == "correlated") != isinstance(self.quantity, tuple):
            raise UsageError(
                f"claim `{self.id}`: expected quantity = [x, y] where kind is correlated, and one "
                f"name elsewhere, found `{self.quantity}`"
            )
        if self.a and self.a == self.b:
            raise UsageError(f"claim `{self.id}`: expected two groups, found `{self.a}` twice")
        if self.kind == "not-worse" and self.quantity not in MORE_IS_BETTER:
            raise UsageError(
                f"claim `{self.id}`: expected a quantity of which more is better beside "
                f"not-worse, found `{self.quantity}`; name one of {', '.join(MORE_IS_BETTER)}"
            )
        if self.margin is not None:
            parse_margin(str(self.margin))
        if self.value is not None and not isfinite(self.value):
            raise UsageError(f"claim `{self.id}`: expected a finite value, found {self.value}")
        for name in self.where:
            if name not in CONDITIONS:
                raise UsageError(
                    f"claim `{self.id}`: expected a condition in `where`, found `{name}`; "
                    f"{suggest(name, CONDITIONS)}"
                )


def parse_margin(text: str) -> tuple[float, bool]:
    """Return a margin, and whether it is a share: ``0.02`` or ``5%``.

    >>> parse_margin("5%"), parse_margin("0.02")
    ((0.05, True), (0.02, False))
    """
    number = grammar.parse_positive(text.removesuffix("%"))
    return (number / 100, True) if text.endswith("%") else (number, False)


def _check_margin(text: str) -> str:
    parse_margin(text)
    return text


@dataclass(frozen=True)
class ComparisonSettings(NumberSettings):
    """What is compared between two groups, or which claims are answered."""

    kind: Annotated[
        PairKind,
        Flag(
            "The statement: the first is greater or less, they are different, they differ by less "
            "than --margin, or the first is not worse by more than --margin, where more is better."
        ),
    ] = "different"
    margin: Annotated[
        str | None,
        Flag(
            "Largest difference that does not matter: a number, or a share of the second such as "
            "5%; of ratios always a share. Needed by equivalent and not-worse; with any other "
            "--kind the answer is no where the two are equivalent, and otherwise unchanged.",
            metavar="X|P%",
            parse=_check_margin,
        ),
    ] = None
    claims: Annotated[
        str | None, Flag("Answer the statements of this TOML file instead.", metavar="FILE")
    ] = None

    def __post_init__(self) -> None:
        """Check that the statements come from one place."""
        super().__post_init__()
        if self.kind in ("equivalent", "not-worse") and self.margin is None:
            raise UsageError(f"`kind`: expected `margin` beside {self.kind}, found none")
        for name in self.quantity if self.kind == "not-worse" else ():
            if name not in MORE_IS_BETTER:
                raise UsageError(
                    "`quantity`: expected a quantity of which more is better beside not-worse, "
                    f"found `{name}`; name one of {', '.join(MORE_IS_BETTER)}"
                )
        for name in ("quantity", "where", "at", "margin") if self.claims is not None else ():
            if getattr(self, name):
                raise UsageError(
                    f"`claims`: expected no `{name}` beside it, found one; write it into the file"
                )

    def groups(self, files: Sequence[str]) -> tuple[Sequence[str], ...]:
        """Return the files of the two groups, or all files where claims name the groups.

        >>> ComparisonSettings().groups(["a-{seed}.npz", "b-{seed}.npz"])
        (['a-{seed}.npz'], ['b-{seed}.npz'])
        """
        if self.claims is not None:
            return (files,)
        if len(files) != 2:
            raise UsageError(
                f"expected results of two groups A B, found {len(files)}; name each group by one "
                "name with {seed}, file or folder"
            )
        return [files[0]], [files[1]]
