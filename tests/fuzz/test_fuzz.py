"""Whatever bytes and words come: one line, the right code, and no file harmed.

`campaign.py` with the seed, the numbers of inputs and lines, and `--first N --count 1` tries
number N again.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

CAMPAIGN = Path(__file__).parent / "campaign.py"
SEED = int(os.environ.get("SPECROB_FUZZ_SEED", "0"))
INPUTS = int(os.environ.get("SPECROB_FUZZ_INPUTS", "20000"))


def campaign(*words):
    """Run the campaign in a process of its own, whose memory it measures."""
    command = [sys.executable, str(CAMPAIGN), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def test_a_few_damaged_files_and_strange_lines():
    assert ", 0 faults," in campaign("--seed", SEED, "--inputs", 250, "--lines", 60)


@pytest.mark.slow
def test_many_damaged_files_and_strange_lines():
    found = campaign("--seed", SEED + 1, "--inputs", INPUTS, "--lines", INPUTS // 10)
    assert ", 0 faults," in found


def test_mutations_change_bytes_and_are_the_same_for_a_seed():
    from mutations import mutate

    data = b'{"kind": "power-law", "fits": [{"alpha": 1.0}], "meta": {"schema": 1}}'
    changed = [mutate(data, random.Random(seed)) for seed in range(200)]
    assert changed == [mutate(data, random.Random(seed)) for seed in range(200)]
    assert len({*changed, data}) > 150
