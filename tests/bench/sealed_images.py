"""Images as the bridge leaves them: sealed, each study with its key in the store, and named by rows of the record."""

import hashlib
import os
import sqlite3
import struct
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC, HEADER, PIECE = b"benhan-sealed/1\n", 128, 64 * 1024
CT, EXPLICIT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"
# Preamble, DICM and a group 0002 with nothing but its version (PS3.10).
GROUP = bytes([2, 0, 1, 0]) + b"OB" + bytes([0, 0]) + struct.pack("<I", 2) + bytes([0, 1])
PART10 = bytes(128) + b"DICM" + bytes([2, 0, 0, 0]) + b"UL" + struct.pack("<HI", 4, len(GROUP)) + GROUP


def wrapped(key, secret, bound_to):
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, secret, bound_to.encode())


class Store:
    def __init__(self, folder):
        self.blobs = folder / "pacs" / "blobs"
        self.master = bytes.fromhex((folder / "secrets" / "records.key").read_text().strip())
        self.keys = sqlite3.connect(folder / "keys" / "records.db")
        self.record = sqlite3.connect(folder / "record.db")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for database in (self.keys, self.record):
            database.commit()
            database.close()

    def begin_study(self, uid):
        self.images, self.key = uuid.uuid4(), os.urandom(32)
        name = f"images:{self.images}"
        kept = wrapped(self.master, self.key, f"benhan/key/1\n{name}")
        self.keys.execute("INSERT INTO record_key (record, wrapped, made_at) VALUES (?, ?, 1)", (name, kept))
        study, self.series = str(uuid.uuid4()), f"{uid}.1"
        self.record.execute(
            "INSERT INTO study (id, study_uid, accession, sent_patient_id, sent_patient_name, sent_birth_date, sent_sex,"
            " study_date, study_time, description, station_ae, received_at, recorded_at)"
            " VALUES (?, ?, '', '', '', '', '', '', '', '', 'CT1', 1, 1)",
            (study, uid),
        )
        self.record.execute(
            "INSERT INTO series (series_uid, study_id, modality, number, description, body_part)"
            " VALUES (?, ?, 'CT', 1, '', '')",
            (self.series, study),
        )

    def keep(self, number, dataset):
        sha256 = hashlib.sha256(dataset).hexdigest()
        secret, plain, pieces = os.urandom(32), PART10 + dataset, []
        cipher, count = AESGCM(secret), -(-len(plain) // PIECE)
        for piece in range(count):
            nonce = (piece << 8 | (piece + 1 == count)).to_bytes(12, "big")
            pieces.append(cipher.encrypt(nonce, plain[piece * PIECE : (piece + 1) * PIECE], b""))
        head = MAGIC + self.images.bytes + wrapped(self.key, secret, f"benhan/file/1\n{self.images}")
        shelf = self.blobs / sha256[:2]
        shelf.mkdir(parents=True, exist_ok=True)
        (shelf / f"{sha256}.dcm").write_bytes(head.ljust(HEADER, b"\0") + b"".join(pieces))
        self.record.execute(
            "INSERT INTO instance (sop_uid, series_uid, sop_class, transfer_syntax, number, frames, sha256, size)"
            " VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
            (f"{self.series}.{number}", self.series, CT, EXPLICIT, number, sha256, len(dataset)),
        )
