#!/usr/bin/env python3
"""A store by others, moto, takes our backups, and boto3 reads what we put. Not part of `make third-party`, because moto
brings half a hundred packages; whoever has `pip install moto[s3,server]` runs it:

    BENHAN_BIN=target/debug/benhan python tests/third_party/s3.py
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

import hospital

BUCKET, PREFIX = "kho-benh-an", "noi-1/sao-luu"
PLACE = f"s3://{BUCKET}/{PREFIX}"
tally = hospital.Tally("s3")
check = tally.check


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    url = "http://%s:%s" % server.get_host_and_port()
    keys = {"aws_access_key_id": "AK", "aws_secret_access_key": "SK", "region_name": "us-east-1"}
    s3 = boto3.client("s3", endpoint_url=url, **keys)
    environment = {**os.environ, "BENHAN_S3_ENDPOINT": url, "BENHAN_S3_ACCESS_KEY": "AK", "BENHAN_S3_SECRET_KEY": "SK"}
    binary = Path(os.environ.get("BENHAN_BIN", "target/debug/benhan")).resolve()

    def benhan(*arguments):
        ended = subprocess.run([binary, *arguments], env=environment, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data, target, again = (folder / name for name in ("data", "backup", "again"))
        target.mkdir()
        (folder / "initial").write_text("mat khau ban dau 1")
        code, said = benhan(
            *["init", "--data-dir", data, "--code", "33001", "--name", "BV", "--authority", "Sở", "--ward", "NOI=Nội:4"],
            *["--admin-name", "Bình", "--backup-target", target, "--password-file", folder / "initial"],
        )
        check(code == 0, f"a hospital: {said}")
        shelf = data / "pacs/blobs/ab"
        shelf.mkdir(parents=True)
        (shelf / "abcd.dcm").write_bytes(os.urandom(50_000_000))
        for number in range(1_100):  # more than a page of a list
            (shelf / f"x{number}.dcm").write_text(str(number))
        s3.create_bucket(Bucket=BUCKET)
        s3.create_multipart_upload(Bucket=BUCKET, Key=f"{PREFIX}/benhan-20200101T000000Z/record.db")
        code, said = benhan("backup", "--data-dir", data, "--to", PLACE)
        check(code == 0, f"a backup is carried: {said}")
        check(not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads"), "no upload is left unfinished")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=PREFIX)
        there = {entry["Key"].removeprefix(f"{PREFIX}/") for page in pages for entry in page["Contents"]}
        ours = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
        check(there == ours - {"benhan-keys/lock"}, "every file, and no other")
        read = lambda name: s3.get_object(Bucket=BUCKET, Key=f"{PREFIX}/{name}")["Body"].read()
        same = [name for name in there if name.startswith("benhan-keys/") or read(name) == (target / name).read_bytes()]
        check(len(same) == len(there), "boto3 reads what lies in the folder")
        code, said = benhan("restore", PLACE, "--into", again)
        check(code == 0, f"it comes back: {said}")
        check((again / "pacs/blobs/ab/abcd.dcm").read_bytes() == (shelf / "abcd.dcm").read_bytes(), "a large image too")
        s3.create_bucket(Bucket="co-ban-cu")
        s3.put_bucket_versioning(Bucket="co-ban-cu", VersioningConfiguration={"Status": "Enabled"})
        code, said = benhan("backup", "--data-dir", data, "--to", "s3://co-ban-cu/x")
        check(code == 1 and "versioning" in said, f"a bucket with versions is refused: {said}")
    server.stop()
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
