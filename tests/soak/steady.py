"""A hospital's day in a loop: monitors, nurses and a CT send at a steady rate, memory is watched, and in the end all
that was acknowledged is in the record and the audit trail verifies.

Memory may settle during the first third; after it, growth is a leak.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

import compare
import ct_slices
import hospital
import images
import machine
import mllp

MONITORS, MESSAGES_A_SECOND = 40, 8
NURSES, OBSERVATIONS_A_SECOND = 8, 4
#: A CT of 100 slices so often.
STUDY_EVERY_S, SLICES = 300, 100
#: RSS may grow by so much between the middle and the last third: allocators breathe.
GROWTH_MIB = 32


def say(what):
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}  soak: {what}", flush=True)


def watch(bench, place, seconds):
    """Sends for `seconds`; the RSS as it went, what the loads counted, and how many slices were sent."""
    user, password = hospital.staff(bench.template, "nurse")
    monitors = bench.start(
        "mllp-load", "--to", f"127.0.0.1:{place.ports['mllp']}", "--device", "monitor", "--warm-up", "0",
        "--connections", MONITORS, "--rate", MESSAGES_A_SECOND, "--seconds", seconds,
    )
    nurses = bench.start(
        "observation-load", "--port", place.ports["https"], "--ca", place.ca, "--user", user, "--warm-up", "0",
        "--connections", NURSES, "--rate", OBSERVATIONS_A_SECOND, "--seconds", seconds,
        environment={"BENCH_PASSWORD": password},
    )
    begin, memory, studies, told = time.monotonic(), [], 0, 0
    while (now := time.monotonic() - begin) < seconds:
        if place.process.poll() is not None:
            raise SystemExit(f"soak: the hospital died after {now:.0f} s")
        memory.append(machine.resident_mib(place.process.pid))
        if now >= studies * STUDY_EVERY_S:
            ct_slices.make(bench.work / "slices", SLICES, images.ASSOCIATIONS, studies=1)
            images.send(bench.work / "slices", place.ports["dicom"], "BENHAN", place.process)
            studies += 1
        if now >= told:
            say(f"{now / 60:.0f} min: RSS {memory[-1]:.0f} MiB, {studies} studies sent")
            told += 60
        time.sleep(1)
    return memory, bench.finish(monitors), bench.finish(nurses), studies * SLICES


def settle(folder, table, wanted, limit=120):
    """Waits until the record holds so many rows; how many it holds then."""
    end = time.monotonic() + limit
    while (there := mllp.count(folder / "record.db", table)) < wanted and time.monotonic() < end:
        time.sleep(0.5)
    return there


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1)
    args = parser.parse_args()
    seconds = max(30, int(args.hours * 3600))
    bench = compare.Bench(argparse.Namespace(runs=1, seconds=seconds))
    hospital.shutil.rmtree(bench.template, ignore_errors=True)
    hospital.make(bench.binary, bench.template)
    folder, failed = bench.work / "steady", []

    def check(holds, what):
        say(f"{'holds ' if holds else 'FAILED'} {what}")
        if not holds:
            failed.append(what)

    with hospital.fresh(bench.binary, bench.template, folder) as place:
        # What a device proposes is a set too: counted with the nurses' own, it would hide a lost one.
        manual = "observation_set WHERE source = 'manual'"
        before = {table: mllp.count(folder / "record.db", table) for table in ("inbox", "instance", manual)}
        memory, monitors, nurses, slices = watch(bench, place, seconds)
        third = len(memory) // 3
        middle, last = statistics.median(memory[third:-third]), statistics.median(memory[-third:])
        check(last - middle <= GROWTH_MIB, f"RSS {middle:.0f} MiB in the middle third, {last:.0f} MiB in the last")
        for what, table, sent in [
            ("messages", "inbox", monitors["answers"]),
            ("slices", "instance", slices),
            ("observations", manual, nurses["answers"]),
        ]:
            arrived = settle(folder, table, before[table] + sent) - before[table]
            check(arrived >= sent, f"{sent} {what} acknowledged, {arrived} in the record")
    check(place.process.returncode == 0, f"the hospital stopped with status {place.process.returncode}")
    check(audit_verifies(bench.binary, folder), "the audit trail verifies")
    return 1 if failed else 0


def audit_verifies(binary, folder):
    export = folder / "audit.jsonl"
    with open(export, "wb") as out:
        subprocess.run([binary, "audit", "export", "--data-dir", folder], stdout=out, check=True)
    verify = subprocess.run([binary, "verify", export, "--trust", folder / "trust" / "ca.pem"], check=False, capture_output=True)
    return verify.returncode == 0 and os.path.getsize(export) > 0


if __name__ == "__main__":
    sys.exit(main())
