"""Every form that is ready, filled and signed in one stay, by whoever its signing policy names.

What the program knows already is left as it opened; the rest is sample text. The patient draws at the screen before a
witness; once, in a consent, a daughter does. What a form cannot be in this stay (a second bệnh án, a birth record of a man)
is said by the program and passed over.
"""

import math
from datetime import datetime, timedelta, timezone

KEEPERS = ["lab-technician", "radiologist"]
# Two doctors are not enough for every place of a bệnh án; this one may stay empty.
LEFT_OPEN = "treating"
VIETNAM = timezone(timedelta(hours=7))
DAUGHTER = {
    "name": "Nguyễn Thị Bích Ngọc",
    "relation": "child",
    "ground": "chosen",
    "idPaper": "citizen-card",
    "idNumber": "033190004512",
}


def now():
    return datetime.now(VIETNAM).isoformat(timespec="seconds")


def value(field):
    """Something that a person might have written there."""
    kind = field["kind"]
    codes = [option["code"] for option in field.get("options", [])]
    if kind in ("quantity", "score"):
        low, high = field.get("low"), field.get("high")
        number = min(36, high if high is not None else 36)
        number = max(number, low if low is not None else number)
        return math.ceil(number) if kind == "score" else number
    return {
        "line": "Bình thường",
        "text": "Người bệnh tỉnh, tiếp xúc tốt, SpO₂ ≥ 96 %.\nTim đều, phổi thông khí rõ; nhiệt độ ≤ 37 °C.",
        "blood-pressure": {"systolic": 120, "diastolic": 80},
        "choice": codes[0] if codes else None,
        "choices": codes[:1],
        "check": True,
        "date": now()[:10],
        "instant": now(),
        "diagnosis": {"text": "Viêm phổi mắc phải cộng đồng", "code": "J18.9"},
        "table": [{c["name"]: value(c) for c in field.get("columns", []) if "calculation" not in c} for _ in range(2)],
    }[kind]


def filled(definition, known):
    fields = [field for section in definition["sections"] for field in section["fields"] if not field.get("calculation")]
    empty = (None, "", [], {})
    return {f["name"]: known[f["name"]] if known.get(f["name"]) not in empty else value(f) for f in fields}


def drawing():
    """A name as a finger draws it: three waves, 12 ms a point."""
    strokes, ms = [], 0
    for wave in range(3):
        stroke = []
        for step in range(40):
            ms += 12
            x, y = 400 + wave * 900 + step * 20, 700 + int(320 * math.sin(step / 3 + wave))
            stroke.append([x, y, ms, 500])
        strokes.append(stroke)
        ms += 180
    return {"width": 4000, "height": 1500, "strokes": strokes}


class NobodyLeft(Exception):
    """The demo has too few people for a place."""


class Signers:
    """The demo's staff, each logged in once."""

    def __init__(self, person, usernames):
        self.people = [person(name) for name in usernames]

    def named(self, name):
        return next(who for who in self.people if who.card["name"] == name)

    def of(self, roles, but=()):
        """The first with one of these roles who has not signed yet."""
        return next((who for who in self.people if who.card["role"] in roles and who not in but), None)


def sign(signers, signed, sheet, slot, by_daughter):
    """One place of the sheet. Nobody signs it in two."""
    path, version = f"/filled-forms/{sheet['id']}", sheet["version"]
    kind, roles = slot.get("who", "staff"), slot.get("roles", [])
    if kind == "patient":
        witness = signers.of(roles or ["nurse", "doctor"])
        given = {"slot": slot["name"], "drawing": drawing(), "representative": DAUGHTER if by_daughter else None}
        shown = now()
        witness.post(f"{path}/patient-signature", version=version, pin=witness.card["pin"], shownAt=shown, agreedAt=now(), **given)
        return
    if kind == "department":
        who = signers.of([role for role in KEEPERS if role in roles or not roles])
    else:
        who = signed[0] if slot.get("first") else signers.of(roles or ["doctor"], but=signed)
    if who is None:
        raise NobodyLeft("nobody else of the demo's staff signs there")
    who.post(f"{path}/sign", version=version, slot=slot["name"], pin=who.card["pin"])
    signed.append(who)


def seals(signers):
    """The medical department has a certificate, and people who put its seal."""
    director, administrator = signers.of(["director"]), signers.of(["administrator"])
    listed = administrator.get("/department-seals")["departments"]
    department = next(one["department"]["id"] for one in listed if one["department"]["code"] == "NOI")
    administrator.post(f"/department-seals/{department}/certificate")
    for keeper in (signers.of([role]) for role in KEEPERS):
        director.post(f"/department-seals/{department}/keepers", userId=keeper.get("/auth/session")["user"]["id"])


def told(no):
    return str(no) if isinstance(no, NobodyLeft) else no.response.json().get("detail", no.response.text)


def every_form(stay, signers, refusal):
    """Fills and signs them; how many, and what was passed over with the reason."""
    made, passed_over, by_daughter = 0, [], True
    for form in [form for form in signers.people[0].get("/forms") if form["ready"]]:
        definition = signers.people[0].get(f"/forms/{form['code']}/versions/{form['version']}")
        slots = definition["signing"]["slots"]
        slots[0]["first"] = True
        author = signers.of(definition["signing"]["authors"])
        begun = [e for e in author.get(f"/encounters/{stay}/forms") if e["formCode"] == form["code"] and e["state"] == "partly-signed"]
        try:
            if begun:
                entry, author = begun[0], signers.named(begun[0]["author"]["name"])
                slots = slots[1:]
            else:
                sheet = author.post(f"/encounters/{stay}/forms", formCode=form["code"], effectiveAt=now())
                entry, values = sheet["entry"], filled(definition, sheet["values"])
                entry = author.post(f"/filled-forms/{entry['id']}/save", version=entry["version"], values=values)["entry"]
        except refusal as no:
            passed_over.append((form["number"] or form["code"], told(no)))
            continue
        signed = [author]
        for slot in [slot for slot in slots if slot["name"] != LEFT_OPEN]:
            patient = slot.get("who") == "patient"
            try:
                sign(signers, signed, entry, slot, patient and by_daughter)
                by_daughter = by_daughter and not patient
            except (refusal, NobodyLeft) as no:
                passed_over.append((f"{form['number'] or form['code']}, {slot['label']}", told(no)))
        made += 1
    return made, passed_over
