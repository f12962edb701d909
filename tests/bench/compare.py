"""Measures the hospital beside its peers: the same work, in turn, in one run on one machine, over loopback.

A single figure depends on the machine and on what else it does; the ratios of one run are what counts.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import drill
import hospital
import images
import machine
import mllp
import observations
import signing
import trail
import ward
from table import Report

PARTS = {
    "mllp": mllp,
    "images": images,
    "observations": observations,
    "signing": signing,
    "trail": trail,
    "ward": ward,
    "drill": drill,
}


class Bench:
    """What every part needs: the executable, a hospital to copy, the load programs, how often and how long."""

    def __init__(self, args):
        self.runs, self.seconds = args.runs, args.seconds
        self.audit_rows = int(os.environ.get("BENCH_AUDIT_ROWS", 0))
        self.binary = Path(os.environ["BENHAN_BIN"]).resolve()
        self.programs = Path(os.environ["BENCH_PROGRAMS"]).resolve()
        self.work = Path(os.environ["BENCH_WORK"]).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.template = self.work / "hospital"

    def say(self, what):
        print(f"… {what} (load {machine.load()})", file=sys.stderr, flush=True)

    def start(self, program, *arguments, environment=None):
        command = [self.programs / program, *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ, **(environment or {})))

    def finish(self, process, limit=600):
        output, _ = process.communicate(timeout=limit)
        if process.returncode != 0:
            raise SystemExit(f"bench: a load program ended with {process.returncode}")
        return json.loads(output)

    def load(self, program, *arguments, environment=None):
        """Runs a load program for the measured time; the figures that it printed."""
        return self.finish(self.start(program, *arguments, "--seconds", self.seconds, environment=environment))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each side; the medians are compared")
    parser.add_argument("--seconds", type=float, default=8, help="of load in each run")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts of: {','.join(PARTS)}")
    args = parser.parse_args()
    bench, report = Bench(args), Report()
    print("\n".join(machine.facts(bench.work)), flush=True)
    print(f"runs        {bench.runs} of each side in turn, {bench.seconds:g} s each; median (least–most)", flush=True)
    bench.say("making the hospital")
    hospital.shutil.rmtree(bench.template, ignore_errors=True)
    hospital.make(bench.binary, bench.template)
    for part in args.only.split(","):
        PARTS[part].measure(bench, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
