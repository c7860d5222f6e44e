"""A statement about networks, as a file of claims or the command line makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Annotated, Literal

from specrob.errors import UsageError
from specrob.family import suggest
from specrob.settings.flag import Flag
from specrob.settings.margins import DISTANCES, check_margin, check_more_is_better
from specrob.settings.tables import CONDITIONS, RELATED_NAMES, NumberSettings

PairKind = Literal["greater", "less", "different", "equivalent", "not-worse"]
ClaimKind = Literal[PairKind, "above", "below", "correlated", "all"]


def fields_of(kind: ClaimKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields that a kind of claim needs, and those that it may have besides.

    >>> fields_of("above")
    (('quantity', 'a', 'value'), ('where', 'margin'))
    """
    match kind:
        case "all":
            return ("all",), ()
        case "correlated":
            return ("quantity",), ("where", "a", "sign", "partial")
        case "above" | "below":
            return ("quantity", "a", "value"), ("where", "margin")
        case "equivalent" | "not-worse":
            return ("quantity", "a", "margin"), ("where", "b", "where_b")
    return ("quantity", "a"), ("where", "b", "where_b", "margin")


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
    where_b : mapping
        In place of `b`: the networks `a` under other conditions, for instance with another
        transform of their images. Differences are then of the same network, over seeds.
    margin : float or str
        The largest difference that does not matter, or a share of `b` such as "5%". Of a
        difference that is claimed it can only show that there is none that matters.
    value : float
        What `a` is above or below.
    sign : {"+", "-"}, optional
        The sign that a correlation is claimed to have, by default "+".
    partial : str
        A quantity held fixed in a correlation.
    all : tuple of str
        The claims that one is made of.

    Raises
    ------
    UsageError
        If its kind needs a field that is missing, or does not use one that is there.
    """

    id: str
    kind: ClaimKind = "different"
    text: str = ""
    paper: str = ""
    quantity: str | tuple[str, str] = ""
    where: Mapping[str, str | int | float] = field(default_factory=dict)
    a: str = ""
    b: str = ""
    where_b: Mapping[str, str | int | float] = field(default_factory=dict)
    margin: float | str | None = None
    value: float | None = None
    sign: Literal["+", "-"] | None = None
    partial: str = ""
    all: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that a claim has what its kind needs, and nothing else."""
        try:
            self._check_fields()
            self._check_quantities()
            for field_, conditions in (("where", self.where), ("where_b", self.where_b)):
                for name in conditions:
                    if name not in CONDITIONS:
                        raise UsageError(
                            f"expected a condition in `{field_}`, found `{name}`; "
                            f"{suggest(name, CONDITIONS)}"
                        )
            same = [name for name, value in self.where_b.items() if self.where.get(name) == value]
            if same and len(same) == len(self.where_b):
                raise UsageError(f"expected another {same[0]} in `where_b` than in `where`")
            if self.value is not None and not isfinite(self.value):
                raise UsageError(f"expected a finite value, found {self.value}")
            if self.margin is not None:
                is_ratio = bool(self.b or self.where_b)  # of distances, rather than a length
                is_length = self.quantity in DISTANCES and not is_ratio
                check_margin(str(self.margin), "" if is_length else self.quantity)
        except UsageError as error:
            raise UsageError(f"claim `{self.id}`: {error}") from None

    def _check_fields(self) -> None:
        needed, optional = fields_of(self.kind)
        used = ("id", "kind", "text", "paper", *needed, *optional)
        for one in fields(self):
            is_given = getattr(self, one.name) not in ("", (), {}, None)
            if one.name in needed and not is_given:
                raise UsageError(f"expected `{one.name}` beside {self.kind}")
            if one.name not in used and is_given:
                raise UsageError(f"expected no `{one.name}` beside {self.kind}; drop it")
        if "b" in optional and bool(self.b) == bool(self.where_b):
            found = "both" if self.b else "neither"
            raise UsageError(f"expected `b` or `where_b` beside {self.kind}, found {found}")
        if self.a and self.a == self.b:
            raise UsageError(f"expected two groups, found `{self.a}` twice")

    def _check_quantities(self) -> None:
        if (self.kind == "correlated") != isinstance(self.quantity, tuple) and self.kind != "all":
            raise UsageError(
                "expected quantity = [x, y] where kind is correlated, and one name elsewhere, "
                f"found `{self.quantity}`"
            )
        quantity = self.quantity if isinstance(self.quantity, tuple) else (self.quantity,)
        names = [*filter(None, [*quantity, self.partial])]
        for name in names:
            if name not in RELATED_NAMES:
                raise UsageError(
                    f"expected a quantity, found `{name}`; {suggest(name, RELATED_NAMES)}"
                )
        if isinstance(self.quantity, tuple) and len(set(names)) < len(names):
            raise UsageError(f"expected different quantities, found {', '.join(names)}")
        if self.kind == "not-worse":
            check_more_is_better(str(self.quantity))


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
            parse=check_margin,
        ),
    ] = None
    claims: Annotated[
        str | None, Flag("Answer the statements of this TOML file instead.", metavar="FILE")
    ] = None

    def __post_init__(self) -> None:
        """Check that the statements come from one place."""
        super().__post_init__()
        if "margin" in fields_of(self.kind)[0] and self.margin is None:
            raise UsageError(f"`kind`: expected `margin` beside {self.kind}, found none")
        for name in self.quantity:
            if self.kind == "not-worse":
                check_more_is_better(name)
            if self.margin is not None:
                check_margin(self.margin, name)
        given = [name for name in ("quantity", "where", "at", "margin") if getattr(self, name)]
        given += ["kind"] if self.kind != "different" else []
        if self.claims is not None and given:
            raise UsageError(
                f"`claims`: expected no `{given[0]}` beside it, found one; write it into the file"
            )

    def groups(self, files: Sequence[str]) -> tuple[Sequence[str], ...]:
        """Return the files of the two groups, or all files where claims name the groups.

        >>> ComparisonSettings().groups(["a-{seed}.npz", "b-{seed}.npz"])
        (['a-{seed}.npz'], ['b-{seed}.npz'])
        """
        if self.claims is not None:
            return (files,)
        if claims := [name for name in files if name.endswith(".toml")]:
            raise UsageError(
                f"expected results, found a file of claims, {claims[0]}; write `claims` before it"
            )
        if len(files) != 2:
            raise UsageError(
                f"expected results of two groups A B, found {len(files)}; name each group by one "
                "name with {seed}, file or folder"
            )
        return [files[0]], [files[1]]
