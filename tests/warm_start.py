"""A `specrob` for workflows of many commands: each is a fork of a process that has torch loaded.

Every command runs whole, with its own arguments, folder, environment, output and exit status; what
it is spared are the two seconds in which Python reads torch from the disk.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys

CLIENT = """#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    request = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(request).to_bytes(4)], [0, 1, 2])
    server.sendall(request)
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


def serve(listener):
    """Fork for each command that comes, until killed."""
    import scipy.stats  # noqa: F401
    import torch  # noqa: F401

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
        asked.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
        os._exit(0)
    words, folder, environment = json.loads(request)
    for standard, stream in enumerate(streams):
        os.dup2(stream, standard)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["specrob", *words]

    from specrob.cli import main

    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code or 0)  # Python's own end of a forked process takes half a second


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
