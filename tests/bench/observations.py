"""One observation posted over HTTPS at 64 connections — session, permit, audit row, fsync — beside the same rows
written by the same group commit without HTTP."""

import hospital
from table import median, number, spread

CONNECTIONS = 64
#: A FHIR server in Rust on SQLite, without fsync, authorisation or audit, on a quiet machine of two cores.
YARDSTICK_PER_SECOND, YARDSTICK_P99_MS = 2937, 266


def measure(bench, report):
    user, password = hospital.staff(bench.template, "nurse")
    over_https, floor = [], []
    for run in range(bench.runs):
        bench.say(f"observations, run {run + 1} of {bench.runs}")
        with hospital.fresh(bench.binary, bench.template, bench.work / "observations") as place:
            over_https.append(
                bench.load(
                    "observation-load", "--port", str(place.ports["https"]), "--ca", place.ca, "--user", user,
                    environment={"BENCH_PASSWORD": password},
                )
            )
        hospital.copy(bench.template, bench.work / "floor")
        floor.append(bench.load("group-commit-floor", "--record", bench.work / "floor" / "record.db", "--user", user))
    figures = ("per_second", "p50_ms", "p99_ms", "max_ms")
    rows = [
        ["POST /encounters/{id}/vitals over HTTPS", *(spread(over_https, figure) for figure in figures)],
        ["the same rows, no HTTP", *(spread(floor, figure) for figure in figures)],
        ["yardstick: no fsync, permit or audit", number(YARDSTICK_PER_SECOND), "", number(YARDSTICK_P99_MS), ""],
    ]
    heads = ["", "observations/s", "p50 ms", "p99 ms", "max ms"]
    report.table(f"One observation at a time over {CONNECTIONS} connections", heads, rows)
    rate = median(over_https, "per_second")
    report.bar("observations over HTTPS ÷ without HTTP", rate / median(floor, "per_second"), 0.4)
    report.bar("observations over HTTPS", rate, YARDSTICK_PER_SECOND, unit="/s")
    report.bar("p99 of an observation", median(over_https, "p99_ms"), YARDSTICK_P99_MS, unit=" ms", least=False)
