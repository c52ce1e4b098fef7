"""What Firehose's tests have in common: delivery streams with short intervals, objects, formats."""

import gzip
import io
import zipfile

import pyarrow

ROLE = "arn:aws:iam::000000000000:role/firehose"


def s3_destination(bucket, **changes):
    """An extended S3 destination that delivers at once."""
    return {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{bucket}",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}, **changes}


def lines_destination(bucket, **changes):
    """The same, with a new line after each record."""
    return s3_destination(bucket, ProcessingConfiguration={
        "Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord"}]}, **changes)


def objects(s3, bucket, prefix=""):
    """{key: bytes} of all objects, oldest first."""
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        found += page.get("Contents", [])
    found.sort(key=lambda each: each["LastModified"])
    return {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in found}


def lines(s3, bucket, prefix="", decode=lambda data: data):
    """The lines of all objects below a prefix, oldest object first."""
    return [line for data in objects(s3, bucket, prefix).values() for line in decode(data).decode().splitlines()]


def unzip(data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    (name,) = archive.namelist()
    return archive.read(name)


def _snappy_block(data):
    """One raw Snappy block: its length as a varint stands before it."""
    size, shift = 0, 0
    for byte in data:
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return pyarrow.Codec("snappy").decompress(data, decompressed_size=size).to_pybytes() if size else b""


def unsnappy(data):
    """Snappy's framing format."""
    assert data[:10] == b"\xff\x06\x00\x00sNaPpY"
    out, at = b"", 10
    while at < len(data):
        kind, size = data[at], int.from_bytes(data[at + 1:at + 4], "little")
        chunk = data[at + 8:at + 4 + size]  # behind the checksum
        out += _snappy_block(chunk) if kind == 0 else chunk
        at += 4 + size
    return out


def unhadoop(data):
    """Hadoop's block format."""
    out, at = b"", 0
    while at < len(data):
        plain, packed = (int.from_bytes(data[at + i:at + i + 4], "big") for i in (0, 4))
        block = _snappy_block(data[at + 8:at + 8 + packed])
        assert len(block) == plain
        out += block
        at += 8 + packed
    return out


DECODERS = {
    "UNCOMPRESSED": ("", lambda data: data),
    "GZIP": (".gz", gzip.decompress),
    "ZIP": (".zip", unzip),
    "Snappy": (".snappy", unsnappy),
    "HADOOP_SNAPPY": (".hsnappy", unhadoop),
}
