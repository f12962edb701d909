"""dicomweb-client reads studies, series, instances and frames back, as a viewer that others wrote would.

With --expect DIR every DICOM file under DIR must come back with an identical data set.
"""

import sys
import warnings
from pathlib import Path

import numpy
import pydicom
import requests
from dicomweb_client.api import DICOMwebClient
from pydicom.errors import InvalidDicomError
from pydicom.uid import JPEG2000Lossless

import hospital

warnings.filterwarnings("ignore")  # pydicom's samples are odd on purpose

# Decoders round differently.
LOSSY = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 81, 91)}


def value(attributes, tag):
    """First value of an attribute in DICOM JSON."""
    return attributes[tag]["Value"][0]


def first_frame(dataset):
    """Its pixels as PS3.18 wants them uncompressed (little endian); None where pydicom has no decoder here."""
    try:
        frame = dataset.pixel_array
        frame = frame[0] if int(dataset.get("NumberOfFrames", 1) or 1) > 1 else frame
    except Exception:  # pydicom has a kind of exception for each reason
        return None
    if dataset.BitsAllocated == 1:
        return numpy.packbits(frame.astype(numpy.uint8).ravel(), bitorder="little").tobytes()
    return frame.astype(frame.dtype.newbyteorder("<")).tobytes()


def same_pixels(frame, wanted, dataset):
    """To the byte; where a J2K codestream and its header disagree on the sign (one sample's do), to the stored bits."""
    if frame == wanted or dataset.file_meta.TransferSyntaxUID != JPEG2000Lossless or dataset.BitsAllocated != 16:
        return frame == wanted
    bits = (1 << dataset.BitsStored) - 1
    return len(frame) == len(wanted) and numpy.array_equal(
        numpy.frombuffer(frame, "<u2") & bits, numpy.frombuffer(wanted, "<u2") & bits
    )


def read_frame(client, uids, dataset, tally):
    """Frame 1 has the pixels that pydicom sees in the instance, or is refused in words."""
    name = uids[2]
    try:
        frames = client.retrieve_instance_frames(*uids, frame_numbers=[1], media_types=("application/octet-stream",))
    except requests.HTTPError as refused:
        told = refused.response.headers.get("content-type", "").startswith("application/problem+json")
        status = refused.response.status_code
        tally.check(status in (406, 415) and told, f"frame 1 of {name} was refused with {status} and no reason")
        return
    if not tally.check(len(frames) == 1, f"{len(frames)} frames of {name} came for one asked"):
        return
    wanted = first_frame(dataset)
    if wanted is None or dataset.file_meta.TransferSyntaxUID in LOSSY or "422" in dataset.PhotometricInterpretation:
        tally.check(len(frames[0]) > 0, f"frame 1 of {name} is empty")
    else:
        tally.check(same_pixels(frames[0], wanted, dataset), f"frame 1 of {name} has other pixels than its instance")


def read_instance(client, uids, tally):
    """One instance by all its ways; the data set, or None where it did not come."""
    study, series, instance = uids
    metadata = client.retrieve_instance_metadata(*uids)
    tally.check(value(metadata, "00080018") == instance, f"metadata of {instance} names another instance")
    dataset = client.retrieve_instance(*uids)
    tally.check(dataset.SOPInstanceUID == instance, f"{instance} came back as {dataset.SOPInstanceUID}")
    tally.check(dataset.SeriesInstanceUID == series, f"{instance} came back in another series")
    tally.check(dataset.StudyInstanceUID == study, f"{instance} came back in another study")
    if "PixelData" in dataset:
        read_frame(client, uids, dataset, tally)
    return dataset


def walk(client, limit, tally):
    """Every study down to `limit` instances a series; data sets by SOP Instance UID."""
    found = {}
    studies = client.search_for_studies(limit=100)
    tally.check(bool(studies), "the archive shows no study")
    for study in (value(item, "0020000D") for item in studies):
        series_of_study = client.search_for_series(study)
        tally.check(bool(series_of_study), f"study {study} shows no series")
        for series in (value(item, "0020000E") for item in series_of_study):
            instances = client.search_for_instances(study, series)
            tally.check(bool(instances), f"series {series} shows no instance")
            for instance in [value(item, "00080018") for item in instances][:limit]:
                found[instance] = read_instance(client, (study, series, instance), tally)
    return found


def meaning(dataset):
    """The data set without its trailing padding, which PS3.10 gives no meaning and senders leave out."""
    dataset.pop(pydicom.tag.Tag(0xFFFC, 0xFFFC), None)
    return dataset


def compare(client, folder, found, tally):
    """Every DICOM file under `folder` must come back identical."""
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        try:
            sent = pydicom.dcmread(path)
        except InvalidDicomError:
            continue
        uids = (sent.StudyInstanceUID, sent.SeriesInstanceUID, sent.SOPInstanceUID)
        back = found.get(uids[2]) or read_instance(client, uids, tally)
        same_syntax = back.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
        tally.check(same_syntax, f"{path.name} came back as {back.file_meta.TransferSyntaxUID.name}")
        tally.check(meaning(back) == meaning(sent), f"{path.name} came back with another data set")


def main():
    parser = hospital.arguments(__doc__)
    parser.add_argument("--url", help="default: https://localhost and the https port of ports.json")
    parser.add_argument("--path", default="/dicom-web", help="where DICOMweb begins")
    parser.add_argument("--ca", type=Path, help="TLS certificate authority; default: tls/ca.pem of the data directory")
    parser.add_argument("--user", help="default: the radiologist of demo.json")
    parser.add_argument("--password")
    parser.add_argument("--expect", type=Path, help="folder of DICOM files that must come back identical")
    parser.add_argument("--limit", type=int, default=10, help="instances to read of each series")
    args = parser.parse_args()
    if args.data_dir:
        args.url = args.url or f"https://localhost:{hospital.port(args.data_dir, 'https')}"
        args.ca = args.ca or args.data_dir / "tls" / "ca.pem"
        if not args.user:
            args.user, args.password = hospital.login(args.data_dir, "radiologist")

    tally = hospital.Tally("dicomweb-client")
    try:
        session = hospital.log_in(args.url, args.ca, args.user, args.password)
        client = DICOMwebClient(args.url + args.path, session=session)
        found = walk(client, args.limit, tally)
        if args.expect:
            compare(client, args.expect, found, tally)
    except requests.RequestException as error:
        tally.check(False, f"the server did not answer as it should: {error}")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
