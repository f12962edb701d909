"""500 CT slices over 4 associations, sent by dcmtk's storescu: to us, to Orthanc as it comes, and to dcmtk's own
receiver, which keeps no promise and so shows what the senders can do at most."""

import json
import subprocess
import time
import urllib.request

import ct_slices
import hospital
import machine
import mllp
import peers
from table import median, spread

SLICES, ASSOCIATIONS = 500, 4


def measure(bench, report):
    slices = bench.work / "slices"
    bench.say(f"inventing {SLICES} CT slices")
    ct_slices.make(slices, SLICES, ASSOCIATIONS)
    for path in slices.glob("*/*.dcm"):
        path.read_bytes()  # every run finds them in memory
    runs = {"ours": [], "orthanc": [], "storescp": []}
    for run in range(bench.runs):
        bench.say(f"images, run {run + 1} of {bench.runs}")
        runs["ours"].append(to_us(bench, slices))
        runs["orthanc"].append(to_orthanc(bench, slices))
        runs["storescp"].append(to_storescp(bench, slices))
    names = {
        "ours": "Benhan: synced, journalled, then 0000",
        "orthanc": "Orthanc, default configuration",
        "storescp": "storescp --fork: no sync, no index",
    }
    heads = ["", "slices/s", "MB/s", "receiver CPU s", "peak RSS MiB"]
    rows = [
        [name, *(spread(runs[who], figure) for figure in ("per_second", "mb_s", "cpu_s", "peak_mib"))]
        for who, name in names.items()
    ]
    report.table(f"{SLICES} CT slices, 512×512×16 bit, {ASSOCIATIONS} associations", heads, rows)
    print(f"\nThe record knew all studies {spread(runs['ours'], 'told_s')} s after the last slice (5 s of quiet by design).")
    report.bar("500 CT slices durable ÷ Orthanc", median(runs["ours"], "per_second") / median(runs["orthanc"], "per_second"), 1.5)


def send(slices, port, called, process):
    """All parts at once, one association each; what the receiver needed for it."""
    before, begin = machine.cpu_seconds(process.pid), time.monotonic()
    command = [peers.program("storescu"), "-q", "-R", "-td", "120", "-aet", hospital.MODALITY, "-aec", called, "127.0.0.1", str(port)]
    senders = [
        subprocess.Popen([*command, "+sd", "+r", slices / str(part)], env=peers.without_nagle())
        for part in range(ASSOCIATIONS)
    ]
    # Without a limit of Python's, which would look every 50 ms only; storescu has its own.
    failed = [sender.wait() for sender in senders]
    seconds = time.monotonic() - begin
    if any(failed):
        raise SystemExit(f"bench: storescu to {called} ended with {failed}")
    sizes = [path.stat().st_size for path in slices.glob("*/*.dcm")]
    return {
        "per_second": len(sizes) / seconds,
        "mb_s": sum(sizes) / 1e6 / seconds,
        "cpu_s": machine.cpu_seconds(process.pid) - before,
        "peak_mib": machine.peak_mib(process.pid),
    }


def to_us(bench, slices):
    folder = bench.work / "images"
    with hospital.fresh(bench.binary, bench.template, folder) as place:
        run = send(slices, place.ports["dicom"], "BENHAN", place.process)
        sent = time.monotonic()
        while (known := mllp.count(folder / "record.db", "instance")) < SLICES + known_before(bench):
            if time.monotonic() - sent > 60:
                raise SystemExit(f"bench: a minute later the record knows {known} slices")
            time.sleep(0.05)
        run["told_s"] = time.monotonic() - sent
    expect("Benhan", len(list((folder / "pacs" / "blobs").glob("*/*.dcm"))) - blobs_before(bench))
    return run


def known_before(bench):
    return mllp.count(bench.template / "record.db", "instance")


def blobs_before(bench):
    return len(list((bench.template / "pacs" / "blobs").glob("*/*.dcm")))


def to_orthanc(bench, slices):
    with peers.orthanc(bench.work / "orthanc") as (port, http, process):
        run = send(slices, port, "ORTHANC", process)
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/statistics", timeout=30) as answer:
            expect("Orthanc", json.load(answer)["CountInstances"])
        return run


def to_storescp(bench, slices):
    folder = bench.work / "storescp"
    with peers.storescp(folder) as (port, process):
        run = send(slices, port, "STORESCP", process)
    expect("storescp", len(list((folder / "out").iterdir())))
    return run


def expect(who, stored):
    if stored != SLICES:
        raise SystemExit(f"bench: {who} holds {stored} slices, not {SLICES}")
