"""Invents CT series: 512×512 pixels of 16 bit, explicit little endian, new UIDs each time, in equal parts for so many senders."""

import shutil

import numpy
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

SIDE = 512


def make(folder, count, senders, studies=5):
    """Writes the slices to folder/0 … folder/N-1; the UIDs of the studies."""
    shutil.rmtree(folder, ignore_errors=True)
    for sender in range(senders):
        (folder / str(sender)).mkdir(parents=True)
    noise = numpy.random.default_rng(7)
    body = phantom()
    uids = [(generate_uid(), generate_uid(), generate_uid()) for _ in range(studies)]
    for index in range(count):
        study = index * studies // count
        pixels = body + noise.integers(-12, 13, body.shape, dtype=numpy.int16)
        image(study, index, uids[study], pixels).save_as(folder / str(index % senders) / f"{index:05d}.dcm", enforce_file_format=True)
    return [study for study, _, _ in uids]


def phantom():
    """A round body of water in air, with a denser core: it compresses as a patient would, should anybody compress it."""
    rows, columns = numpy.ogrid[:SIDE, :SIDE]
    radius = numpy.hypot(rows - SIDE / 2, columns - SIDE / 2)
    return numpy.select([radius < 60, radius < 200], [400, 40], -1000).astype(numpy.int16)


def image(study, index, uids, pixels):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.StudyDate, dataset.StudyTime, dataset.Modality = "20261128", "083000", "CT"
    dataset.AccessionNumber, dataset.StudyID = f"BENCH{study}", str(study)
    dataset.PatientName, dataset.PatientID = f"Nguyễn^Văn Ảnh {study}", f"BENCH{study:05d}"
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "O"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = uids
    dataset.SeriesNumber, dataset.InstanceNumber = 1, index + 1
    dataset.ImagePositionPatient, dataset.ImageOrientationPatient = [-158, -179, index], [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing, dataset.SliceThickness = [0.7, 0.7], 1
    dataset.RescaleIntercept, dataset.RescaleSlope = 0, 1
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows = dataset.Columns = SIDE
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.PixelData = pixels.astype("<i2").tobytes()
    return dataset
