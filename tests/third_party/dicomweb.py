"""dicomweb-client reads studies, series, instances and frames back, as a viewer that others wrote would.

With --expect DIR every DICOM file under DIR must come back with an identical data set.
"""

import sys
from pathlib import Path

import pydicom
import requests
from dicomweb_client.api import DICOMwebClient
from pydicom.encaps import generate_frames
from pydicom.errors import InvalidDicomError

import hospital


# PS3.18 table 8.7.3-2: a frame as it is stored has the media type of its transfer syntax.
IMAGE_TYPES = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}


def value(attributes, tag):
    """First value of an attribute in DICOM JSON."""
    return attributes[tag]["Value"][0]


def stored_frame(dataset):
    """The first frame as it is stored: one encapsulated frame, or a slice of native pixels."""
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        return next(generate_frames(dataset.PixelData, number_of_frames=frames))
    bits = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * dataset.BitsAllocated
    return dataset.PixelData[: (bits + 7) // 8]


def as_stored(dataset):
    """The media type to ask for so that a frame comes as it is stored."""
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in IMAGE_TYPES:
        return ((IMAGE_TYPES[syntax], str(syntax)),)
    return ("application/octet-stream",)


def frame_agrees(frame, dataset):
    """Byte for byte, but for the padding at the end."""
    return frame.rstrip(b"\0") == stored_frame(dataset).rstrip(b"\0")


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
        frames = client.retrieve_instance_frames(*uids, frame_numbers=[1], media_types=as_stored(dataset))
        tally.check(len(frames) == 1, f"{len(frames)} frames of {instance} came for one asked")
        tally.check(bool(frames) and frame_agrees(frames[0], dataset), f"frame 1 of {instance} differs from what is stored")
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
