"""ORU^R01 over 64 MLLP connections: stored durably and acknowledged, beside python-hl7, which only acknowledges."""

import signal
import sqlite3
import time
from contextlib import closing

import hospital
import peers
from table import median, spread

CONNECTIONS = 64


def measure(bench, report):
    for device, what, bar in [
        ("analyzer", "a blood count of 25 values, 2 kB", 20),
        ("monitor", "8 vital signs of a monitor, 1.3 kB", None),
    ]:
        ours, theirs = [], []
        for run in range(bench.runs):
            bench.say(f"mllp {device}, run {run + 1} of {bench.runs}")
            ours.append(our_run(bench, device))
            with peers.python_hl7(bench.work / "python-hl7") as port:
                theirs.append(bench.load("mllp-load", "--to", f"127.0.0.1:{port}", "--device", device))
        table(report, what, ours, theirs, bar)


def our_run(bench, device):
    """One run on a fresh hospital, which is then killed: what it acknowledged must be in its spool."""
    folder = bench.work / "mllp"
    with hospital.fresh(bench.binary, bench.template, folder) as place:
        run = bench.load("mllp-load", "--to", f"127.0.0.1:{place.ports['mllp']}", "--device", device)
        run["delivered"] = delivered(folder)
        hospital.stop(place.process, signal.SIGKILL)
    run["kept"] = count(folder / "spool" / "spool.db", "receipt")
    if run["kept"] < run["answers"]:
        raise SystemExit(f"bench: {run['answers']} messages were acknowledged and {run['kept']} kept: one was lost")
    return run


def delivered(folder):
    """Messages a second that reach the record behind the acknowledgement, over five seconds after the load."""
    before, begin = count(folder / "record.db", "inbox"), time.monotonic()
    time.sleep(5)
    return (count(folder / "record.db", "inbox") - before) / (time.monotonic() - begin)


def count(database, table):
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def table(report, what, ours, theirs, bar):
    rows = [
        ["Benhan: durable, then AA", spread(ours, "per_second"), spread(ours, "p50_ms"), spread(ours, "p99_ms")],
        ["python-hl7: AA only", spread(theirs, "per_second"), spread(theirs, "p50_ms"), spread(theirs, "p99_ms")],
    ]
    report.table(f"MLLP ORU^R01 over {CONNECTIONS} connections: {what}", ["", "messages/s", "p50 ms", "p99 ms"], rows)
    ratio = median(ours, "per_second") / median(theirs, "per_second")
    print(f"\nBehind the acknowledgement, afterwards: {spread(ours, 'delivered')} messages/s into the record.")
    if bar:
        report.bar(f"ORU^R01 durable and acknowledged ÷ python-hl7 ({what})", ratio, bar)
    else:
        print(f"\nratio {ratio:.1f}×")
