"""What legends call files."""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path

SEED = re.compile(r"([-_. ]*)\{seed\}([-_. ]*)")
STRAY = "-_. "


def names_of(paths: Sequence[str], attacks: Sequence[Hashable] = ()) -> list[str]:
    """Return what some files are called in a legend: their networks.

    What follows the name after a dot, for instance ``.pgd``, is left out, unless two files of one
    format, and where `attacks` are given of one attack, would then have one name.

    >>> names_of(["runs/rn16.spectrum.npz", "runs/rn16.alpha.json", "plain-{seed}.pgd.npz"])
    ['rn16', 'rn16', 'plain']
    >>> names_of(["kh.train.npz", "kh.test.npz"])
    ['kh.train', 'kh.test']
    >>> names_of(["kh.pgd.npz", "kh.fgsm.npz"], ["PGD", "FGSM"])
    ['kh', 'kh']
    """
    whole = [Path(_without_seed(path)).stem for path in paths]
    names = [re.sub(r"(?<=.)(\.[^\W\d][^.]*)+$", "", stem) for stem in whole]
    beside = attacks or [None] * len(paths)
    suffixes = [Path(path).suffix for path in paths]
    kinds = list(zip(names, suffixes, beside, strict=True))
    times = Counter(kinds)
    chosen = (
        name if times[kind] == 1 else stem
        for name, stem, kind in zip(names, whole, kinds, strict=True)
    )
    return [name.strip(STRAY) or path for name, path in zip(chosen, paths, strict=True)]


def _without_seed(path: str) -> str:
    """Return a path with one separator, or nothing, in place of {seed}.

    >>> _without_seed("run-{seed}-l2.npz"), _without_seed("kh/{seed}.npz")
    ('run-l2.npz', 'kh.npz')
    """
    whole = Path(path)
    name = SEED.sub(lambda match: (match[2] or match[1])[:1], whole.name)
    return f"{whole.parent.name or 'seeds'}{name}" if whole.name.startswith("{seed}.") else name
