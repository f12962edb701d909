#!/usr/bin/env python3
"""Other people's tools judge the forms of the record: each is printed blank, and qpdf and poppler read it.

qpdf must find no fault in the file's structure; pdfinfo must see A4 pages and PDF/A-3b; pdffonts must find every font
inside; and what PDF/A-3b demands is looked up with pyHanko's reader (pdfa.py). Needs: apt install qpdf poppler-utils. BENHAN_BIN is the program, default target/debug/benhan.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import hospital
import pdfa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

PROGRAM = os.environ.get("BENHAN_BIN", "target/debug/benhan")

tally = hospital.Tally("forms")
check = tally.check


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def judge(code, file):
    check(run("qpdf", "--check", file).returncode == 0, f"{code}: qpdf finds no error in the structure")
    info = run("pdfinfo", file).stdout
    check("A4" in info, f"{code}: every page is A4")
    meta = run("pdfinfo", "-meta", file).stdout
    check("<pdfaid:part>3<" in meta and "<pdfaid:conformance>B<" in meta, f"{code}: it says that it is PDF/A-3b")
    flaws = pdfa.flaws(Path(file).read_bytes())
    check(not flaws, f"{code}: nothing speaks against PDF/A-3b {flaws or ''}")
    fonts = [line.split() for line in run("pdffonts", file).stdout.splitlines()[2:]]
    check(bool(fonts) and all(font[-5] == "yes" for font in fonts), f"{code}: every font is embedded")


def judge_the_judge(file):
    """What PDF/A forbids, put into a good sheet, is found."""
    writer = IncrementalPdfFileWriter(io.BytesIO(Path(file).read_bytes()))
    name, text = generic.NameObject, generic.pdf_string
    script = generic.DictionaryObject({name("/S"): name("/JavaScript"), name("/JS"): text("app.alert(1)")})
    font = {name("/Type"): name("/Font"), name("/Subtype"): name("/Type1"), name("/BaseFont"): name("/Helvetica")}
    writer.root["/OpenAction"] = script
    writer.root["/AA"] = generic.DictionaryObject()
    writer.root["/Strange"] = generic.DictionaryObject(font)
    del writer.root["/OutputIntents"]
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    found = " ".join(pdfa.flaws(out.getvalue()))
    for clause in ("6.2.3", "6.2.11.4", "6.5.1", "6.5.2"):
        check(clause in found, f"a sheet spoilt against {clause} is found")


def main():
    data_dir = hospital.arguments(__doc__).parse_args().data_dir
    listed = json.loads(run(PROGRAM, "forms", "list", "--json", "--data-dir", data_dir).stdout)
    with tempfile.TemporaryDirectory() as folder:
        for form in listed["forms"]:
            file = str(Path(folder) / f"{form['code']}.pdf")
            printed = run(PROGRAM, "forms", "print", form["code"], "--data-dir", data_dir, "--out", file)
            if form["kind"] == "house":
                check(printed.returncode != 0, f"{form['code']}: is about the house, nothing is filled in by hand")
                continue
            check(printed.returncode == 0, f"{form['code']}: printed blank")
            judge(form["code"], file)
            good = file
        judge_the_judge(good)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
