"""Reads an image as the bridge keeps it, by the description of the format and with another library's AES alone."""

import sqlite3
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC, HEADER = b"benhan-sealed/1\n", 128
NONCE, KEY, TAG, PIECE = 12, 32, 16, 64 * 1024


def opened(path, data_dir):
    """The bytes of the DICOM file that is sealed in `path`, with the keys of this data folder."""
    sealed = Path(path).read_bytes()
    if not sealed.startswith(MAGIC):
        raise ValueError("not a sealed file")
    images = str(uuid.UUID(bytes=sealed[16:32]))
    wrapped = sealed[32 : 32 + NONCE + KEY + TAG]
    file_key = AESGCM(unwrap(key_of_images(images, data_dir), wrapped, f"benhan/file/1\n{images}"))
    body, plain = sealed[HEADER:], []
    pieces = [body[at : at + PIECE + TAG] for at in range(0, len(body), PIECE + TAG)]
    for number, piece in enumerate(pieces):
        nonce = (number << 8 | (number + 1 == len(pieces))).to_bytes(NONCE, "big")
        plain.append(file_key.decrypt(nonce, piece, b""))
    return b"".join(plain)


def key_of_images(images, data_dir):
    master = bytes.fromhex((Path(data_dir) / "secrets/records.key").read_text().strip())
    store = sqlite3.connect(f"file:{Path(data_dir) / 'keys/records.db'}?mode=ro", uri=True)
    name = f"images:{images}"
    (wrapped,) = store.execute("SELECT wrapped FROM record_key WHERE record = ?", (name,)).fetchone()
    store.close()
    return unwrap(master, wrapped, f"benhan/key/1\n{name}")


def unwrap(key, wrapped, bound_to):
    return AESGCM(key).decrypt(wrapped[:NONCE], wrapped[NONCE:], bound_to.encode())
