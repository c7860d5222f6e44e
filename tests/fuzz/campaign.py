"""Damaged files through every command that reads them, and random command lines.

Whatever comes: exit code 0, 1 or 2, lines on stderr that begin with the command, no traceback, no
control character to the terminal, no markup into a report, no harm to a file that was there.

    python tests/fuzz/campaign.py --seed 0 --inputs 200000 --lines 20000
"""

import argparse
import contextlib
import random
import re
import resource
import shlex
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from mutations import HOSTILE, MARKUP, mutate
from picture_folders import COMMANDS, damaged_pictures
from typer.testing import CliRunner

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MOST_GIB = 2.0  # that any of these files may take; torch and matplotlib take 0.6
OLD = b"what was there before"
MADE = """
train-kh --hidden 6 --epochs 2 -o kh.safetensors --checkpoint state.st --checkpoint-every 0
train-sup kh.safetensors --epochs 2 -o hybrid.safetensors
train-sup --arch shlp --hidden 14 --epochs 2 -o bp.safetensors
train-sup --arch mlp --hidden 5,5 --epochs 1 --penalty l2=0.1 -o mlp.safetensors
spectrum bp.safetensors --limit 60 --noise --bootstrap 3 -o spectrum.npz
fit-alpha spectrum.npz --range 2:12 -o power-law.json
attack bp.safetensors --method fgsm --eps 0.1 --limit 40 --save adversarial.npz -o robustness.json
crit-dist bp.safetensors --method fgsm --limit 40 -o distances.npz
crit-dist bp.safetensors --method fgsm --limit 40 --shard 1/1 -o shard.safetensors
certify bp.safetensors --limit 20 -o bounds.npz
landscape bp.safetensors --points 3 -o landscape.npz
sensitivity bp.safetensors --ranks 1,3 --limit 30 -o sensitivity.npz
smoothness bp.safetensors --limit 20 --save local.npz -o smoothness.json
dimension bp.safetensors --layer input --limit 40 -o dimension.json
invert bp.safetensors --limit 24 --steps 2 -o images.npz
invert bp.safetensors --limit 24 --steps 2 --split train -o images.npz
compare bp.safetensors mlp.safetensors -o comparison.json
"""
LAYOUT = b"""width = 6.5
[networks]
spectrum = "images"
[[rows]]
panels = [
    { artifacts = ["{network}.npz"], title = "a", networks = ["spectrum"] },
    { artifacts = ["distances.npz"], part = "distance", xscale = "log", width = 1.5 },
]
"""
CLAIMS = b"""[[claim]]
id = "1"
text = "One is better."
paper = "yes"
kind = "greater"
quantity = "test_accuracy"
a = "hybrid"
b = "bp"
margin = "1%"
[[claim]]
id = "2"
kind = "above"
quantity = "distance"
where = { method = "fgsm" }
a = "bp"
value = 0.1
[[claim]]
id = "3"
kind = "all"
all = ["1", "2"]
"""
PUBLISHED = (
    b'{"title": "a paper", "source": "somewhere", '
    b'"networks": {"bp": {"test_accuracy": 0.5, "train_accuracy": [0.4, 0.6]}}}'
)
# which commands read a file; F is the file, O an output that is there before, N a new one
EVERY = (
    "info F",
    "info F --json",
    "table F",
    "plot F -o O.png",
    "compare F mlp.safetensors -o O.json",
)
FEW = "--limit 12 -q"
MODEL = (
    *(
        "prune F -o O.st",
        "train-sup F --epochs 1 --limit 50 -o O.st",
        f"spectrum F {FEW} -o O.npz",
    ),
    *(f"attack F --method fgsm --eps 0.1 {FEW} -o O.json", "certify F --limit 3 -q -o O.npz"),
    *(f"crit-dist F --method fgsm {FEW} -o O.npz", f"smoothness F {FEW} -o O.json"),
    *("landscape F --points 2 -q -o O.npz", f"sensitivity F --ranks 1 {FEW} -o O.npz"),
    *("dimension F --layer input --limit 24 -q -o O.json", "respectrum F --alpha 1 -q -o O.st"),
    "invert F --limit 12 --steps 1 -q -o N.npz",
    "import F --arch shlp,hidden=14 --data digits -q -o O.st",
)
CHOSEN = (
    "attack bp.safetensors --method fgsm --eps 0.1 --only F --limit 40 -q -o O.json",
    "landscape bp.safetensors --points 2 --span auto --distances F -q -o O.npz",
    "smoothness bp.safetensors --limit 40 --distances F -q -o O.json",
    "certify bp.safetensors --limit 5 --norm linf --distances F -q -o O.npz",
)
IMAGES = (
    "train-sup --arch linear --epochs 1 --data F -q -o O.st",
    "train-kh --hidden 3 --epochs 1 --data F -q -o O.st",
    "spectrum images --data F -q -o O.npz",
    f"attack bp.safetensors --data F --method fgsm --eps 0.1 {FEW} -o O.json",
    "dimension images --data F -q -o O.json",
)
READERS = {
    **dict.fromkeys(("kh", "hybrid", "bp", "mlp"), (*EVERY, *MODEL)),
    "spectrum": (*EVERY, "fit-alpha F --range 2:12 -o O.json"),
    "power-law": EVERY,
    "robustness": EVERY,
    "distances": (*EVERY, *CHOSEN),
    "bounds": (*EVERY, *CHOSEN[:3]),
    "adversarial": (*EVERY, *CHOSEN[:1]),
    "landscape": EVERY,
    "sensitivity": EVERY,
    "smoothness": EVERY,
    "local": (*EVERY, *CHOSEN[:1]),
    "dimension": (*EVERY, "fit-alpha spectrum.npz --range 2:12 --dimension F -o O.json"),
    "images": (*EVERY[:4], *IMAGES),
    "comparison": EVERY,
    "state": ("info F", "train-kh --hidden 6 --epochs 2 --resume F -o O.st"),
    "shard": ("info F", "merge F -o O.npz", "merge F F -o O.npz"),
    "weights": ("import F --arch shlp,hidden=14 --data digits -q -o O.st",),
    "layout": ("plot --layout F -o O.png",),
    "claims": ("compare . --claims F -o O.json",),
    "published": ("report folder --compare F -o O.html",),
}


def _peak() -> float:
    """Return the largest memory that this process has taken, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@dataclass
class Outcome:
    """What became of all that was tried."""

    tried: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """Return the counts in one line."""
        return (
            f"{sum(self.tried.values())} tried, codes {dict(sorted(self.codes.items()))}, "
            f"{len(self.faults)} faults, peak memory {_peak():.2f} GiB"
        )


def make_corpus(folder: Path) -> dict[str, Path]:
    """Make one file of every kind; return them by the names in READERS."""
    with contextlib.chdir(folder):
        for line in filter(None, MADE.splitlines()):
            result = CliRunner().invoke(_app(), shlex.split(line))
            assert result.exit_code == 0, f"{line}: {result.stderr}"
        for name, text in {"layout.toml": LAYOUT, "claims.toml": CLAIMS}.items():
            Path(name).write_bytes(text)
        Path("published.json").write_bytes(PUBLISHED)
        state = {"hidden.weight": torch.zeros(14, 64), "readout.weight": torch.ones(10, 14)}
        torch.save({"epoch": 1, "state_dict": state}, "weights.pt")
        Path("folder").mkdir()
        Path("folder/bp.safetensors").write_bytes(Path("bp.safetensors").read_bytes())
    return {name: next(folder.glob(f"{name}.*")) for name in READERS}


def _app() -> object:
    from specrob.cli import app

    return app


def run_campaign(
    folder: Path,
    *,
    seed: int,
    inputs: int,
    lines: int = 0,
    minutes: float = 1e9,
    first: int = 0,
    count: int | None = None,
    kinds: Sequence[str] = (),
) -> Outcome:
    """Return the outcome of damaged inputs and of random command lines.

    Parameters
    ----------
    inputs : int
        One input through one command counts.
    minutes : float
        After which it stops.
    first, count : int
        The number with which it begins, and how many are tried, of all by default.
    kinds : sequence of str
        Which files are damaged, by the names in READERS; all by default.
    """
    corpus, outcome = make_corpus(folder), Outcome()
    whole = {name: file.read_bytes() for name, file in corpus.items()}
    until = time.monotonic() + 60 * minutes
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("default")
        for number in range(inputs + lines)[first:][:count]:
            rng = random.Random(f"{seed} {number}")
            if number < inputs and rng.random() < 0.04 and not kinds:
                damaged_pictures(Path("pictures"), rng)
                words = rng.choice(COMMANDS).replace("F", "pictures").split()
            elif number < inputs:  # damaged, else a random line
                name = rng.choice(kinds or list(READERS))
                damaged = Path(f"damaged{corpus[name].suffix}")
                changed = mutate(whole[name], rng)
                if name in ("state", "shard") and rng.random() < 0.5:
                    changed = with_new_checksum(changed)
                damaged.write_bytes(changed)
                line = rng.choice(READERS[name])
                words = [damaged.name if word == "F" else word for word in line.split()]
                if rng.random() < 0.03 and words[0] in ("info", "table"):
                    words = ["report", _folder_with(damaged), "-o", "O.html"]
            else:
                words = random_line(rng)
            _try_(words, outcome, f"seed {seed}, number {number}")
            for name, file in corpus.items():
                if file.read_bytes() != whole[name]:
                    outcome.faults.append(f"{number}: {words} changed {name}")
                    file.write_bytes(whole[name])
            if time.monotonic() > until:
                break
    return outcome


def with_new_checksum(data: bytes) -> bytes:
    """Return a checkpoint that says of its content that it is whole, if it can be read at all."""
    from specrob.artifacts import decode, encode
    from specrob.artifacts.formats import BROKEN
    from specrob.errors import SpecrobError
    from specrob.experiments.checkpoint_contents import with_checksum

    try:
        return encode(with_checksum(decode(data)))
    except (SpecrobError, *BROKEN):
        return data


def _folder_with(file: Path) -> str:
    folder = Path("reported")
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / file.name).write_bytes(file.read_bytes())
    (folder / "bp.safetensors").write_bytes(Path("bp.safetensors").read_bytes())
    return str(folder)


def random_line(rng: random.Random) -> list[str]:
    """Return a command with options, some of them strange."""
    import typer

    from specrob.cli import PANELS, app

    name = rng.choice([*PANELS, "no-such"])
    if name == "no-such":
        return [name, *(_word(rng) for _ in range(rng.randrange(3)))]
    command = typer.main.get_command(app).get_command(None, name)
    options = [p.opts[0] for p in command.params if p.opts and p.opts[0].startswith("--")]
    files = ["bp.safetensors", "kh.safetensors", "spectrum.npz", "distances.npz", "no.st", "."]
    words = [name, *rng.sample(files, rng.choice((0, 1, 1, 2)))]
    for option in rng.sample(options, min(len(options), rng.randrange(4))):
        if option not in ("--help", "--output", "--hidden", "--epochs", "--steps", "--log"):
            words += [option, _word(rng)]
    sizes = {"--epochs": "1", "--hidden": "3", "--limit": "12", "--points": "2"}
    words += [w for o, value in sizes.items() if o in options for w in (o, value)]
    return [*words, "-o", rng.choice(("O.st", "O.npz", "O.json", "O.png", "no/O.st", "."))]


def _word(rng: random.Random) -> str:
    plain = ("1", "0", "-1", "1e9", "nan", "inf", "0:1", "2:5", "5:2", "a", "l2", "linf", "bp", "")
    names = ("digits", "latent", "hidden", "shlp", "mlp,hidden=3", "x=1", "pgd", "l2=0.1", "none")
    texts = [value for value in HOSTILE if isinstance(value, str) and "\0" not in value]
    word = rng.choice((*plain, *names, *texts, "bp.safetensors", "distances.npz", "\N{SNOWMAN}"))
    return word.encode("utf-8", "replace").decode()[:20_000]


def _try_(words: Sequence[str], outcome: Outcome, where: str) -> None:
    """Run one command, and note what must not be."""
    for old in [*Path().glob("O.*"), *Path().glob("N.*")]:
        old.unlink()
    outputs = [word for word in words if word.startswith("O.")]
    for name in outputs:
        Path(name).write_bytes(OLD)
    before = _peak()
    with _caught_warnings() as warned:
        result = CliRunner().invoke(_app(), list(words))
    if _peak() > max(before, MOST_GIB):
        outcome.faults.append(f"{where}: {shlex.join(words)[:300]}\n  took {_peak():.1f} GiB\n")
    outcome.tried[words[0]] += 1
    outcome.codes[result.exit_code] += 1
    for fault in _faults(words, result, outputs, warned):
        detail = ""
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            detail = "".join(traceback.format_exception(result.exception)[-3:])
        outcome.faults.append(f"{where}: {shlex.join(words)[:300]}\n  {fault}\n{detail}")


@contextlib.contextmanager
def _caught_warnings() -> Iterator[list[str]]:
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        warnings.filterwarnings("ignore", "unclosed scandir", ResourceWarning)  # torchvision's
        yield said
    said += [f"{one.category.__name__}: {one.message}" for one in caught]


def _faults(
    words: Sequence[str], result: object, outputs: Sequence[str], warned: Sequence[str]
) -> Iterator[str]:
    """Yield what is wrong with the end of a command."""
    code, error = result.exit_code, result.exception
    if code not in (0, 1, 2) or not (error is None or isinstance(error, SystemExit)):
        yield f"ended with {code} and {error!r:.200}"
        return
    lines = [line for line in result.stderr.splitlines() if line]
    if code and not lines:
        yield f"ended with {code} and said nothing"
    wrong = [line for line in lines if not line.startswith("specrob")]
    if wrong:
        yield f"said {wrong[0]!r:.200}"
    shown = CONTROL.search(
        result.stderr + (result.stdout if words[0] in ("info", "table") else "")
    )
    if shown:
        yield f"showed {shown[0]!r} on the terminal"
    if warned:
        yield f"warned {warned[0]:.200}"
    for name in outputs:
        there = Path(name)
        if code and (not there.exists() or there.read_bytes() != OLD):
            yield f"ended with {code} and left {name} changed"
        if there.suffix == ".html" and MARKUP.encode() in there.read_bytes():
            yield "let markup into a report"
    if list(Path().glob(".*.part")):
        yield "left a part of a file"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int)
    parser.add_argument("--kinds", nargs="+", choices=READERS, default=())
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = run_campaign(Path(name), **vars(asked))
    for one in found.faults:
        print(one)
    print(found.summary())
    sys.exit(bool(found.faults))
