"""Objects through boto3: bytes, headers, ranges, conditions, checksums, copies, odd keys."""

import base64
import datetime
import hashlib
import io
import os
import socket
import urllib.error
import urllib.request
import zlib

import boto3.s3.transfer
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import pytest


@pytest.fixture(scope="module")
def s3(server):
    client = server.client("s3", config=botocore.config.Config(s3={"addressing_style": "path"}))
    client.create_bucket(Bucket="objects")
    return client


def code_of(function, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        function(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("size", [0, 1, 16 * 1024, 16 * 1024 + 1, 3_000_001])
def test_bytes_come_back_as_they_went(s3, size):
    body = os.urandom(size)
    put = s3.put_object(Bucket="objects", Key=f"size/{size}", Body=body)
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket="objects", Key=f"size/{size}")
    assert got["Body"].read() == body
    assert got["ContentLength"] == size
    assert got["AcceptRanges"] == "bytes"
    assert s3.head_object(Bucket="objects", Key=f"size/{size}")["ContentLength"] == size


def test_system_and_user_metadata_come_back(s3):
    expires = datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    s3.put_object(Bucket="objects", Key="meta", Body=b"x", ContentType="text/csv", CacheControl="max-age=3",
                  ContentDisposition='attachment; filename="a.csv"', ContentEncoding="gzip", ContentLanguage="de",
                  Expires=expires, Metadata={"Name": "a b", "other": "1"}, Tagging="k=v&w=x%20y",
                  StorageClass="STANDARD_IA")
    head = s3.head_object(Bucket="objects", Key="meta")
    assert head["ContentType"] == "text/csv"
    assert head["CacheControl"] == "max-age=3"
    assert head["ContentDisposition"] == 'attachment; filename="a.csv"'
    assert head["ContentEncoding"] == "gzip"
    assert head["ContentLanguage"] == "de"
    assert head["ExpiresString"] == "Wed, 02 Jan 2030 03:04:05 GMT"
    assert head["Metadata"] == {"name": "a b", "other": "1"}
    assert head["StorageClass"] == "STANDARD_IA"
    assert s3.get_object_tagging(Bucket="objects", Key="meta")["TagSet"] == [
        {"Key": "k", "Value": "v"}, {"Key": "w", "Value": "x y"}]
    got = s3.get_object(Bucket="objects", Key="meta", ResponseContentType="image/png",
                        ResponseContentDisposition="inline")
    assert got["ContentType"] == "image/png"
    assert got["ContentDisposition"] == "inline"
    assert got["TagCount"] == 2
    s3.put_object_tagging(Bucket="objects", Key="meta", Tagging={"TagSet": [{"Key": "n", "Value": ""}]})
    assert s3.get_object_tagging(Bucket="objects", Key="meta")["TagSet"] == [{"Key": "n", "Value": ""}]
    s3.delete_object_tagging(Bucket="objects", Key="meta")
    assert s3.get_object_tagging(Bucket="objects", Key="meta")["TagSet"] == []
    s3.put_object(Bucket="objects", Key="plain", Body=b"")
    assert s3.head_object(Bucket="objects", Key="plain")["ContentType"] == "binary/octet-stream"


@pytest.mark.parametrize("size", [1000, 1_000_000])  # inline, and in a file
def test_ranges(s3, size):
    body = os.urandom(size)
    s3.put_object(Bucket="objects", Key="range", Body=body)
    for header, first, last in [("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=990-", 990, size - 1),
                                ("bytes=-7", size - 7, size - 1), (f"bytes=5-{size * 2}", 5, size - 1)]:
        got = s3.get_object(Bucket="objects", Key="range", Range=header)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert got["ContentRange"] == f"bytes {first}-{last}/{size}"
        assert got["Body"].read() == body[first:last + 1]
    assert code_of(s3.get_object, Bucket="objects", Key="range", Range=f"bytes={size}-") == ("InvalidRange", 416)
    assert s3.get_object(Bucket="objects", Key="range", Range="bytes=0-1,3-4")["Body"].read() == body
    assert s3.head_object(Bucket="objects", Key="range", Range="bytes=0-9")["ContentLength"] == 10


def test_conditions_of_reads(s3):
    etag = s3.put_object(Bucket="objects", Key="if", Body=b"x")["ETag"]
    modified = s3.head_object(Bucket="objects", Key="if")["LastModified"]
    earlier = modified - datetime.timedelta(hours=1)
    assert s3.get_object(Bucket="objects", Key="if", IfMatch=etag)["Body"].read() == b"x"
    assert s3.get_object(Bucket="objects", Key="if", IfModifiedSince=earlier)["Body"].read() == b"x"
    assert code_of(s3.get_object, Bucket="objects", Key="if", IfMatch='"0"') == ("PreconditionFailed", 412)
    assert code_of(s3.get_object, Bucket="objects", Key="if", IfUnmodifiedSince=earlier) == ("PreconditionFailed", 412)
    assert code_of(s3.get_object, Bucket="objects", Key="if", IfNoneMatch=etag) == ("304", 304)
    assert code_of(s3.head_object, Bucket="objects", Key="if", IfNoneMatch=etag) == ("304", 304)
    assert code_of(s3.head_object, Bucket="objects", Key="absent") == ("404", 404)


def test_conditions_of_writes(s3):
    s3.put_object(Bucket="objects", Key="cas", Body=b"1", IfNoneMatch="*")
    assert code_of(s3.put_object, Bucket="objects", Key="cas", Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    etag = s3.head_object(Bucket="objects", Key="cas")["ETag"]
    s3.put_object(Bucket="objects", Key="cas", Body=b"2", IfMatch=etag)
    assert code_of(s3.put_object, Bucket="objects", Key="cas", Body=b"3", IfMatch=etag) == ("PreconditionFailed", 412)
    assert code_of(s3.put_object, Bucket="objects", Key="cas-absent", Body=b"3", IfMatch=etag) == ("NoSuchKey", 404)
    assert s3.get_object(Bucket="objects", Key="cas")["Body"].read() == b"2"
    assert code_of(s3.delete_object, Bucket="objects", Key="cas", IfMatch=etag) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket="objects", Key="cas", IfMatch="*")
    assert code_of(s3.get_object, Bucket="objects", Key="cas") == ("NoSuchKey", 404)


ODD_KEYS = ["../../etc/passwd", "a//b", "/leading", "trailing/", ".", "..", "a b+c%20d", "ünï/çødé☃", "tab\tnew\nline",
            "q?a=b&c#d", "<xml>&amp;\"'", "é" * 512, "with:colon*star"]


def test_keys_are_never_paths(server, s3):
    s3.create_bucket(Bucket="odd-keys")
    for key in ODD_KEYS:
        s3.put_object(Bucket="odd-keys", Key=key, Body=b"x" * 20_000 + key.encode())
    listed = [item["Key"] for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket="odd-keys", PaginationConfig={"PageSize": 3}) for item in page["Contents"]]
    assert listed == sorted(ODD_KEYS, key=str.encode)
    for key in ODD_KEYS:
        assert s3.get_object(Bucket="odd-keys", Key=key)["Body"].read() == b"x" * 20_000 + key.encode()
        assert s3.head_object(Bucket="odd-keys", Key=key)["ContentLength"] == 20_000 + len(key.encode())
    names = [path.name for path in server.data.rglob("*") if path.is_file()]
    assert not any("passwd" in name or "leading" in name or "star" in name for name in names)
    s3.delete_objects(Bucket="odd-keys", Delete={"Objects": [{"Key": key} for key in ODD_KEYS if "\t" not in key]})
    s3.delete_object(Bucket="odd-keys", Key="tab\tnew\nline")
    s3.delete_bucket(Bucket="odd-keys")
    assert code_of(s3.put_object, Bucket="objects", Key="k" * 1025, Body=b"")[0] == "KeyTooLongError"


def crc_of(name, body):
    """The value as S3 shows it; by implementations that are not ours."""
    if name == "CRC32":
        return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    if name == "SHA1":
        return base64.b64encode(hashlib.sha1(body).digest()).decode()
    if name == "SHA256":
        return base64.b64encode(hashlib.sha256(body).digest()).decode()
    width, polynomial = {"CRC32C": (32, 0x82F63B78), "CRC64NVME": (64, 0x9A6C9329AC4BC9B5)}[name]
    crc = (1 << width) - 1
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return base64.b64encode((crc ^ (1 << width) - 1).to_bytes(width // 8, "big")).decode()


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_each_checksum_is_verified_kept_and_shown(s3, algorithm):
    body = b"checked by " + algorithm.encode()
    right = crc_of(algorithm, body)
    member = f"Checksum{algorithm}"
    put = s3.put_object(Bucket="objects", Key=algorithm, Body=body, **{member: right})
    assert put[member] == right
    wrong = crc_of(algorithm, b"something else")
    assert code_of(s3.put_object, Bucket="objects", Key="bad", Body=body, **{member: wrong}) == ("BadDigest", 400)
    assert code_of(s3.get_object, Bucket="objects", Key="bad") == ("NoSuchKey", 404)
    assert code_of(s3.put_object, Bucket="objects", Key="bad", Body=body, **{member: "AAAA"}) == ("InvalidRequest", 400)
    head = s3.head_object(Bucket="objects", Key=algorithm, ChecksumMode="ENABLED")
    assert head[member] == right
    assert head["ChecksumType"] == "FULL_OBJECT"
    assert s3.get_object(Bucket="objects", Key=algorithm, ChecksumMode="ENABLED")["Body"].read() == body
    attributes = s3.get_object_attributes(Bucket="objects", Key=algorithm,
                                          ObjectAttributes=["Checksum", "ObjectSize", "ETag", "StorageClass"])
    assert attributes["Checksum"][member] == right
    assert attributes["ObjectSize"] == len(body)
    assert attributes["ETag"] == hashlib.md5(body).hexdigest()


def test_a_trailing_checksum_is_verified(s3):
    # A stream makes the SDK send aws-chunked with a trailer; CRC32 is its default.
    body = os.urandom(300_000)
    put = s3.put_object(Bucket="objects", Key="trailer", Body=io.BytesIO(body))
    assert put["ChecksumCRC32"] == crc_of("CRC32", body)
    put = s3.put_object(Bucket="objects", Key="trailer", Body=io.BytesIO(body), ChecksumAlgorithm="SHA256")
    assert put["ChecksumSHA256"] == crc_of("SHA256", body)
    head = s3.head_object(Bucket="objects", Key="trailer", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == crc_of("SHA256", body)
    assert "ContentEncoding" not in head


def test_without_a_checksum_s3s_default_is_kept(server, s3):
    client = server.client("s3", config=botocore.config.Config(request_checksum_calculation="when_required"))
    client.put_object(Bucket="objects", Key="none", Body=b"123456789")
    head = client.head_object(Bucket="objects", Key="none", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == crc_of("CRC64NVME", b"123456789")
    md5 = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    client.put_object(Bucket="objects", Key="md5", Body=b"x", ContentMD5=md5)
    assert code_of(client.put_object, Bucket="objects", Key="md5", Body=b"y", ContentMD5=md5) == ("BadDigest", 400)
    assert code_of(client.put_object, Bucket="objects", Key="md5", Body=b"y", ContentMD5="x") == ("InvalidDigest", 400)
    assert client.get_object(Bucket="objects", Key="md5")["Body"].read() == b"x"


def test_copies(s3):
    s3.create_bucket(Bucket="copies")
    body = os.urandom(50_000)
    s3.put_object(Bucket="objects", Key="from +ü", Body=body, Metadata={"a": "1"}, ContentType="text/x", Tagging="t=1")
    copied = s3.copy_object(Bucket="copies", Key="to", CopySource={"Bucket": "objects", "Key": "from +ü"})
    assert copied["CopyObjectResult"]["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    s3.delete_object(Bucket="objects", Key="from +ü")
    got = s3.get_object(Bucket="copies", Key="to")
    assert got["Body"].read() == body
    assert (got["Metadata"], got["ContentType"], got["TagCount"]) == ({"a": "1"}, "text/x", 1)
    s3.copy_object(Bucket="copies", Key="to", CopySource="copies/to", MetadataDirective="REPLACE", Metadata={"b": "2"},
                   TaggingDirective="REPLACE", Tagging="u=2", ChecksumAlgorithm="SHA256")
    head = s3.head_object(Bucket="copies", Key="to", ChecksumMode="ENABLED")
    assert head["Metadata"] == {"b": "2"}
    assert head["ChecksumSHA256"] == crc_of("SHA256", body)
    assert code_of(s3.copy_object, Bucket="copies", Key="to", CopySource="copies/to")[0] == "InvalidRequest"
    assert code_of(s3.copy_object, Bucket="copies", Key="x", CopySource="copies/absent") == ("NoSuchKey", 404)
    assert code_of(s3.copy_object, Bucket="copies", Key="x", CopySource="copies/to",
                   CopySourceIfMatch="0") == ("PreconditionFailed", 412)


def test_what_is_not_honoured_is_refused_by_name(s3):
    put = {"Bucket": "objects", "Key": "refused", "Body": b""}
    for arguments, word in [({"ServerSideEncryption": "AES256"}, "ServerSideEncryption"),
                            ({"ObjectLockLegalHoldStatus": "ON"}, "ObjectLockLegalHoldStatus"),
                            ({"StorageClass": "GLACIER"}, "GLACIER"), ({"GrantRead": "id=1"}, "GrantRead")]:
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            s3.put_object(**put, **arguments)
        error = caught.value.response["Error"]
        assert error["Code"] == "NotImplemented"
        assert word in error["Message"]
    assert code_of(s3.put_object, **put, ACL="public-read") == ("AccessControlListNotSupported", 400)
    assert code_of(s3.get_object, Bucket="objects", Key="refused", VersionId="x")[0] == "InvalidArgument"
    assert code_of(s3.put_object, **put, Metadata={"a": "x" * 2048}) == ("MetadataTooLarge", 400)
    assert code_of(s3.put_object, **put, ExpectedBucketOwner="999999999999") == ("AccessDenied", 403)
    assert code_of(s3.get_object_torrent, Bucket="objects", Key="refused") == ("NotImplemented", 501)
    assert code_of(s3.get_object, Bucket="objects", Key="refused") == ("NoSuchKey", 404)


def test_presigned_urls(server, s3):
    # For a custom endpoint boto3 presigns by version 2 unless told this: test_presigned_v2.py.
    signer = server.client("s3", config=botocore.config.Config(signature_version="s3v4"))
    url = signer.generate_presigned_url("put_object", Params={"Bucket": "objects", "Key": "signed url/ü"}, ExpiresIn=60)
    with urllib.request.urlopen(urllib.request.Request(url, data=b"by url", method="PUT")) as answer:
        assert answer.status == 200
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "objects", "Key": "signed url/ü",
                                                          "ResponseContentType": "text/plain"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"by url"
        assert answer.headers["Content-Type"] == "text/plain"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url[:-1] + ("0" if url[-1] != "0" else "1"))  # the signature comes last
    assert caught.value.code == 403


def test_presigned_urls_that_carry_headers_as_parameters(server, s3):
    # As the JavaScript SDK presigns: x-amz-* headers are moved into the query string, lower case.
    def put(key, parameters):
        request = botocore.awsrequest.AWSRequest("PUT", f"{server.url}/objects/{key}?{parameters}")
        credentials = botocore.credentials.Credentials(server.access_key, server.secret_key)
        botocore.auth.S3SigV4QueryAuth(credentials, "s3", server.region, expires=60).add_auth(request)
        try:
            with urllib.request.urlopen(urllib.request.Request(request.url, data=b"by url", method="PUT")) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    assert put("moved", "x-amz-meta-a=1%202&x-amz-tagging=t%3Du&x-amz-acl=private")[0] == 200
    head = s3.head_object(Bucket="objects", Key="moved")
    assert (head["Metadata"], head["ContentLength"]) == ({"a": "1 2"}, 6)
    assert s3.get_object_tagging(Bucket="objects", Key="moved")["TagSet"] == [{"Key": "t", "Value": "u"}]
    assert put("moved", "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32")[0] == 200
    status, body = put("moved", "x-amz-server-side-encryption=AES256")
    assert status == 501 and b"ServerSideEncryption" in body
    status, body = put("copied", "x-amz-copy-source=objects%2Fmoved")
    assert status == 200 and b"CopyObjectResult" in body
    assert s3.get_object(Bucket="objects", Key="copied")["Body"].read() == b"by url"


def test_virtual_host_style(server, s3, monkeypatch):
    # Names under localhost are the loopback address, also where the machine's resolver does not know that.
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **options: resolve(
        "127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **options))
    client = server.client("s3", endpoint_url=f"http://localhost:{server.port}",
                           config=botocore.config.Config(s3={"addressing_style": "virtual"}))
    client.put_object(Bucket="objects", Key="virtual/key", Body=b"by host")
    assert client.get_object(Bucket="objects", Key="virtual/key")["Body"].read() == b"by host"
    assert s3.get_object(Bucket="objects", Key="virtual/key")["Body"].read() == b"by host"
    assert client.list_objects_v2(Bucket="objects", Prefix="virtual/")["KeyCount"] == 1
