#!/usr/bin/env python3
"""Judge the PACS bridge with pydicom, pynetdicom and dcmtk.

Beside a running demo hospital it needs no arguments.

Sends every sample file that pydicom carries, byte for byte as it lies in the file (pynetdicom), and once
more with dcmtk's storescu; then checks that

  1. each stored dataset is identical to the one sent, to the byte, over PIXELS_URL and in DATA_DIR, where it is sealed
     and opened here with another AES;
  2. each header read back as DICOM JSON has the values that pydicom reads from the file;
  3. frames of native, RLE and deflated images are the pixels that numpy sees; other compressed ones are
     compared with pylibjpeg where it is installed;
  4. each rendered image is a JPEG of the right size, or the refusal says why;
  5. C-ECHO and the worklist answer pynetdicom and dcmtk's echoscu and findscu.

Exits 1 when anything differs. Needs: pydicom, pynetdicom, numpy; pylibjpeg with its plug-ins is optional.
"""
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import warnings
from pathlib import Path

import numpy
import pydicom
from pydicom.dataset import Dataset
from pynetdicom import AE, _config
from pynetdicom.sop_class import ModalityWorklistInformationFind, Verification

import hospital
import sealed_image

warnings.filterwarnings("ignore")
_config.STORE_SEND_CHUNKED_DATASET = True

# What the standard's answer to a sample is, where it is not success, and why.
EXPECTED = {
    "MR_truncated.dcm": (0xC000, "its pixel data is cut off"),
    "rtplan_truncated.dcm": (0xC000, "it is cut off inside a sequence"),
    "UN_sequence.dcm": (0xC000, "it has no SOP class UID"),
    "no_meta_group_length.dcm": (0xC000, "it has no SOP class UID"),
    "priv_SQ.dcm": (0xC000, "it has no SOP class UID"),
}
# The codestream says signed where the header says unsigned; pydicom mends it, the bridge shows what was sent.
MENDED_BY_PYDICOM = {"J2K_pixelrep_mismatch.dcm"}
STORESCU_OPTION = {
    "1.2.840.10008.1.2": "-xi",
    "1.2.840.10008.1.2.1": "-xe",
    "1.2.840.10008.1.2.2": "-xb",
    "1.2.840.10008.1.2.1.99": "-xd",
    "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.51": "-xx",
    "1.2.840.10008.1.2.4.70": "-xs",
    "1.2.840.10008.1.2.4.80": "-xt",
    "1.2.840.10008.1.2.4.81": "-xu",
    "1.2.840.10008.1.2.4.90": "-xv",
    "1.2.840.10008.1.2.4.91": "-xw",
    "1.2.840.10008.1.2.5": "-xr",
}


class Judge:
    def __init__(self, arguments):
        self.at = arguments
        self.checked = {}
        self.failures = []

    def passed(self, what):
        self.checked[what] = self.checked.get(what, 0) + 1

    def failed(self, what, name, why):
        self.failures.append(f"{what}: {name}: {why}")

    def get(self, path):
        request = urllib.request.Request(self.at.pixels + path)
        request.add_header("Authorization", "Bearer " + self.at.token)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def associate(self, *contexts):
        entity = AE(ae_title=self.at.calling)
        for context in contexts:
            entity.add_requested_context(*context)
        return entity.associate(self.at.host, self.at.port, ae_title=self.at.called)

    # -- storing -----------------------------------------------------------------------------------

    def store(self, path):
        """Sends one file as it is; answers its dataset's hash and the status, or nothing to send."""
        name = os.path.basename(path)
        try:
            with open(path, "rb") as file:
                header = pydicom.dcmread(file, stop_before_pixels=True)
            meta = header.file_meta
            sop_class, syntax = meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID
            # The command's UIDs come from the file's header: where they are not the dataset's, A900 is right.
            same = str(meta.MediaStorageSOPInstanceUID) == str(header.get("SOPInstanceUID", "")) and str(
                sop_class
            ) == str(header.get("SOPClassUID", ""))
        except Exception:
            return None
        if not str(sop_class).startswith("1.2.840.10008.5.1.4.1.1."):
            return None
        dataset = dataset_bytes(path)
        association = self.associate((sop_class, syntax))
        if not association.is_established:
            self.failed("store", name, "no association")
            return None
        answer = association.send_c_store(Path(path))
        association.release()
        status = answer.get("Status")
        digest = hashlib.sha256(dataset).hexdigest()
        stored = Path(self.at.library, "blobs", digest[:2], digest + ".dcm")
        expected = EXPECTED.get(name, (0x0000, ""))[0]
        if expected == 0 and not same:
            expected = 0xA900
        if status == expected and status != 0:
            self.passed("refused as the standard says")
            return None
        if status not in (0x0000, 0xB000):
            self.failed("store", name, f"status {status:04X}")
            return None
        if not stored.exists() or part10_dataset(sealed_image.opened(stored, self.at.data_dir)) != dataset:
            self.failed("store", name, "the stored dataset is another")
            return None
        if dataset[:64] in stored.read_bytes():
            self.failed("store", name, "the stored dataset can be read without a key")
            return None
        self.passed("stored datasets sealed, and identical to the byte when they are opened")
        if status == 0xB000:
            self.passed("kept apart for a person (B000)")
            return None
        return str(header.SOPInstanceUID)

    # -- reading back --------------------------------------------------------------------------------

    def read_back(self, path, uid):
        name = os.path.basename(path)
        status, body = self.get(f"/instances/{uid}")
        if status != 200 or part10_dataset(body) != dataset_bytes(path):
            self.failed("instance", name, f"HTTP {status} or other bytes")
            return
        self.passed("instances served identical")
        try:
            original = pydicom.dcmread(path)
        except Exception:
            return
        self.header(name, uid, original)
        if "PixelData" in original:
            self.frames(name, uid, original)
            self.rendered(name, uid, original)

    def header(self, name, uid, original):
        status, body = self.get(f"/instances/{uid}/metadata")
        if status != 200:
            self.failed("metadata", name, f"HTTP {status} {body[:200]}")
            return
        try:
            served = Dataset.from_json(json.loads(body)[0])
        except ValueError as cause:
            self.failed("metadata", name, f"pydicom does not read it: {cause}")
            return
        for keyword in (
            "PatientName PatientID StudyInstanceUID SeriesInstanceUID SOPInstanceUID Modality StudyDate Rows "
            "Columns BitsAllocated PixelSpacing WindowCenter ImagePositionPatient SliceThickness"
        ).split():
            if keyword not in original or original[keyword].VR == "UN":
                continue
            wanted, got = original.get(keyword), served.get(keyword)
            if empty(wanted) and empty(got):
                continue
            if str(wanted) != str(got) and numbers(wanted) != numbers(got):
                self.failed("metadata", name, f"{keyword}: {got!r} for {wanted!r}")
                return
        self.passed("headers as DICOM JSON")

    def frames(self, name, uid, original):
        status, body = self.get(f"/instances/{uid}/frames/1")
        syntax = original.file_meta.TransferSyntaxUID
        if status != 200:
            reason = json.loads(body).get("title", "")
            self.passed(f"frame refused with a reason ({reason})" if status == 415 and reason else "frame refused")
            if status != 415 or not reason:
                self.failed("frame", name, f"HTTP {status}")
            return
        try:
            frame = original.pixel_array
        except Exception:
            self.passed("frames served that pydicom cannot decode here")
            return
        if int(original.get("NumberOfFrames", 1) or 1) > 1:
            frame = frame[0]
        if original.BitsAllocated == 1:
            wanted = numpy.packbits(frame.astype(numpy.uint8).ravel(), bitorder="little").tobytes()
        else:
            wanted = frame.astype(frame.dtype.newbyteorder("<")).tobytes()
        colour = original.get("SamplesPerPixel", 1) == 3
        if colour and not syntax.is_compressed and "422" in str(original.get("PhotometricInterpretation")):
            self.passed("frames of 4:2:2 served as they are")
        elif body == wanted:
            self.passed("frames identical")
        elif name in MENDED_BY_PYDICOM and len(body) == len(wanted):
            self.passed("frames that pydicom mends")
        elif lossy(syntax) and len(body) == len(wanted) and near(body, wanted, frame.dtype, colour):
            self.passed("lossy frames within rounding of another decoder")
        else:
            self.failed("frame", name, f"{syntax.name}: {len(body)} bytes for {len(wanted)}, or other pixels")

    def rendered(self, name, uid, original):
        status, body = self.get(f"/instances/{uid}/rendered")
        if status == 200 and body[:2] == b"\xff\xd8":
            self.passed("rendered as JPEG")
        elif status == 415:
            self.passed("rendering refused with a reason")
        else:
            self.failed("rendered", name, f"HTTP {status}")

    # -- other tools -----------------------------------------------------------------------------------

    def storescu(self, path):
        """dcmtk writes the dataset anew, so values are compared, and pixels to the byte."""
        name = os.path.basename(path)
        try:
            original = pydicom.dcmread(path)
            option = STORESCU_OPTION[str(original.file_meta.TransferSyntaxUID)]
            pixels = original.get("PixelData")
        except Exception:
            return
        if not all(key in original for key in ("SOPInstanceUID", "StudyInstanceUID", "PixelData")):
            return
        with tempfile.TemporaryDirectory() as folder:
            # A UID of its own, so that it is no repeat of what was sent before.
            original.SOPInstanceUID = original.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.generate_uid()
            copy = os.path.join(folder, "copy.dcm")
            try:
                original.save_as(copy)
            except Exception:
                return
            peer = ["-aet", self.at.calling, "-aec", self.at.called, self.at.host, str(self.at.port)]
            ran = subprocess.run(["/usr/bin/storescu", "-R", option, *peer, copy], capture_output=True, text=True)
        if ran.returncode != 0:
            own = any(text in ran.stderr for text in ("Bad DICOM", "missing SOP class"))
            if own:
                self.passed("samples that dcmtk itself does not read")
            else:
                self.failed("storescu", name, ran.stderr.strip()[-200:])
            return
        status, body = self.get(f"/instances/{original.SOPInstanceUID}")
        if status == 404:
            self.passed("storescu: kept apart for a person")
            return
        served = pydicom.dcmread(pydicom.filebase.DicomBytesIO(body))
        if served.get("PixelData") != pixels or str(served.get("PatientName")) != str(original.get("PatientName")):
            self.failed("storescu", name, "other pixels or another patient")
            return
        self.passed("storescu: pixels identical")
        self.frames(name, original.SOPInstanceUID, original)
        self.rendered(name, original.SOPInstanceUID, original)

    def worklist(self):
        association = self.associate((Verification,), (ModalityWorklistInformationFind,))
        if not association.is_established or association.send_c_echo().Status != 0:
            self.failed("echo", "pynetdicom", "no answer")
            return
        self.passed("C-ECHO by pynetdicom")
        query = Dataset()
        query.PatientName = "*"
        query.AccessionNumber = query.PatientID = ""
        step = Dataset()
        step.Modality = step.ScheduledStationAETitle = step.ScheduledProcedureStepStartDate = ""
        query.ScheduledProcedureStepSequence = [step]
        statuses = [status.Status for status, _ in association.send_c_find(query, ModalityWorklistInformationFind)]
        association.release()
        if statuses[-1:] == [0x0000] and all(status == 0xFF00 for status in statuses[:-1]):
            self.passed("worklist query by pynetdicom")
        else:
            self.failed("worklist", "pynetdicom", statuses)

    def dcmtk(self):
        """Debian's, by their full path: pynetdicom brings programs of the same names."""
        peer = ["-aet", self.at.calling, "-aec", self.at.called, self.at.host, str(self.at.port)]
        ran = subprocess.run(["/usr/bin/echoscu", *peer], capture_output=True, text=True)
        self.passed("C-ECHO by echoscu") if ran.returncode == 0 else self.failed("echoscu", "", ran.stderr[-200:])
        keys = ["PatientName", "PatientID", "AccessionNumber", "ScheduledProcedureStepSequence[0].Modality"]
        asked = [word for key in keys for word in ("-k", key)]
        ran = subprocess.run(["/usr/bin/findscu", "-v", "-W", *peer, *asked], capture_output=True, text=True)
        said = ran.stdout + ran.stderr
        answers = said.count("(0008,0050) SH [")
        if ran.returncode == 0 and "Received Final Find Response (Success)" in said:
            self.passed(f"worklist query by findscu ({answers} orders)" if answers else "worklist query by findscu")
        else:
            self.failed("findscu", "", said[-300:])


def part10_dataset(whole):
    """The bytes behind the file's own header."""
    if whole[128:132] != b"DICM":
        return whole
    length = int.from_bytes(whole[140:144], "little")
    return whole[144 + length :]


def dataset_bytes(path):
    """What pynetdicom sends: everything behind the group 0002 of the file."""
    whole = Path(path).read_bytes()
    if whole[128:132] == b"DICM" and whole[132:136] == b"\x02\x00\x00\x00":
        return part10_dataset(whole)
    with open(path, "rb") as file:
        pydicom.filereader.read_preamble(file, True)
        pydicom.filereader._read_file_meta_info(file)
        return file.read()


def empty(value):
    return value is None or str(value) in ("", "None", "[]")


def numbers(value):
    try:
        return [float(part) for part in (value if hasattr(value, "__iter__") and not isinstance(value, str) else [value])]
    except (TypeError, ValueError):
        return value


def lossy(syntax):
    return str(syntax) in (
        "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91",
        "1.2.840.10008.1.2.4.90",
    )


def near(body, wanted, dtype, colour):
    """Decoders round differently, and one hands out RGB where the other keeps YBR: then only the size is compared."""
    if colour:
        return True
    difference = numpy.frombuffer(body, dtype).astype(int) - numpy.frombuffer(wanted, dtype).astype(int)
    return bool(numpy.abs(difference).max() <= 2)


def main():
    parser = hospital.arguments("Judge the PACS bridge with tools that others wrote.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="default: dicom of ports.json")
    parser.add_argument("--library", type=Path, help="the bridge's folder; default: pacs of the data directory")
    parser.add_argument("--pixels", help="address of the bridge's pixel service; default: pixels of ports.json")
    parser.add_argument("--token", help="its bearer token; default: secrets/pixels.token")
    parser.add_argument("--calling", default="CT_DEMO")
    parser.add_argument("--called", default="BENHAN")
    at = parser.parse_args()
    if at.data_dir:
        at.port = at.port or hospital.port(at.data_dir, "dicom")
        at.library = at.library or at.data_dir / "pacs"
        at.pixels = at.pixels or f"http://127.0.0.1:{hospital.port(at.data_dir, 'pixels')}"
        at.token = at.token or (at.data_dir / "secrets" / "pixels.token").read_text().strip()
    judge = Judge(at)
    folder = Path(pydicom.data.__file__).parent / "test_files"
    samples = sorted(glob.glob(str(folder / "**" / "*.dcm"), recursive=True))
    for path in samples:
        uid = judge.store(path)
        if uid:
            judge.read_back(path, uid)
    for path in samples:
        judge.storescu(path)
    judge.worklist()
    judge.dcmtk()
    print(f"{len(samples)} sample files")
    for what, count in sorted(judge.checked.items()):
        print(f"{count:5} {what}")
    for what in ("stored datasets sealed, and identical to the byte when they are opened", "frames identical", "storescu: pixels identical"):
        if not judge.checked.get(what):
            judge.failed("nothing", what, "not one sample came so far")
    for failure in judge.failures:
        print("dicom: FAILED:", failure)
    print(f"dicom: {sum(judge.checked.values())} passed, {len(judge.failures)} failed")
    return 1 if judge.failures else 0


if __name__ == "__main__":
    sys.exit(main())
