"""A `specrob` for workflows of many commands: each is a fork of a process that has torch loaded.

Every command runs whole, with its own arguments, folder, environment, output and exit status; what
it is spared are the seconds in which Python reads torch and scikit-learn from the disk.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

PRELOADED = (
    *("torch", "torch._dynamo", "sklearn.datasets", "scipy.optimize", "matplotlib.figure"),
    *("matplotlib.backends.backend_pdf", "matplotlib.backends.backend_svg"),
)
CLIENT = """#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    request = json.dumps([None, sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(request).to_bytes(4)], [0, 1, 2])
    server.sendall(request)
    server.recv(4)
    sys.exit(int(server.recv(8) or 1))
"""


@contextlib.contextmanager
def warm_start(folder):
    """Give the folder of a `specrob` that starts at once, for the front of PATH."""
    address, client = str(folder / "socket"), folder / "specrob"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        with subprocess.Popen([sys.executable, __file__], stdin=listener) as server:
            try:
                yield folder
            finally:
                server.kill()


class WarmProcess:
    """A command that runs beside the test, which may kill it; `code` runs in its place.

    `errors` is a file for what it says on stderr.
    """

    def __init__(self, folder, *words, code=None, errors=os.devnull):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(str(folder / "socket"))
        request = json.dumps([code, words, str(Path.cwd()), dict(os.environ)]).encode()
        with Path(os.devnull).open("r+b") as null, Path(errors).open("wb") as told:
            streams = [null.fileno(), null.fileno(), told.fileno()]
            socket.send_fds(self.server, [len(request).to_bytes(4)], streams)
        self.server.sendall(request)
        self.pid = int.from_bytes(self.server.recv(4))
        self.status = None

    def poll(self):
        """Return the exit status, negative of a signal, or None while it runs."""
        if self.status is None and select.select([self.server], [], [], 0)[0]:
            self.wait()
        return self.status

    def send_signal(self, number):
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self):
        """Kill it at once, and return its exit status when it is gone."""
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Return the exit status when it is gone."""
        if self.status is None:
            self.status = int(self.server.recv(8))
            self.server.close()
        return self.status


def serve(listener):
    """Fork for each command that comes, until killed."""
    for name in PRELOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that answer
    while True:
        asked, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(asked)
        asked.close()


def _answer(asked):
    """Run the command in a child of its own, and tell its exit status."""
    length, streams, _, _ = socket.recv_fds(asked, 4, 3)
    request = asked.makefile("rb").read(int.from_bytes(length))
    child = os.fork()
    if child:
        asked.sendall(child.to_bytes(4))
        asked.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
        os._exit(0)
    code, words, folder, environment = json.loads(request)
    for standard, stream in enumerate(streams):
        os.dup2(stream, standard)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["specrob", *words]
    sys.path[:0] = environment.get("PYTHONPATH", "").split(os.pathsep)
    try:
        exec(code or "from specrob.__main__ import main; main()", {})
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code or 0)  # Python's own end of a forked process takes half a second


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
