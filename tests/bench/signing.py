"""A doctor signs 200 one-page sheets with one PIN, as the server does it: typeset, CMS, PAdES with the hospital's own time
stamp and all evidence, stored, audited. And the signing of one PDF alone, beside pyHanko with a key of the same kind."""

import datetime
import http.client
import io
import json
import ssl
import statistics
import threading
import time

import hospital
from table import median, spread

SHEETS = 200
FORM = "phieu-so-ket-15-ngay"
WORDS = "Tỉnh, tiếp xúc tốt. Phổi thông khí đều hai bên, không ran. Ăn uống được, tiểu bình thường. "


def measure(bench, report):
    batches, ours, peer = [], [], []
    for run in range(bench.runs):
        bench.say(f"signing, run {run + 1} of {bench.runs}")
        with hospital.fresh(bench.binary, bench.template, bench.work / "signing") as place:
            batch, pdf = one_batch(place)
            batches.append(batch)
        page = bench.work / "sheet.pdf"
        page.write_bytes(pdf)
        ours.append(bench.load("pades-sign", "--pdf", page))
        peer.append(by_pyhanko(pdf, bench.seconds))
    report.table(
        f"{SHEETS} sheets of one page, one PIN, two cores",
        ["", "seconds", "vitals entry meanwhile, p50 ms", "slowest, ms"],
        [["POST /filled-forms/sign", *(spread(batches, figure) for figure in ("seconds", "p50_ms", "slowest_ms"))]],
    )
    report.table(
        f"Signing alone: a PDF of {len(pdf) // 1024} KiB, P-256, no time stamp",
        ["", "signatures/s"],
        [["benhan", spread(ours, "per_second")], ["pyHanko", spread(peer, "per_second")]],
    )
    report.bar(f"{SHEETS} sheets signed, B-LT", statistics.median(b["seconds"] for b in batches), 20, unit=" s", least=False)
    report.bar("signing alone ÷ pyHanko", median(ours, "per_second") / median(peer, "per_second"), 30)


class Terminal:
    """One person's browser, as far as the server sees it."""

    def __init__(self, place, role):
        context = ssl.create_default_context(cafile=place.ca)
        self.wire = http.client.HTTPSConnection("localhost", place.ports["https"], timeout=300, context=context)
        self.headers = {"Content-Type": "application/json"}
        user, password = hospital.staff(place.folder, role)
        self.session, answer = self.ask("POST", "/auth/login", {"username": user, "password": password})
        self.headers["Cookie"] = answer.getheader("Set-Cookie").partition(";")[0]
        self.headers["X-CSRF-Token"] = self.session["csrf"]

    def ask(self, method, path, body=None):
        self.wire.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), self.headers)
        answer = self.wire.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"bench: {method} {path} was answered {answer.status}: {text[:300]}")
        if answer.getheader("Content-Type", "").startswith("application/json"):
            return json.loads(text), answer
        return text, answer

    def do(self, method, path, body=None):
        return self.ask(method, path, body)[0]


def one_batch(place):
    doctor = Terminal(place, "doctor")
    ward = doctor.do("GET", "/wards")[0]["id"]
    beds = doctor.do("GET", f"/wards/{ward}/board")["beds"]
    stays = [patient["encounterId"] for bed in beds for patient in bed["occupants"]]
    sheets = [drafted(doctor, stays[n % len(stays)]) for n in range(SHEETS)]
    pin = next(u["pin"] for u in json.loads((place.folder / "demo.json").read_text())["users"] if u["role"] == "doctor")
    page = doctor.do("GET", f"/filled-forms/{sheets[0]['id']}/preview")
    with Charting(place, stays[0]) as nurse:
        begin = time.perf_counter()
        done = doctor.do("POST", "/filled-forms/sign", {"sheets": sheets, "pin": pin})
        seconds = time.perf_counter() - begin
    if len(done["signed"]) != SHEETS:
        raise SystemExit(f"bench: {len(done['signed'])} of {SHEETS} sheets were signed: {done['failed'][:1]}")
    took = sorted(nurse.took)
    return {"seconds": seconds, "p50_ms": took[len(took) // 2], "slowest_ms": took[-1]}, page


class Charting(threading.Thread):
    """A nurse who enters vital signs twice a second while the doctor's sheets are being signed."""

    def __init__(self, place, stay):
        super().__init__()
        self.terminal, self.stay = Terminal(place, "nurse"), stay
        self.took, self.over = [], threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        while True:
            now = datetime.datetime.now(datetime.timezone.utc).isoformat()
            begin = time.perf_counter()
            body = {"effectiveAt": now, "values": [{"code": "pulse", "value": 80}]}
            self.terminal.do("POST", f"/encounters/{self.stay}/vitals", body)
            self.took.append((time.perf_counter() - begin) * 1000)
            if self.over.wait(0.5):
                return


def drafted(doctor, stay):
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    sheet = doctor.do("POST", f"/encounters/{stay}/forms", {"formCode": FORM, "effectiveAt": now})
    texts = [f["name"] for s in sheet["definition"]["sections"] for f in s["fields"] if f["kind"] == "text"]
    today = datetime.date.today()
    days = {"from": str(today - datetime.timedelta(days=14)), "to": str(today)}
    values = dict(sheet["values"], **days, **{name: WORDS * 3 for name in texts})
    body = {"version": sheet["entry"]["version"], "values": values}
    saved = doctor.do("POST", f"/filled-forms/{sheet['entry']['id']}/save", body)["entry"]
    return {"id": saved["id"], "version": saved["version"], "slot": saved["slots"][0]["name"]}


def by_pyhanko(pdf, seconds):
    """The same PDF signed again and again by pyHanko, with a key and certificate made here."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Bac si")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pkcs8 = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    signer = signers.SimpleSigner(
        signing_cert=next(iter(load_certs_from_pemder_data(certificate.public_bytes(serialization.Encoding.PEM)))),
        signing_key=load_private_key_from_pemder_data(key.private_bytes(serialization.Encoding.PEM, *pkcs8), passphrase=None),
        cert_registry=None,
    )
    facts = signers.PdfSignatureMetadata(field_name="Signature1", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    done, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signers.sign_pdf(writer, facts, signer=signer)
        done += 1
    return {"per_second": done / (time.perf_counter() - begin)}
