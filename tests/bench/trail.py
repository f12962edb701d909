"""The audit trail of years: how fast all of it is checked, and how soon a person knows who looked at a patient."""

import json
import statistics
import subprocess
import time

import hospital
from signing import Terminal
from table import spread

#: Ten million rows need about 10 GB and ten minutes to write: BENCH_AUDIT_ROWS=10000000.
ROWS = 1_000_000


def measure(bench, report):
    place = bench.work / "trail"
    hospital.copy(bench.template, place)
    user, _ = hospital.staff(place, "nurse")
    patient = somebody(bench.binary, place)
    rows = bench.audit_rows or ROWS
    bench.say(f"trail: writing {rows:,} rows")
    arguments = ("--record", place / "record.db", "--user", user, "--patient", patient, "--rows", rows)
    bench.finish(bench.start("audit-trail", *arguments), limit=7_200)
    checks = []
    for run in range(bench.runs):
        bench.say(f"trail, check {run + 1} of {bench.runs}")
        command = [bench.binary, "audit", "verify", "--data-dir", place, "--json"]
        begin = time.perf_counter()
        ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=3_600)
        seconds = time.perf_counter() - begin
        checks.append({"seconds": seconds, "per_second": json.loads(ended.stdout)["rows"] / seconds})
    bench.say("trail: who saw the patient")
    asked = []
    with hospital.serving(bench.binary, place):
        auditor = Terminal(hospital.Hospital(place, None, 0), "administrator")
        for _ in range(20):
            begin = time.perf_counter()
            seen = auditor.do("GET", f"/audit?patient={patient}&limit=500")
            asked.append((time.perf_counter() - begin) * 1000)
    if len(seen) < min(rows // 2_000, 500):
        raise SystemExit(f"bench: only {len(seen)} looks at the patient were told")
    report.table(
        f"An audit trail of {rows:,} rows",
        ["", "seconds", "rows/s"],
        [["benhan audit verify", *(spread(checks, figure) for figure in ("seconds", "per_second"))]],
    )
    report.bar("audit verify", statistics.median(c["per_second"] for c in checks), 200_000, unit=" rows/s")
    report.bar("who saw a patient, slowest of 20", max(asked), 2_000, unit=" ms", least=False)


def somebody(binary, place):
    """A patient who is in a bed now."""
    with hospital.serving(binary, place):
        nurse = Terminal(hospital.Hospital(place, None, 0), "nurse")
        ward = nurse.do("GET", "/wards")[0]["id"]
        beds = nurse.do("GET", f"/wards/{ward}/board")["beds"]
        stay = next(patient["encounterId"] for bed in beds for patient in bed["occupants"])
        return nurse.do("GET", f"/encounters/{stay}")["patient"]["id"]
