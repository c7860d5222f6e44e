"""Rewrite what is generated: the README's help blocks, completions/ and paper A's script.

Run as ``python tests/generate.py``; `test_help.py` checks that nothing has gone stale. With
``--tour`` it also runs the README's console blocks, in one empty folder, and puts in what they
print; their numbers are this machine's, so no test compares them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from specrob.cli import COMMANDS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
COMPLETIONS = {"bash": "specrob.bash", "zsh": "_specrob", "fish": "specrob.fish"}
PAPER_A = ROOT / "examples" / "paper_a"
# of its configuration: they decide which commands there are
LITERAL = ("networks", "attacks", "forms", "seeds")
NAMES = [f.__name__.strip("_").replace("_", "-") for panel in COMMANDS.values() for f in panel]


def run(*words, **environment):
    """Return what specrob prints, without a terminal and 100 columns wide."""
    plain = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    code = "from specrob.cli import app; app(prog_name='specrob')"
    result = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **plain, **environment},
    )
    return result.stdout


def help_block(name):
    """Return the README's block for one command."""
    lines = [line.rstrip() for line in run(name, "--help").strip("\n").splitlines()]
    return f"<!-- help {name} -->\n```text\n" + "\n".join(lines) + "\n```\n<!-- end -->"


def readme():
    """Return the README with every help block made anew."""
    text = README.read_text()
    pattern = re.compile(r"<!-- help (\S+) -->.*?<!-- end -->", re.DOTALL)
    return pattern.sub(lambda match: help_block(match[1]), text)


def completion(shell):
    """Return the completion script of one shell."""
    return run(_SPECROB_COMPLETE=f"source_{shell}").strip() + "\n"


SCRIPT = """\
#!/usr/bin/env bash
# Paper A, whole, without Snakemake: bash paper_a.sh RUN. The commands of Snakefile, one after
# another; what is there already is left as it is. Settings are those of config.yaml, or of the
# environment: EPOCHS=1000 DATA=$PWD/cifar10.npz bash paper_a.sh RUN. Made by tests/generate.py.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
{defaults}
mkdir -p "$1"/{{layers,networks,measures,figures,seeds}}
cd "$1"

{commands}
"""


def paper_a():
    """Return the commands of paper A's workflow as a plain script."""
    settings = yaml.safe_load((PAPER_A / "config.yaml").read_text())
    free = {name: value for name, value in settings.items() if name not in LITERAL}
    with tempfile.TemporaryDirectory() as folder:
        chosen = [f"{name}=${name.upper()}" for name in free]
        words = ["--dry-run", "--printshellcmds", "--cores", "2", "--directory", folder]
        words += ["--snakefile", str(PAPER_A / "Snakefile"), "--config", *chosen]
        told = subprocess.run(
            [sys.executable, "-m", "snakemake", *words], capture_output=True, text=True, check=True
        ).stdout
    commands = re.findall(r"^(?:Shell command: )?(specrob .*)$", told, re.MULTILINE)
    commands.sort(key=lambda command: (NAMES.index(command.split()[1]), command))
    defaults = "\n".join(f': "${{{name.upper()}:={value}}}"' for name, value in free.items())
    lines = [unless_made(command.replace(str(PAPER_A), "$HERE")) for command in commands]
    return SCRIPT.format(defaults=defaults, commands="\n".join(lines))


def unless_made(command):
    """Return a command that is left out where the file that it writes is there."""
    target = re.search(r" -o (\S+)(?: && rm -f \S+)?$", command)[1]
    last = re.search(r"--seeds \S*?(\d+) ", command)  # they are made in their order
    there = target.strip("'").replace("{seed}", last[1] if last else "")
    lines = command.replace(" && ", "\n  ")  # within a list `set -e` would not stop
    return f"test -e {there} || {{\n  {lines}\n}}"


def tour(text):
    """Return the README with its console blocks run anew, one after another."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def block(match):
        lines = []
        for command in re.findall(r"^\$ (.*)$", match[1], re.MULTILINE):
            result = subprocess.run(
                ["bash", "-c", command],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=True,
                cwd=folder,
                env={**os.environ, "PATH": path},
            )
            lines += [f"$ {command}", *result.stdout.rstrip().splitlines()]
        return "```console\n" + "\n".join(lines) + "\n```"

    with tempfile.TemporaryDirectory() as folder:
        text = re.sub(r"```console\n(.*?)\n```", block, text, flags=re.DOTALL)
        figure = Path(folder, "distances.png")
        shutil.copy(figure, ROOT / "examples" / "figures" / "quickstart-distances.png")
    return text


if __name__ == "__main__":
    README.write_text(tour(readme()) if "--tour" in sys.argv else readme())
    for shell, name in COMPLETIONS.items():
        (ROOT / "completions" / name).write_text(completion(shell))
    (PAPER_A / "paper_a.sh").write_text(paper_a())
