"""The hospital that is measured: the demo's patients and staff, without its simulated devices.

It is made once; every run gets a fresh copy, so that no run works on a larger record than another.
"""

import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

LISTENERS = ("HTTPS", "MLLP", "ASTM", "DICOM", "METRICS")
#: AE title that the hospital takes images from.
MODALITY = "CT_DEMO"


class Hospital:
    def __init__(self, folder, process, ready_after):
        self.folder, self.process, self.ready_after = folder, process, ready_after
        self.ports = json.loads((folder / "ports.json").read_text())
        self.ca = folder / "tls" / "ca.pem"
        self.tls = ssl.create_default_context(cafile=self.ca)

    def url(self, path):
        return f"https://localhost:{self.ports['https']}{path}"

    def fetch(self, path, headers=None):
        """Status, headers and body of a GET."""
        request = urllib.request.Request(self.url(path), headers=headers or {})
        with urllib.request.urlopen(request, timeout=30, context=self.tls) as answer:
            return answer.status, answer.headers, answer.read()


def make(binary, folder):
    """Fills `folder` with a hospital and stops it again."""
    with serving(binary, folder):
        pass


def staff(folder, role):
    """User name and password of the first of this role."""
    for user in json.loads((folder / "demo.json").read_text())["users"]:
        if user["role"] == role:
            return user["username"], user["password"]
    raise SystemExit(f"nobody is {role}")


@contextmanager
def fresh(binary, template, folder):
    """A hospital at work in a new copy of `template`."""
    copy(template, folder)
    with serving(binary, folder) as hospital:
        yield hospital


def copy(template, folder):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)


@contextmanager
def serving(binary, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ports.json").unlink(missing_ok=True)
    environment = dict(os.environ, BENHAN_LOG="warn", BENHAN_DEMO_DEVICES="off")
    environment.update({f"BENHAN_LISTEN_{name}": "127.0.0.1:0" for name in LISTENERS})
    command = [binary, "serve", "--demo", "--data-dir", folder]
    with open(folder.with_suffix(".log"), "wb") as log:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            yield Hospital(folder, process, wait_until_ready(folder, process, begin))
        finally:
            stop(process)


def wait_until_ready(folder, process, begin, limit=600):
    """Seconds from the start of the process to its first answer that it is ready."""
    while time.monotonic() - begin < limit:
        if process.poll() is not None:
            break
        try:
            port = json.loads((folder / "ports.json").read_text())["https"]
            context = ssl.create_default_context(cafile=folder / "tls" / "ca.pem")
            with urllib.request.urlopen(f"https://localhost:{port}/readyz", timeout=5, context=context) as answer:
                if answer.status == 200:
                    return time.monotonic() - begin
        except (OSError, ValueError, KeyError, urllib.error.URLError):
            time.sleep(0.01)
    end = Path(folder.with_suffix(".log")).read_text(errors="replace")[-2000:]
    raise SystemExit(f"the hospital did not get ready:\n{end}")


def stop(process, how=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
