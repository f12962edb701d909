"""The programs that others wrote, started on loopback with storage of their own, as they come."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import hospital

HERE = Path(__file__).parent
#: Debian's, not the Python packages of the same name.
DEBIAN = "/usr/sbin:/usr/bin:/usr/local/bin"


def program(name):
    found = shutil.which(name, path=DEBIAN)
    if not found:
        raise SystemExit(f"bench: {name} is missing; make bench installs it")
    return found


@contextmanager
def started(command, log, port):
    """A server process that listens on `port`."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent, env=without_nagle())
        try:
            wait_for(port, process, log)
            yield process
        finally:
            hospital.stop(process)


@contextmanager
def python_hl7(folder):
    """python-hl7's own MLLP server: parses each message and acknowledges it; keeps nothing."""
    port = free_port()
    with started([sys.executable, HERE / "python_hl7_server.py", str(port)], prepared(folder) / "log", port):
        yield port


@contextmanager
def orthanc(folder):
    """Orthanc as it comes: SQLite index, files synced. Only names, ports and folders are set."""
    port, http = free_port(), free_port()
    settings = {
        "Name": "bench",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "DicomPort": port,
        "HttpPort": http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
    }
    (prepared(folder) / "orthanc.json").write_text(json.dumps(settings))
    with started([program("Orthanc"), folder / "orthanc.json"], folder / "log", port) as process:
        yield port, http, process


@contextmanager
def storescp(folder):
    """dcmtk's receiver, which neither syncs nor indexes: what the senders can do at most."""
    port = free_port()
    (prepared(folder) / "out").mkdir()
    command = [program("storescp"), "--fork", "-od", folder / "out", str(port)]
    with started(command, folder / "log", port) as process:
        yield port, process


def without_nagle():
    """dcmtk, in its tools and inside Orthanc, waits 40 ms for delayed acknowledgements unless it is told not to."""
    return dict(os.environ, TCP_NODELAY="1")


def prepared(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, log, limit=60):
    end = time.monotonic() + limit
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"bench: a peer did not start:\n{log.read_text(errors='replace')[-2000:]}")
