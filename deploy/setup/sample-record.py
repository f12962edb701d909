#!/usr/bin/env python3
"""One complete package of a demo patient, with the trust anchors beside it, so that anyone can try their own tools on it.

Beside a running demo hospital (deploy/setup/with-demo.sh) it lets the staff finish a record: the technician releases the
laboratory's results, the modality's images arrive, the nurse signs her round and her note, every form that is ready is
filled and signed (sample_forms.py), departments put their seal, and the director confirms it. Then `benhan export` packs
it, and `benhan verify` proves it.  usage: sample-record.py OUT
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import requests
import sample_forms
from sample_forms import Signers, now

DATA = Path(os.environ["BENHAN_DATA_DIR"])
BIN = os.environ.get("BENHAN_BIN", "target/debug/benhan")
BED = "G01"
PATIENCE = 240
STAFF = ["viet", "thanh", "ha", "lan", "mai", "minh", "son", "dung", "quantri"]


class Person:
    """Somebody of the demo's staff at a terminal."""

    def __init__(self, username):
        port = json.loads((DATA / "ports.json").read_text())["https"]
        users = json.loads((DATA / "demo.json").read_text())["users"]
        self.card = next(user for user in users if user["username"] == username)
        self.base = f"https://localhost:{port}/api/v1"
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(DATA / "tls" / "ca.pem")
        self.http.headers["X-CSRF-Token"] = self.post("/auth/login", username=username, password=self.card["password"])["csrf"]

    def get(self, path):
        answer = self.http.get(self.base + path, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def post(self, path, **body):
        answer = self.http.post(self.base + path, json=body, timeout=120)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def until(what, look):
    """Waits for what the simulated devices do."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > end:
            sys.exit(f"sample-record: it never came: {what}")
        time.sleep(1)
    return found


def house(signers):
    """What the house decides before it signs: its signing rules, and who puts the seal of a department."""
    director = signers.of(["director"])
    listed = director.get("/house-decisions")["decisions"]
    if not any(one["kind"] == "signing-rules" for one in listed):
        director.post("/house-decisions", kind="signing-rules", decision="118/QĐ-BVPN ngày 02/11/2026", **{"from": now()})
    sample_forms.seals(signers)


def finish():
    """A record with one of everything that the demo can make; the number of its stay."""
    signers = Signers(Person, STAFF)
    house(signers)
    nurse, technician = Person("ha"), Person("minh")
    ward = nurse.get("/auth/session")["wards"][0]["id"]
    bed = next(bed for bed in nurse.get(f"/wards/{ward}/board")["beds"] if bed["label"] == BED)
    stay = bed["occupants"][0]["encounterId"]
    until("images", lambda: len(nurse.get(f"/encounters/{stay}/studies")) >= 2)
    until("results", lambda: len(nurse.get(f"/encounters/{stay}/results")) >= 10)
    mine = [result for result in technician.get("/results/unreleased") if result["encounterId"] == stay]
    if mine:
        technician.post("/results/release", ids=[r["id"] for r in mine], versions=[r["version"] for r in mine])
    owed = [s["id"] for s in nurse.get(f"/encounters/{stay}/vitals") if s["mine"] and not s["signature"] and s["status"] == "final"]
    if owed:
        nurse.post(f"/wards/{ward}/round/sign", pin=nurse.card["pin"], setIds=owed)
    for note in nurse.get(f"/encounters/{stay}/notes"):
        if note["mine"] and not note["signature"]:
            nurse.post(f"/notes/{note['id']}/sign", pin=nurse.card["pin"])
    made, passed_over = sample_forms.every_form(stay, signers, requests.HTTPError)
    print(f"sample-record: {made} forms filled and signed")
    for what, why in passed_over:
        print(f"sample-record: not {what}: {why}")
    director = signers.of(["director"])
    director.post("/confirmations", encounterIds=[stay], pin=director.card["pin"])
    return nurse.get(f"/encounters/{stay}")["number"]


def main():
    out = Path(sys.argv[1])
    anchors = out / "tin-cay"
    anchors.mkdir(parents=True, exist_ok=True)
    package = out / "ho-so.zip"
    if package.exists():
        sys.exit(f"sample-record: {package} is there already: choose another OUT")
    number = finish()
    for name in ["ca.pem", "issuing.pem", "seal.pem", "timestamp.pem"]:
        shutil.copyfile(DATA / "trust" / name, anchors / name)
    ground = "Gói mẫu của người bệnh mô phỏng, để mọi người thử công cụ kiểm tra của mình"
    subprocess.run([BIN, "export", number, "--data-dir", DATA, "--out", package, "--ground", ground], check=True)
    run = subprocess.run([BIN, "verify", package, "--ca", anchors / "ca.pem"], capture_output=True, text=True)
    (out / "ket-qua.txt").write_text(run.stdout)
    print(run.stdout, end="")
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())
