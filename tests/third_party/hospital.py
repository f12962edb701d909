"""Where a running demo hospital listens, and who may log in: read from what it wrote into its data directory."""

import argparse
import json
import os
from pathlib import Path

import requests


def arguments(description):
    """An argument parser that knows --data-dir (default: BENHAN_DATA_DIR)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=os.environ.get("BENHAN_DATA_DIR"),
        help="data directory of a running demo hospital, for whatever is not given otherwise",
    )
    return parser


def port(data_dir, listener):
    """The port that a listener (https, mllp, astm, dicom, metrics) chose."""
    return json.loads((data_dir / "ports.json").read_text())[listener]


def login(data_dir, role):
    """User name and password of the first person with this role."""
    for user in card(data_dir)["users"]:
        if user["role"] == role:
            return user["username"], user["password"]
    raise SystemExit(f"demo.json names nobody with the role {role}")


def card(data_dir):
    """demo.json: addresses, the signing CA, users with their passwords."""
    return json.loads((data_dir / "demo.json").read_text())


def log_in(url, ca, user, password):
    """A session with the cookie that the web app would have; without a user, with nothing."""
    one = requests.Session()
    one.trust_env = False  # a CA bundle named in the environment would win over ours
    one.verify = str(ca) if ca else True
    if user:
        answer = one.post(f"{url}/api/v1/auth/login", json={"username": user, "password": password}, timeout=120)
        answer.raise_for_status()
    return one


class Tally:
    """Counts what held and what did not, and says so as it goes."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"{self.name}: FAILED: {what}", flush=True)
        return holds

    def finish(self):
        """Prints the closing line; the exit status for the shell. Having checked nothing is a failure."""
        if self.passed + self.failed == 0:
            self.check(False, "there was nothing to check")
        print(f"{self.name}: {self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0
