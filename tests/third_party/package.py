#!/usr/bin/env python3
"""Other people's tools judge a record package: Python's own zipfile and hashlib, openssl, pyHanko, libxml2,
xmlsec1, signxml.

Beside a running demo hospital a sample record is made first (deploy/setup/sample-record.py); or name the files:

    package.py --package ho-so.zip --ca ca.pem
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lxml import etree
from pyhanko.keys import load_certs_from_pemder

import hospital
import pdfa
import signatures
import xml_signatures

tally = hospital.Tally("package")
check = tally.check
GROUPS = (
    "ThongTinBenhNhan ThongTinVaoVien ThongTinDieuTri YLenhThuocVatTu PhieuChiDinh KetQuaChanDoanHinhAnh "
    "KetQuaXetNghiem GiayChuyenVien HoSoCapCuu PhieuThuThuat PhieuPhauThuat"
).split()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def check_manifest(folder, ca):
    manifest = json.loads((folder / "manifest.json").read_text())
    listed = {file["path"]: file for file in manifest["files"]}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    check(there - set(listed) == {"manifest.json", "manifest.json.p7s"}, "the manifest lists every file, and no other")
    for path, file in listed.items():
        content = (folder / path).read_bytes()
        same = len(content) == file["size"] and hashlib.sha256(content).hexdigest() == file["sha256"]
        check(same, f"hashlib: {path} is as the manifest lists it")
    content, seal = (folder / "manifest.json").read_bytes(), (folder / "manifest.json.p7s").read_bytes()
    check(signatures.openssl_accepts(content, seal, ca), "openssl: the seal over the manifest")
    changed = signatures.flipped(content, len(content) // 2)
    check(not signatures.openssl_accepts(changed, seal, ca), "openssl: not with one flipped byte in the manifest")


def check_signatures(folder, ca):
    abouts = [path for path in (folder / "chu-ky").glob("*.json") if not path.name.endswith(".bang-chung.json")]
    check(abouts, "the package has signatures")
    for about in sorted(abouts):
        about = json.loads(about.read_text())
        if about["value"]:
            content, value = folder / about["file"], folder / about["value"]
            check(signatures.openssl_accepts(content.read_bytes(), value.read_bytes(), ca), f"openssl: {about['value']}")


def check_sheets(folder, ca):
    roots = list(load_certs_from_pemder([str(ca)]))
    sheets = sorted((folder / "phieu").glob("*.pdf"))
    check(sheets, "the package has sheets")
    for sheet in sheets:
        statuses = signatures.judged_by_pyhanko(sheet.read_bytes(), roots)
        check(statuses and all(status.bottom_line for status in statuses), f"pyHanko: {sheet.name} holds")
        check(signatures.lasts_for_pyhanko(sheet.read_bytes(), roots), f"pyHanko: {sheet.name} is proven for long")
        flaws = pdfa.flaws(sheet.read_bytes())
        check(not flaws, f"PDF/A-3b: nothing speaks against {sheet.name} {flaws or ''}")


def climbed(leaf, place, size, path):
    """The root of RFC 6962 from a leaf and the hashes beside its way (RFC 9162, 2.1.3.2), written anew."""
    last, node = size - 1, leaf
    for beside in path:
        if place % 2 == 1 or place == last:
            node = sha256(b"\x01", beside, node)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            node = sha256(b"\x01", node, beside)
        place, last = place // 2, last // 2
    return node if last == 0 else None


def check_trail(folder, ca):
    heads = {}
    for path in sorted((folder / "nhat-ky").glob("dau-*.json")):
        check(signatures.openssl_accepts(path.read_bytes(), Path(f"{path}.p7s").read_bytes(), ca), f"openssl: {path.name}")
        heads[f"nhat-ky/{path.name}"] = json.loads(path.read_text())
    lines = (folder / "nhat-ky" / "dong.jsonl").read_text().splitlines()
    check(len(lines) > 10, "the trail has rows")
    for line in lines:
        proven = json.loads(line)
        row, proof = proven["row"], proven["proof"]
        name = f"row {row['seq']} of chain {row['chain']}"
        leaf = sha256(b"\x00", bytes.fromhex(row["prev"]), row["body"].encode())
        check(leaf.hex() == row["hash"], f"hashlib: {name}")
        head = heads[proof["head"]]
        root = climbed(leaf, row["seq"] - 1, head["treeSize"], [bytes.fromhex(h) for h in proof["path"]])
        check(root and root.hex() == head["rootHash"], f"{name} leads to the signed root")
    acts = [json.loads(json.loads(line)["row"]["body"])["act"] for line in lines]
    check({"create", "sign", "export"} <= set(acts), "who wrote, signed and exported is in it")


def check_exchange(folder):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    record = etree.parse(str(folder / "HoSoBenhAn.xml"), parser).getroot()
    groups = [child for child in record if child.tag != xml_signatures.DS + "Signature"]
    tags = [group.tag for group in groups]
    check(record.tag == "HoSoBenhAn" and tags == GROUPS, "libxml2: eleven groups in their order")
    numbers = {group.findtext("sovaovien") for group in groups}
    facts = json.loads((folder / "ho-so.json").read_text())
    check(numbers == {facts["stay"]["number"]}, "one number joins them")
    as_json = json.loads((folder / "HoSoBenhAn.json").read_text())["HoSoBenhAn"]
    check(list(as_json) == GROUPS, "the JSON has the same groups in the same order")
    signs = as_json["ThongTinDieuTri"]["danhsachsinhhieu"]
    check(signs and len(record.findall("ThongTinDieuTri/danhsachsinhhieu")) == len(signs), "a list repeats its tag")
    standing = [e for e in facts["entries"] if e["kind"] == "vital-signs" and e["current"] and e["stands"]]
    check(len(signs) == len(standing), "every set that stands is in it")
    for name, value in as_json["ThongTinBenhNhan"].items():
        if isinstance(value, str):
            found = record.findtext(f"ThongTinBenhNhan/{name}")
            check(found == value, f"XML and JSON agree on {name}")
    summary = etree.parse(str(folder / "TomTatHoSoBenhAn.xml"), parser).getroot()
    fields = [field for field in summary if field.tag != xml_signatures.DS + "Signature"]
    check(len(fields) == 22, "libxml2: the summary has the 22 fields of table 8")
    check(summary.findtext("TOMTAT_KQ"), "it sums the laboratory's results up")
    images = json.loads((folder / "hinh-anh.json").read_text())["studies"]
    check(images, "it lists the studies")
    for image in (i for study in images for series in study["series"] for i in series["instances"]):
        check(len(image["sha256"]) == 64 and image["size"] > 0, f"image {image['sopUid']} has its hash")


def judge(package, ca):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        with zipfile.ZipFile(package) as zipped:
            check(zipped.testzip() is None, "zipfile reads every entry")
            check(len(set(zipped.namelist())) == len(zipped.namelist()), "no name comes twice")
            zipped.extractall(folder)
        check_manifest(folder, ca)
        check_signatures(folder, ca)
        check_sheets(folder, ca)
        check_trail(folder, ca)
        check_exchange(folder)
        for name in ("HoSoBenhAn.xml", "TomTatHoSoBenhAn.xml"):
            xml_signatures.check_file(folder / name, ca)


def main():
    parser = hospital.arguments(__doc__)
    parser.add_argument("--package", type=Path)
    parser.add_argument("--ca", type=Path, help="the trusted root, PEM")
    arguments = parser.parse_args()
    if arguments.package:
        judge(arguments.package, arguments.ca)
    elif arguments.data_dir:
        maker = Path(__file__).parents[2] / "deploy" / "setup" / "sample-record.py"
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "BENHAN_DATA_DIR": str(arguments.data_dir)}
            made = subprocess.run([sys.executable, maker, folder], env=environment, check=False)
            if check(made.returncode == 0, "a sample record is made and holds"):
                judge(Path(folder) / "ho-so.zip", Path(folder) / "tin-cay" / "ca.pem")
    else:
        parser.error("--package and --ca, or --data-dir of a running demo hospital")
    failed = signatures.tally.failed
    tally.passed, tally.failed = tally.passed + signatures.tally.passed, tally.failed + failed
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
