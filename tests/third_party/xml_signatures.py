"""xmlsec1, signxml and openssl judge the facility's signature inside an XML file, whole and tampered with."""

import base64
import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from lxml import etree
from signxml import InvalidDigest, InvalidInput, InvalidSignature
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

import signatures

check = signatures.tally.check
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
REFUSALS = (InvalidSignature, InvalidDigest, InvalidInput)


def xmlsec1_accepts(data, ca):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "judged.xml"
        path.write_bytes(data)
        command = ["xmlsec1", "--verify", "--trusted-pem", str(ca)]
        command += ["--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties", str(path)]
        return subprocess.run(command, capture_output=True).returncode == 0


def signxml_accepts(data, signer):
    """The content that signxml finds signed, or None; `signer` is the certificate that it must be by."""
    expected = XAdESSignatureConfiguration(expect_references=2, location="./")
    try:
        content, properties = XAdESVerifier().verify(data, x509_cert=signer, expect_config=expected)
    except REFUSALS:
        return None
    check(properties.signed_xml.tag == XADES + "SignedProperties", "signxml: the properties are signed too")
    return content.signed_xml


def check_file(path, ca):
    data = path.read_bytes()
    check(xmlsec1_accepts(data, ca), f"xmlsec1: {path.name}")
    signature = etree.fromstring(data).find(DS + "Signature")
    if not check(signature is not None, f"{path.name} has a signature below its root"):
        return
    encoded = signature.findtext(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    signer = x509.load_der_x509_certificate(base64.b64decode(encoded))
    signed = signxml_accepts(data, signer)
    check(signed is not None and signed.find(DS + "Signature") is None, f"signxml: {path.name}, all but the signature")
    check_stamp(signature, ca, path.name)

    middle = data.index(b"</", data.index(b">", 200))
    other = data[: middle - 1] + b"7" + data[middle:] if data[middle - 1 : middle] != b"7" else data[: middle - 1] + b"8" + data[middle:]
    time = data.replace(b"<xades:SigningTime>20", b"<xades:SigningTime>19", 1)
    at = data.index(b'Id="gia-tri">') + 30
    value = data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]
    for what, changed in (("text", other), ("signing time", time), ("value", value)):
        check(not xmlsec1_accepts(changed, ca), f"xmlsec1: {path.name} not with another {what}")
        check(signxml_accepts(changed, signer) is None, f"signxml: {path.name} not with another {what}")


def check_stamp(signature, ca, name):
    """The token is over the canonical SignatureValue, as libxml2 canonicalizes it."""
    value = etree.tostring(signature.find(DS + "SignatureValue"), method="c14n", exclusive=True, with_tail=False)
    tokens = [base64.b64decode(token.text) for token in signature.iter(XADES + "EncapsulatedTimeStamp")]
    check(len(tokens) == 1, f"{name} carries a time stamp")
    for token in tokens:
        check(signatures.openssl_accepts_stamp(value, token, ca), f"openssl: the time stamp of {name}")
        check(not signatures.openssl_accepts_stamp(value + b" ", token, ca), f"openssl: the stamp of {name} is of no other value")
    lists = [base64.b64decode(found.text) for found in signature.iter(XADES + "EncapsulatedCRLValue")]
    readable = [x509.load_der_x509_crl(found) for found in lists]
    check(len(readable) >= 2, f"{name} holds the revocation lists of every issuer")
