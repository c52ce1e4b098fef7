"""Multipart uploads: by the transfer manager with threads, and step by step."""

import base64
import hashlib
import os
import zlib

import boto3.s3.transfer
import botocore.exceptions
import pytest

from support.patience import patient

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def s3(server):
    client = server.client("s3")
    client.create_bucket(Bucket="parts")
    return client


def code_of(function, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        function(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_upload_file_and_download_file_with_threads(server, s3, tmp_path):
    body = os.urandom(33 * MEBIBYTE + 12_345)
    (tmp_path / "up").write_bytes(body)
    transfer = boto3.s3.transfer.TransferConfig(multipart_threshold=8 * MEBIBYTE, multipart_chunksize=8 * MEBIBYTE,
                                                max_concurrency=4)
    s3.upload_file(str(tmp_path / "up"), "parts", "file", Config=transfer, ExtraArgs={"Metadata": {"a": "1"}})
    head = s3.head_object(Bucket="parts", Key="file", ChecksumMode="ENABLED")
    assert head["ContentLength"] == len(body)
    assert head["ETag"].endswith('-5"')
    assert head["Metadata"] == {"a": "1"}
    s3.download_file("parts", "file", str(tmp_path / "down"), Config=transfer)
    assert (tmp_path / "down").read_bytes() == body
    part = s3.get_object(Bucket="parts", Key="file", PartNumber=5)
    assert part["PartsCount"] == 5
    assert part["Body"].read() == body[32 * MEBIBYTE:]
    assert s3.get_object(Bucket="parts", Key="file", Range=f"bytes={8 * MEBIBYTE - 5}-{8 * MEBIBYTE + 4}")[
        "Body"].read() == body[8 * MEBIBYTE - 5:8 * MEBIBYTE + 5]
    # A copy by parts, as the transfer manager does above its threshold.
    s3.copy({"Bucket": "parts", "Key": "file"}, "parts", "copy", Config=transfer)
    assert s3.get_object(Bucket="parts", Key="copy")["Body"].read() == body
    # The process has not kept what it moved.
    assert server.resident_bytes() < patient(200 * MEBIBYTE)


def upload(s3, key, bodies, **options):
    upload_id = s3.create_multipart_upload(Bucket="parts", Key=key, **options)["UploadId"]
    parts = []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(Bucket="parts", Key=key, UploadId=upload_id, PartNumber=number, Body=body)
        parts.append({name: value for name, value in answer.items() if name == "ETag" or name.startswith("Checksum")})
        parts[-1]["PartNumber"] = number
    return upload_id, parts


def complete(s3, key, upload_id, parts, **options):
    return s3.complete_multipart_upload(Bucket="parts", Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts},
                                        **options)


def test_step_by_step(s3):
    first, second = os.urandom(5 * MEBIBYTE), b"the end"
    upload_id, parts = upload(s3, "steps", [first, second], ContentType="text/plain")
    assert code_of(s3.get_object, Bucket="parts", Key="steps") == ("NoSuchKey", 404)
    shown = s3.list_parts(Bucket="parts", Key="steps", UploadId=upload_id, MaxParts=1)
    assert (shown["IsTruncated"], shown["Parts"][0]["Size"]) == (True, len(first))
    pages = s3.get_paginator("list_parts").paginate(Bucket="parts", Key="steps", UploadId=upload_id,
                                                    PaginationConfig={"PageSize": 1})
    assert [part["PartNumber"] for page in pages for part in page["Parts"]] == [1, 2]
    assert upload_id in [item["UploadId"] for item in s3.list_multipart_uploads(Bucket="parts")["Uploads"]]
    done = complete(s3, "steps", upload_id, parts, MpuObjectSize=len(first + second))
    expected = hashlib.md5(hashlib.md5(first).digest() + hashlib.md5(second).digest()).hexdigest() + "-2"
    assert done["ETag"] == f'"{expected}"'
    assert complete(s3, "steps", upload_id, parts)["ETag"] == done["ETag"]  # as a client that did not hear
    got = s3.get_object(Bucket="parts", Key="steps")
    assert got["Body"].read() == first + second
    assert got["ContentType"] == "text/plain"
    assert code_of(s3.list_parts, Bucket="parts", Key="steps", UploadId=upload_id) == ("NoSuchUpload", 404)


def test_what_is_wrong_with_a_completion(s3):
    upload_id, parts = upload(s3, "wrong", [b"a" * 100, b"b"])
    arguments = {"Bucket": "parts", "Key": "wrong", "UploadId": upload_id}

    def attempt(chosen, **options):
        return code_of(s3.complete_multipart_upload, **arguments, MultipartUpload={"Parts": chosen}, **options)

    assert attempt(parts) == ("EntityTooSmall", 400)
    assert attempt(parts[::-1]) == ("InvalidPartOrder", 400)
    assert attempt([{"PartNumber": 1, "ETag": parts[1]["ETag"]}]) == ("InvalidPart", 400)
    assert attempt([{**parts[0], "PartNumber": 7}]) == ("InvalidPart", 400)
    assert attempt(parts[:1], MpuObjectSize=5) == ("InvalidRequest", 400)
    assert attempt([]) == ("MalformedXML", 400)
    s3.put_object(Bucket="parts", Key="wrong", Body=b"there")
    assert attempt(parts[:1], IfNoneMatch="*") == ("PreconditionFailed", 412)
    s3.abort_multipart_upload(**arguments)
    assert code_of(s3.abort_multipart_upload, **arguments) == ("NoSuchUpload", 404)
    assert attempt(parts[:1]) == ("NoSuchUpload", 404)
    assert code_of(s3.upload_part, **arguments, PartNumber=1, Body=b"x") == ("NoSuchUpload", 404)
    assert s3.get_object(Bucket="parts", Key="wrong")["Body"].read() == b"there"


@pytest.mark.parametrize("algorithm,kind", [("CRC32", "FULL_OBJECT"), ("CRC32C", "FULL_OBJECT"), ("CRC32", "COMPOSITE"),
                                            ("CRC64NVME", "FULL_OBJECT"), ("SHA1", "COMPOSITE"),
                                            ("SHA256", "COMPOSITE")])
def test_checksums_of_the_whole(s3, algorithm, kind):
    upload_id = s3.create_multipart_upload(Bucket="parts", Key="sum", ChecksumAlgorithm=algorithm,
                                           ChecksumType=kind)["UploadId"]
    bodies, parts = [b"1" * 5 * MEBIBYTE, b"two"], []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(Bucket="parts", Key="sum", UploadId=upload_id, PartNumber=number, Body=body,
                                ChecksumAlgorithm=algorithm)
        parts.append({"PartNumber": number, "ETag": answer["ETag"],
                      f"Checksum{algorithm}": answer[f"Checksum{algorithm}"]})
    done = complete(s3, "sum", upload_id, parts)
    assert done["ChecksumType"] == kind
    value = done[f"Checksum{algorithm}"]
    if algorithm == "CRC32" and kind == "FULL_OBJECT":
        assert base64.b64decode(value) == zlib.crc32(b"".join(bodies)).to_bytes(4, "big")
    if algorithm == "SHA256":
        digests = b"".join(hashlib.sha256(body).digest() for body in bodies)
        assert value == base64.b64encode(hashlib.sha256(digests).digest()).decode() + "-2"
    assert value.endswith("-2") == (kind == "COMPOSITE")
    assert s3.get_object(Bucket="parts", Key="sum", ChecksumMode="ENABLED")["Body"].read() == b"".join(bodies)


def test_parts_copied_from_objects(s3):
    source = os.urandom(6 * MEBIBYTE)
    s3.put_object(Bucket="parts", Key="source", Body=source)
    upload_id = s3.create_multipart_upload(Bucket="parts", Key="copied")["UploadId"]
    parts = []
    for number, header in [(1, f"bytes=0-{5 * MEBIBYTE - 1}"), (2, f"bytes={5 * MEBIBYTE}-{6 * MEBIBYTE - 1}")]:
        answer = s3.upload_part_copy(Bucket="parts", Key="copied", UploadId=upload_id, PartNumber=number,
                                     CopySource="parts/source", CopySourceRange=header)
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    assert code_of(s3.upload_part_copy, Bucket="parts", Key="copied", UploadId=upload_id, PartNumber=3,
                   CopySource="parts/source", CopySourceRange="bytes=0-99999999") == ("InvalidArgument", 400)
    complete(s3, "copied", upload_id, parts)
    assert s3.get_object(Bucket="parts", Key="copied")["Body"].read() == source
