"""Rewrite what is generated: the README's help blocks and the files in completions/.

Run as ``python tests/generate.py``; `test_help.py` checks that nothing has gone stale.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from specrob.cli import COMMANDS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
COMPLETIONS = {"bash": "specrob.bash", "zsh": "_specrob", "fish": "specrob.fish"}
NAMES = [f.__name__.replace("_", "-") for panel in COMMANDS.values() for f in panel]


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


if __name__ == "__main__":
    README.write_text(readme())
    for shell, name in COMPLETIONS.items():
        (ROOT / "completions" / name).write_text(completion(shell))
