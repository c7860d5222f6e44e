"""Whatever bytes and words come: one line, the right code, and no file harmed.

`campaign.py` with the seed, the numbers of inputs and lines, and `--first N --count 1` tries
number N again.
"""

import os
import random

import pytest
from disturbed import run_campaign

SEED = int(os.environ.get("SPECROB_FUZZ_SEED", "0"))
INPUTS = int(os.environ.get("SPECROB_FUZZ_INPUTS", "20000"))


def test_a_few_damaged_files_and_strange_lines():
    assert ", 0 faults," in run_campaign(
        "campaign.py", "--seed", SEED, "--inputs", 250, "--lines", 60
    )


@pytest.mark.slow
def test_many_damaged_files_and_strange_lines():
    found = run_campaign(
        "campaign.py", "--seed", SEED + 1, "--inputs", INPUTS, "--lines", INPUTS // 10
    )
    assert ", 0 faults," in found


def test_mutations_change_bytes_and_are_the_same_for_a_seed():
    from mutations import mutate

    data = b'{"kind": "power-law", "fits": [{"alpha": 1.0}], "meta": {"schema": 1}}'
    changed = [mutate(data, random.Random(seed)) for seed in range(200)]
    assert changed == [mutate(data, random.Random(seed)) for seed in range(200)]
    assert len({*changed, data}) > 150
