"""A scheduler of one machine, with the manners of Slurm that workflows rely on.

`submit SCRIPT` starts a job in a process group of its own and prints its number; `status NUMBER`
prints running, success or failed. Jobs and their ends are files in the folder STANDIN.
"""

import os
import subprocess
import sys
from pathlib import Path


def submit(folder, script):
    """Start a job; return its number."""
    number = len(list(folder.glob("*.job"))) + 1
    end = folder / f"{number}.end"
    line = f'bash "$0" > {folder}/{number}.out 2>&1; echo $? > {end}'
    started = subprocess.Popen(
        ["bash", "-c", line, script],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (folder / f"{number}.job").write_text(str(started.pid))
    return number


def status(folder, number):
    """Return what has become of a job; one that is gone without an end has failed."""
    end, job = folder / f"{number}.end", folder / f"{number}.job"
    if end.exists() and end.read_text().strip():
        return "success" if end.read_text().strip() == "0" else "failed"
    try:
        os.kill(int(job.read_text()), 0)
    except ProcessLookupError:
        return "failed"
    return "running"


if __name__ == "__main__":
    command, argument = sys.argv[1:]
    print({"submit": submit, "status": status}[command](Path(os.environ["STANDIN"]), argument))
