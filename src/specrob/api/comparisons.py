"""Comparisons of networks over seeds."""

from collections.abc import Mapping, Sequence

from specrob.artifacts import Artifact
from specrob.artifacts.folder import FolderEntry
from specrob.comparisons import compare_groups
from specrob.errors import UsageError
from specrob.quantities.networks import NetworkResults
from specrob.results import Comparison, Result
from specrob.settings.claims import ComparisonSettings, PairKind

SeedResults = Result | Artifact | Sequence[Result | Artifact]


def compare(
    a: Sequence[SeedResults],
    b: Sequence[SeedResults],
    *,
    quantity: str | Sequence[str] = (),
    kind: PairKind = "different",
    margin: float | str | None = None,
    where: Mapping[str, str | int | float] | None = None,
    names: tuple[str, str] = ("a", "b"),
) -> Comparison:
    """Say whether two kinds of networks differ, with effect, interval and p over seeds.

    Seeds are the unit: fewer than three in a group say nothing about its kind of network.
    Relative accuracies and distances are of the images that all networks classify correctly.

    Parameters
    ----------
    a, b : sequence of results
        For each seed of a group what was measured on its network: one record, or several.
    quantity : str or sequence of str
        For instance "alpha", "distance" or "robust_accuracy"; by default the main ones that both
        have.
    kind : {"different", "greater", "less", "equivalent", "not-worse"}
        The statement about `a`; "not-worse" by more than `margin`, where more is better.
    margin : float or str, optional
        The largest difference that does not matter: a number, or a share of `b` such as "5%".
        With a `kind` that needs none, the answer is no where the groups are equivalent.
    where : mapping, optional
        Conditions under which numbers were measured, for instance ``{"eps": 0.1}``.
    names : pair of str
        What the groups are called.

    Returns
    -------
    Comparison
        Its `answers` have verdict, effect, interval, p and the smallest detectable effect; `plot`
        draws them. Its `not_compared` names what some networks lack, or was measured differently.

    Raises
    ------
    UsageError
        If a group is empty, or a name is not that of a quantity or of a condition.
    ArtifactError
        If the groups share no quantity, or were measured differently.

    Examples
    --------
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> plain, better = (
    ...     [Model(test_accuracy=x, train_accuracy=x, **facts) for x in accuracies]
    ...     for accuracies in ((0.5, 0.51, 0.52), (0.6, 0.61, 0.63))
    ... )
    >>> (answer,) = compare(better, plain, quantity="test_accuracy", kind="greater").answers
    >>> answer.verdict, round(answer.effect, 3)
    ('yes', 0.103)
    """
    if not len(a) or not len(b):
        raise UsageError("expected results of at least one seed in each group, found none")
    settings = ComparisonSettings(
        quantity=(quantity,) if isinstance(quantity, str) else tuple(quantity),
        kind=kind,
        margin=None if margin is None else str(margin),
        where=tuple(f"{name}={value}" for name, value in (where or {}).items()),
    )
    return compare_groups(_members(names[0], a), _members(names[1], b), settings)


def _members(name: str, group: Sequence[SeedResults]) -> list[NetworkResults]:
    return [_member(f"{name}-{seed}", name, seed, one) for seed, one in enumerate(group)]


def _member(network: str, group: str, seed: int, results: SeedResults) -> NetworkResults:
    several = [results] if isinstance(results, Result | Artifact) else results
    artifacts = [one if isinstance(one, Artifact) else Artifact.of(one) for one in several]
    entries = [FolderEntry(network, one, one.digest) for one in artifacts]
    return NetworkResults(network, group, seed, entries)
