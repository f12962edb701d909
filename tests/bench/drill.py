"""A drill: the newest backup of a hospital of a given size restored and proved, with its time and its memory.

    BENCH_DRILL_RECORD_MIB  the record (default 100); the full size is 1024
    BENCH_DRILL_IMAGES_MIB  the images (default 500); the full size is 5120
    BENCH_DRILL_SHEETS      sheets that a doctor signs first (default 200); a GiB of a real record has some 5,000
"""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time

import hospital
import sealed_images
import signing
from table import number

MIB = 1 << 20
#: A CT slice, and a page with a picture in it.
IMAGE, PAGE = 512 * 1024, 100 * 1024
#: Images of one study.
SERIES = 200


def size(name, default):
    return int(os.environ.get(f"BENCH_DRILL_{name}", default))


def measure(bench, report):
    record, images, sheets = size("RECORD_MIB", 100), size("IMAGES_MIB", 500), size("SHEETS", 200)
    folder, target = bench.work / "drill", bench.work / "drill-target"
    shutil.rmtree(target, ignore_errors=True)
    bench.say(f"a hospital of {record} MiB and {images} MiB of images, {sheets} sheets signed")
    with hospital.fresh(bench.binary, bench.template, folder) as place:
        for _ in range(0, sheets, signing.SHEETS):
            signing.one_batch(place)
    fill(folder, record, images)
    rows = [did(bench, folder, "backup", "--to", target, "--json"), did(bench, folder, "drill", "--json", "--from", None)]
    told = rows[1]["told"]
    assert told["held"], told["findings"]
    report.table(
        f"{(folder / 'record.db').stat().st_size // MIB} MiB of record, {images} MiB in {told['images']} images",
        ["", "seconds", "highest memory, MiB"],
        [
            ["benhan backup", number(rows[0]["seconds"]), number(rows[0]["mib"])],
            ["benhan drill: restored (RTO)", number(told["rtoSeconds"]), ""],
            ["benhan drill: proved", number(told["proofSeconds"]), ""],
            ["benhan drill: all of it", number(rows[1]["seconds"]), number(rows[1]["mib"])],
        ],
    )
    proved = ("auditRows", "bodies", "sheets", "signatures", "images", "imageRows")
    print("\n" + ", ".join(f"{told[of]} {of}" for of in proved) + " proved", flush=True)
    report.bar("memory of the drill", rows[1]["mib"], 512, unit=" MiB", least=False)
    for left in (folder, target):
        shutil.rmtree(left, ignore_errors=True)


def fill(folder, record, images):
    """Up to the wanted size, by bytes that no compression makes small: sheets in the record, images beside it, sealed as the
    bridge seals them and named by rows of the record."""
    dice = random.Random(1)
    wanted = record * MIB - (folder / "record.db").stat().st_size
    db = sqlite3.connect(folder / "record.db")
    for _ in range(max(0, wanted // PAGE)):
        page = dice.randbytes(PAGE)
        row = (hashlib.sha256(page).hexdigest(), "image/jpeg", PAGE, 0, page, 1)
        db.execute("INSERT INTO blob (sha256, media_type, size, key_id, bytes, created_at) VALUES (?, ?, ?, ?, ?, ?)", row)
    db.commit()
    db.close()
    with sealed_images.Store(folder) as store:
        for number in range(images * MIB // IMAGE):
            if number % SERIES == 0:
                store.begin_study(f"2.25.9{number}")
            store.keep(number, dice.randbytes(IMAGE))


def did(bench, folder, command, *arguments):
    """Seconds, highest memory and answer of a command."""
    if None in arguments:
        taken = sorted((bench.work / "drill-target").glob("benhan-2*"))[-1]
        arguments = [taken if argument is None else argument for argument in arguments]
    bench.say(f"benhan {command}")
    begin = time.monotonic()
    process = subprocess.Popen(
        [bench.binary, command, "--data-dir", folder, *arguments], stdout=subprocess.PIPE, text=True
    )
    answer = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        raise SystemExit(f"benhan {command} ended with {os.waitstatus_to_exitcode(status)}: {answer}")
    return {"seconds": seconds, "mib": used.ru_maxrss / 1024, "told": json.loads(answer)}
