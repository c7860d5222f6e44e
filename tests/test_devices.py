"""Where numbers are computed."""

import subprocess
import sys

SCRIPT = """
import torch
from specrob.devices import flush_subnormals

torch.set_num_threads(2)
with flush_subnormals():
    small = torch.full((1000, 1000), 1e-40)
    print(torch.get_num_threads(), int((small * 1).count_nonzero()), float((small @ small).max()))
print(float(torch.tensor(1e-40) * 1) > 0)
"""


def test_numbers_too_small_for_float32_are_zero_in_all_threads():
    """Else products with weights that weight decay drove to 1e-40 take ten times as long."""
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["2", "0", "0.0", "True"]
