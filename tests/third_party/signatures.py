#!/usr/bin/env python3
"""Other people's tools judge our signatures: pyHanko, poppler's pdfsig and openssl.

They must accept what is signed, in the name of the given CA only, and reject it with one byte
flipped. Where a signature carries a time stamp, `openssl ts` must verify that too, and pyHanko must find
all that proves it for long inside the file. Beside a running demo hospital a nurse's signed sheets are
judged, with the signatures over the sets that they embed; or name the files:

    cargo run -p benhan-sign --example sign_sample -- DIR
    signatures.py --ca DIR/ca.pem --pdf DIR/signed.pdf --cms DIR/rsa.json DIR/rsa.json.p7s
    signatures.py --ca DIR/lasting-ca.pem --pdf DIR/lasting.pdf --outlived DIR/outlived.pdf
    signatures.py --ca DIR/answered-ca.pem --pdf DIR/answered.pdf   (proven by OCSP alone)

Needs: pip install pyhanko; apt install poppler-utils openssl qpdf.
"""

import asyncio
import io
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

import hospital

# Sheets of one signer type prove no more than one; RSA and P-256 sign in two wards.
SIGNERS = ["ha", "tuan"]
# Each embedded set is signed the same way; judging some of each sheet is enough.
SETS_OF_A_SHEET = 5

tally = hospital.Tally("signatures")
check = tally.check


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 0x01
    return bytes(changed)


def context(reader, roots):
    """Trusts the roots; revocation must be answered by the lists inside the file alone."""
    settings = {"trust_roots": roots, "allow_fetching": False, "revocation_mode": "require"}
    return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)


def judged_by_pyhanko(data, roots):
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    statuses = []
    for signature in reader.embedded_signatures:
        with_lists = context(reader, roots)
        statuses.append(validate_pdf_signature(signature, with_lists))
    return statuses


def accepted_by_pyhanko(data, roots):
    """True when every signature holds; a file that cannot be read does not hold."""
    try:
        statuses = judged_by_pyhanko(data, roots)
    except Exception:  # pyHanko reports broken files by many kinds of exceptions
        return False
    return bool(statuses) and all(status.bottom_line for status in statuses)


def proven_by_pyhanko(data, roots):
    """What ETSI EN 319 102-1 (5.5, for B-T and B-LT) says of each signature by what the file alone holds."""
    offline = RevocationInfoGatheringSpec(
        online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
        certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
    )
    certificates = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=roots),
        revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO),
    )
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    store = DocumentSecurityStore.read_dss(reader)
    lists = [CRLContainer(CertificateList.load(one.get_object().data)) for one in store.crls]
    answers = [OCSPResponse.load(one.get_object().data) for one in store.ocsps]
    answers = [container for answer in answers for container in OCSPContainer.load_multi(answer)]
    spec = SignatureValidationSpec(
        cert_validation_policy=certificates,
        revinfo_gathering_policy=offline,
        local_knowledge=LocalKnowledge(
            known_crls=lists, known_ocsps=answers, known_certs=list(store.load_certs())
        ),
    )
    results = []
    for signature in reader.embedded_signatures:
        signature.compute_integrity_info()
        judging = ades_with_time_validation(
            signature.signed_data,
            spec,
            raw_digest=signature.compute_digest(),
            extra_status_kwargs=signature.summarise_integrity_info(),
            status_cls=PdfSignatureStatus,
        )
        results.append(asyncio.run(judging))
    return results


def lasts_for_pyhanko(data, roots):
    """True when every signature and its time stamp are proven; a file that cannot be read is not."""
    try:
        results = proven_by_pyhanko(data, roots)
    except Exception:  # as above
        return False
    # Without a time stamp this process does not pass.
    return bool(results) and all(result.ades_subindic == AdESPassed.OK for result in results)


def stamps(data):
    """The time stamps in the file: field, value of the signature that is stamped, token."""
    found = []
    for signature in PdfFileReader(io.BytesIO(data), strict=True).embedded_signatures:
        info = signature.signer_info
        for attribute in info["unsigned_attrs"] or ():
            if attribute["type"].native == "signature_time_stamp_token":
                tokens = [value.dump() for value in attribute["values"]]
                found += [(signature.field_name, info["signature"].native, token) for token in tokens]
    return found


def openssl_accepts_stamp(stamped, token, ca):
    with tempfile.TemporaryDirectory() as folder:
        stamped_path, token_path, chain_path = (Path(folder) / name for name in ("stamped", "token", "chain.pem"))
        stamped_path.write_bytes(stamped)
        token_path.write_bytes(token)
        # openssl takes the certificates between the authority and the root from a file alone.
        command = ["openssl", "pkcs7", "-inform", "DER", "-in", str(token_path), "-print_certs", "-out", str(chain_path)]
        subprocess.run(command, capture_output=True)
        command = ["openssl", "ts", "-verify", "-token_in", "-in", str(token_path), "-data", str(stamped_path)]
        command += ["-CAfile", str(ca), "-untrusted", str(chain_path)]
        return subprocess.run(command, capture_output=True).returncode == 0


def check_stamps(data, roots, ca):
    """Every signature carries a stamp, and is proven by it and by what the file holds."""
    found = stamps(data)
    for field, stamped, token in found:
        check(openssl_accepts_stamp(stamped, token, ca), f"openssl verifies the time stamp of {field}")
        check(not openssl_accepts_stamp(flipped(stamped, 9), token, ca), "openssl: it is of no other signature")
        check(not openssl_accepts_stamp(stamped, flipped(token, len(token) - 10), ca), "openssl: nor with one flipped byte")
        changed = flipped_in_hex(data, token)
        check(not lasts_for_pyhanko(changed, roots), "pyHanko: one flipped byte in the time stamp leaves nothing proven")
    check(lasts_for_pyhanko(data, roots), "pyHanko: every signature is proven for long by what the file holds")
    check(not lasts_for_pyhanko(data, []), "pyHanko: but not without the CA")
    return found


def flipped_in_hex(data, token):
    """The file with one bit of the token's last bytes flipped."""
    written = token.hex().upper().encode()
    at = data.find(written)
    check(at > 0, "the time stamp stands in the file")
    changed = flipped(token, len(token) - 10).hex().upper().encode()
    return data[:at] + changed + data[at + len(written) :]


def pdfsig(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "judged.pdf"
        path.write_bytes(data)
        # A home of its own: whatever certificates the machine trusts must not matter.
        run = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, env={**os.environ, "HOME": folder})
        return run.stdout


def first_signed_content(data):
    """A byte inside the first stream, which every signature covers."""
    start = data.find(b"stream")
    check(start > 0, "the file has a stream to flip a byte in")
    return start + len(b"stream\r\n") + 2


def check_pdf(path, roots, ca):
    data = path.read_bytes()
    stamped = bool(stamps(data))
    statuses = judged_by_pyhanko(data, roots)
    check(statuses, "pyHanko finds signatures")
    for number, status in enumerate(statuses, start=1):
        name = status.signing_cert.subject.native.get("common_name")
        last = number == len(statuses)
        check(status.intact and status.valid, f"pyHanko: signature {number} of «{name}» is intact and valid")
        check(status.trusted, f"pyHanko: signature {number} is trusted, revocation answered from the file")
        check(status.bottom_line, f"pyHanko: signature {number} holds altogether")
        # Evidence comes after the signature that it proves.
        to_the_end = last and not stamped
        coverage = SignatureCoverageLevel.ENTIRE_FILE if to_the_end else SignatureCoverageLevel.ENTIRE_REVISION
        check(status.coverage == coverage, f"pyHanko: signature {number} covers {coverage.name}")
        if not to_the_end:
            level, most = status.modification_level, ModificationLevel.FORM_FILLING
            most = ModificationLevel.LTA_UPDATES if last else most
            check(level <= most, f"pyHanko: later changes to signature {number} are {level.name} only")
        if stamped:
            stamp = status.timestamp_validity
            check(stamp and stamp.intact and stamp.valid and stamp.trusted, f"pyHanko: time stamp {number} is trusted")
    check(not any(s.trusted for s in judged_by_pyhanko(data, [])), "pyHanko: without the CA nothing is trusted")

    told = pdfsig(data)
    check(told.count("Signature is Valid") == len(statuses), f"pdfsig: {len(statuses)} × «Signature is Valid»")
    check(stamped or "Total document signed" in told, "pdfsig: the last signature covers the whole file")

    changed = flipped(data, first_signed_content(data))
    check(not accepted_by_pyhanko(changed, roots), "pyHanko rejects one flipped byte of the content")
    told = pdfsig(changed)
    check(told.count("Digest Mismatch") == len(statuses), "pdfsig: one flipped byte is a «Digest Mismatch» for each")
    check("Signature is Valid" not in told, "pdfsig: none of them stays valid")
    changed = flipped(data, len(data) - 20)
    check(not accepted_by_pyhanko(changed, roots), "pyHanko rejects one flipped byte near the end")
    if stamped:
        check(len(check_stamps(data, roots, ca)) == len(statuses), "every signature has its time stamp")
    qpdf = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True)
    check(qpdf.returncode == 0, "qpdf finds no error in the structure")


def check_outlived(path, roots, ca):
    """Signed by a certificate that has ended since: today's clock refuses it, the time stamp does not."""
    data = path.read_bytes()
    check(not accepted_by_pyhanko(data, roots), "pyHanko: by today's clock the certificate has ended")
    check(check_stamps(data, roots, ca), "it carries a time stamp")


def openssl_accepts(content, signature, ca):
    with tempfile.TemporaryDirectory() as folder:
        content_path, signature_path = Path(folder) / "content", Path(folder) / "signature"
        content_path.write_bytes(content)
        signature_path.write_bytes(signature)
        command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(signature_path)]
        command += ["-content", str(content_path), "-CAfile", str(ca), "-crl_check_all", "-out", "/dev/null"]
        return subprocess.run(command, capture_output=True).returncode == 0


def check_cms(content_path, signature_path, ca):
    content, signature = content_path.read_bytes(), signature_path.read_bytes()
    check(openssl_accepts(content, signature, ca), "openssl verifies it, certificates checked against the lists inside")
    middle = len(content) // 2
    check(not openssl_accepts(flipped(content, middle), signature, ca), "openssl rejects one flipped byte of the content")
    check(not openssl_accepts(content, flipped(signature, len(signature) - 10), ca), "openssl rejects one flipped byte of the signature")


def embedded(path, folder):
    """The files inside a sheet as poppler takes them out: pairs of signed bytes and their detached signature."""
    subprocess.run(["pdfdetach", "-saveall", "-o", str(folder), str(path)], check=True, capture_output=True)
    return [(content, content.with_name(content.name + ".p7s")) for content in sorted(folder.glob("*.json"))]


def signed_sheets(data_dir, username, folder):
    """Every sheet with a PDF on the ward of this person, by the first that has one."""
    user = next(user for user in hospital.card(data_dir)["users"] if user["username"] == username)
    url = f"https://localhost:{hospital.port(data_dir, 'https')}"
    session = hospital.log_in(url, data_dir / "tls" / "ca.pem", username, user["password"])

    def ask(path):
        answer = session.get(f"{url}{path}", timeout=120)
        answer.raise_for_status()
        return answer

    ward = ask("/api/v1/auth/session").json()["wards"][0]["id"]
    for bed in ask(f"/api/v1/wards/{ward}/board").json()["beds"]:
        for occupant in bed["occupants"]:
            sheets = ask(f"/api/v1/encounters/{occupant['encounterId']}/documents").json()
            found = [sheet["pdfUrl"] for sheet in sheets if sheet["pdfUrl"]]
            if found:
                path = folder / f"{username}.pdf"
                path.write_bytes(ask(found[0]).content)
                return path
    return None


def judge_demo(data_dir):
    ca = Path(hospital.card(data_dir)["signingCa"])
    roots = list(load_certs_from_pemder([str(ca)]))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for username in SIGNERS:
            sheet = signed_sheets(data_dir, username, folder)
            if not check(sheet, f"a sheet signed on the ward of {username}"):
                continue
            check(stamps(sheet.read_bytes()), f"the sheet of {username} carries a time stamp")
            check_pdf(sheet, roots, ca)
            inside = folder / username
            inside.mkdir()
            pairs = embedded(sheet, inside)
            check(pairs, f"the sheet of {username} embeds the sets that it shows")
            signed = [pair for pair in pairs if pair[1].exists()]
            check(signed, f"the sheet of {username} embeds their signatures")
            for content, signature in signed[-SETS_OF_A_SHEET:]:
                check_cms(content, signature, ca)


def main():
    parser = hospital.arguments(__doc__)
    parser.add_argument("--ca", type=Path, help="the trusted root, PEM")
    parser.add_argument("--pdf", type=Path, action="append", default=[], help="a signed PDF")
    parser.add_argument("--outlived", type=Path, action="append", default=[], help="one whose certificate has ended")
    parser.add_argument("--cms", type=Path, nargs=2, action="append", default=[], metavar=("CONTENT", "SIGNATURE"))
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # pyHanko logs the failures that are provoked on purpose
    if arguments.ca:
        roots = list(load_certs_from_pemder([str(arguments.ca)]))
        for path in arguments.pdf:
            check_pdf(path, roots, arguments.ca)
        for path in arguments.outlived:
            check_outlived(path, roots, arguments.ca)
        for content, signature in arguments.cms:
            check_cms(content, signature, arguments.ca)
    elif arguments.data_dir:
        judge_demo(arguments.data_dir)
    else:
        parser.error("--ca with files, or --data-dir of a running demo hospital")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
