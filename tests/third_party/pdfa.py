"""What PDF/A-3b (ISO 19005-3) demands and a machine can look up, read by pyHanko's reader and not by ours.

No validator by others can be had from Debian 12 or PyPI: veraPDF is a Java program from its own site. Whoever has it runs
`verapdf --flavour 3b` over the sheets of `make sample-record`; here are the clauses that break in practice.
"""

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

#: 6.5.1: actions that make a file depend on something else, or do something when it is opened.
FORBIDDEN_ACTIONS = {
    "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState", "/Rendition", "/Trans",
    "/GoTo3DView", "/JavaScript",
}
#: 6.3.1
FORBIDDEN_ANNOTATIONS = {"/3D", "/Sound", "/Screen", "/Movie"}


def at(of, name, otherwise=None):
    """What stands under the name, wherever it lies."""
    return of[name] if name in of else otherwise


def items(of, name):
    """The list under the name."""
    listed = at(of, name, [])
    return [listed[place] for place in range(len(listed))]


def flaws(data: bytes) -> list[str]:
    """What speaks against the file; empty when nothing does."""
    reader = PdfFileReader(io.BytesIO(data))
    found = []
    if reader.encrypted or "/Encrypt" in reader.trailer:
        found.append("6.1.3: encrypted")
    if "/ID" not in reader.trailer:
        found.append("6.1.3: no file identifier")
    root = reader.root
    found += metadata(root)
    found += output_intent(root)
    if "/AA" in root:
        found.append("6.5.2: the catalogue acts by itself")
    if "/AcroForm" in root and at(root["/AcroForm"], "/NeedAppearances", False):
        found.append("6.4.1: viewers are asked to draw the fields")
    if "/AcroForm" in root and "/XFA" in root["/AcroForm"]:
        found.append("6.4.2: an XFA form")
    for of in everything(reader):
        found += object_flaws(of)
    found += attachments(root)
    return sorted(set(found))


def metadata(root):
    if "/Metadata" not in root:
        return ["6.6.2.1: no XMP"]
    stream = root["/Metadata"]
    found = [] if "/Filter" not in stream else ["6.6.2.1: the XMP is packed"]
    text = stream.data.decode("utf-8", "replace")
    if "<pdfaid:part>3<" not in text or "<pdfaid:conformance>B<" not in text:
        found.append("6.6.4: the XMP does not say PDF/A-3b")
    return found


def output_intent(root):
    intents = items(root, "/OutputIntents")
    ours = [i for i in intents if at(i, "/S") == "/GTS_PDFA1"]
    if len(ours) != 1:
        return ["6.2.3: not one output intent for PDF/A"]
    profile = at(ours[0], "/DestOutputProfile")
    if profile is None or profile.data[36:40] != b"acsp":
        return ["6.2.3: no ICC profile in the output intent"]
    return []


def everything(reader):
    """Every dictionary and stream that the catalogue leads to."""
    seen = set()
    waiting = [reader.root]
    while waiting:
        of = waiting.pop()
        if isinstance(of, generic.IndirectObject):
            key = (of.idnum, of.generation)
            if key in seen:
                continue
            seen.add(key)
            of = of.get_object()
        if isinstance(of, generic.DictionaryObject):
            yield of
            waiting += [of.raw_get(key) for key in of]
        elif isinstance(of, generic.ArrayObject):
            waiting += [of.raw_get(place) for place in range(len(of))]


def object_flaws(of):
    found = []
    kind, sub = at(of, "/Type"), at(of, "/Subtype")
    if isinstance(of, generic.StreamObject):
        filters = at(of, "/Filter", [])
        filters = [filters] if isinstance(filters, generic.NameObject) else list(filters)
        if "/LZWDecode" in filters or "/Crypt" in filters:
            found.append("6.1.7.2: packed by LZW or encrypted")
        if any(name in of for name in ("/F", "/FFilter", "/FDecodeParms")):
            found.append("6.1.7.1: a stream that lies elsewhere")
        if sub == "/Image" and (at(of, "/Alternates") or at(of, "/OPI") or at(of, "/Interpolate", False)):
            found.append("6.2.8: an image with alternates, OPI or interpolation")
        if sub == "/PS":
            found.append("6.2.9: a PostScript object")
    if kind == "/Font" and sub in ("/Type1", "/TrueType", "/CIDFontType0", "/CIDFontType2"):
        about = at(of, "/FontDescriptor", {})
        if not any(name in about for name in ("/FontFile", "/FontFile2", "/FontFile3")):
            found.append(f"6.2.11.4: {at(of, '/BaseFont')} is not inside")
    if at(of, "/S") in FORBIDDEN_ACTIONS:
        found.append(f"6.5.1: the action {at(of, '/S')}")
    if kind == "/Annot" or "/Rect" in of and sub is not None:
        if sub in FORBIDDEN_ANNOTATIONS:
            found.append(f"6.3.1: an annotation {sub}")
        if sub not in ("/Popup", "/Link") and not int(at(of, "/F", 0)) & 4:
            found.append(f"6.3.2: an annotation {sub} that is not printed")
        if "/A" in of and sub == "/Widget" or "/AA" in of:
            found.append("6.4.1: a field that acts")
    return found


def attachments(root):
    """6.8: each says how it belongs to the sheet, and what it is."""
    found = []
    for of in items(root, "/AF"):
        if at(of, "/AFRelationship") is None or "/UF" not in of or "/F" not in of:
            found.append("6.8: an attachment without its relationship or name")
        if at(of["/EF"]["/F"], "/Subtype") is None:
            found.append("6.8: an attachment without its media type")
    return found
