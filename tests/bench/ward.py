"""What a ward notices: how much the first load weighs, how fast the board answers while its monitors send, how soon
the server is up, how much memory it holds."""

import http.client
import json
import ssl
import statistics
import time
from pathlib import Path

import hospital
import machine
from table import spread

DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist"
MONITORS, MESSAGES_A_SECOND = 40, 40
BOARD_CALLS = 200


def measure(bench, report):
    runs = []
    for run in range(bench.runs):
        bench.say(f"ward, run {run + 1} of {bench.runs}")
        with hospital.fresh(bench.binary, bench.template, bench.work / "ward") as place:
            runs.append(one_run(bench, place))
    names = {
        "ready_s": "start to ready, s",
        "idle_mib": "RSS idle, MiB",
        "board_p50_ms": "board of 40 beds, p50 ms",
        "board_p99_ms": "board of 40 beds, p99 ms",
        "board_kib": "board answer, KiB",
        "busy_mib": "RSS under live load, MiB",
        "first_load_kb": "first load of the board, KB as it travels",
    }
    rows = [[name, spread(runs, figure)] for figure, name in names.items()]
    report.table(f"The ward: {MONITORS} monitors, {MESSAGES_A_SECOND} messages/s of 8 values", ["", "median (least–most)"], rows)
    report.bar("first load of the ward board", statistics.median(run["first_load_kb"] for run in runs), 200, unit=" KB", least=False)


def one_run(bench, place):
    run = {"ready_s": place.ready_after, "first_load_kb": first_load(place) / 1000}
    time.sleep(5)
    run["idle_mib"] = machine.resident_mib(place.process.pid)
    user, password = hospital.staff(place.folder, "nurse")
    monitors = bench.start(
        "mllp-load", "--to", f"127.0.0.1:{place.ports['mllp']}", "--device", "monitor", "--connections", str(MONITORS),
        "--rate", str(MESSAGES_A_SECOND), "--seconds", str(max(15, bench.seconds)),
    )
    try:
        time.sleep(2)
        run.update(board(place, user, password))
        run["busy_mib"] = machine.resident_mib(place.process.pid)
    finally:
        bench.finish(monitors)
    return run


def board(place, user, password):
    """One nurse's terminal that asks for the whole board again and again."""
    context = ssl.create_default_context(cafile=place.ca)
    terminal = http.client.HTTPSConnection("localhost", place.ports["https"], timeout=30, context=context)
    body = json.dumps({"username": user, "password": password})
    terminal.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
    answer = terminal.getresponse()
    session = json.loads(answer.read())
    cookie = answer.getheader("Set-Cookie").partition(";")[0]
    took, size = [], 0
    for _ in range(BOARD_CALLS):
        begin = time.perf_counter()
        terminal.request("GET", f"/api/v1/wards/{session['wards'][0]['id']}/board", headers={"Cookie": cookie})
        answer = terminal.getresponse()
        text = answer.read()
        took.append((time.perf_counter() - begin) * 1000)
        size = len(text)
        if answer.status != 200 or len(json.loads(text)["beds"]) != 40:
            raise SystemExit(f"bench: the board was answered {answer.status}")
    terminal.close()
    took.sort()
    return {"board_p50_ms": took[len(took) // 2], "board_p99_ms": took[len(took) * 99 // 100], "board_kib": size / 1024}


def first_load(place):
    """Bytes of every file that must arrive before the board is drawn, compressed as the server sends them."""
    manifest = json.loads((DIST / ".vite" / "manifest.json").read_text())
    entry = next(key for key, chunk in manifest.items() if chunk.get("isEntry"))
    screen = next(key for key in manifest if key.endswith("features/ward-board/index.ts"))
    files = {"", "icon.svg", *(f"assets/{font.name}" for font in (DIST / "assets").glob("*.woff2"))}
    reach(manifest, entry, files, set())
    reach(manifest, screen, files, set())
    return sum(len(place.fetch(f"/{file}", {"Accept-Encoding": "gzip"})[2]) for file in files)


def reach(manifest, key, files, seen):
    if key in seen:
        return
    seen.add(key)
    chunk = manifest[key]
    files.update([chunk["file"], *chunk.get("css", []), *chunk.get("assets", [])])
    for following in chunk.get("imports", []):
        reach(manifest, following, files, seen)
