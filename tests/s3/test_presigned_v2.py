"""URLs as boto3 presigns them by default for an endpoint that is not AWS's own: signature version 2."""

import re
import socket
import urllib.error
import urllib.parse
import urllib.request

import botocore.config
import pytest


@pytest.fixture(scope="module")
def s3(server):
    client = server.client("s3")
    client.create_bucket(Bucket="signed")
    client.put_object(Bucket="signed", Key="a key/ü", Body=b"0123456789")
    return client


def fetch(url, method="GET", data=None, headers=None):
    """(status, body, headers); never a Content-Type of urllib's own."""
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "", **(headers or {})})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def refusal(*arguments, **options):
    status, body, _ = fetch(*arguments, **options)
    found = re.search(rb"<Code>(.*)</Code><Message>(.*?)</Message>", body)
    return status, found.group(1).decode(), found.group(2).decode()


def presigned(client, operation, expires_s=60, **parameters):
    url = client.generate_presigned_url(operation, Params={"Bucket": "signed", **parameters}, ExpiresIn=expires_s)
    assert "AWSAccessKeyId=" in url and "X-Amz-Signature" not in url
    return url


def test_get_head_and_ranges(s3):
    status, body, headers = fetch(presigned(s3, "get_object", Key="a key/ü", ResponseContentType="text/plain; a=+ü"))
    assert (status, body) == (200, b"0123456789")
    assert headers["Content-Type"].startswith("text/plain; a=+")
    assert fetch(presigned(s3, "head_object", Key="a key/ü"), "HEAD")[0] == 200
    assert fetch(presigned(s3, "get_object", Key="a key/ü"), headers={"Range": "bytes=2-4"})[:2] == (206, b"234")
    assert refusal(presigned(s3, "get_object", Key="absent"))[:2] == (404, "NoSuchKey")


def test_put_and_delete(s3):
    url = presigned(s3, "put_object", Key="put", ContentType="text/csv", Metadata={"a": "1"})
    signed = {"Content-Type": "text/csv", "x-amz-meta-a": "1"}
    assert fetch(url, "PUT", b"a,b", signed)[0] == 200
    head = s3.head_object(Bucket="signed", Key="put")
    assert (head["ContentType"], head["Metadata"], head["ContentLength"]) == ("text/csv", {"a": "1"}, 3)
    assert refusal(url, "PUT", b"x", {**signed, "Content-Type": "text/html"})[:2] == (403, "SignatureDoesNotMatch")
    assert refusal(url, "PUT", b"x", {**signed, "x-amz-tagging": "a=b"})[:2] == (403, "SignatureDoesNotMatch")
    status, code, message = refusal(url, "PUT", b"x", {**signed, "x-amz-meta-a": "2"})
    assert (status, code) == (400, "InvalidRequest") and "x-amz-meta-a" in message
    assert refusal(url.replace("x-amz-meta-a=1", "x-amz-meta-a=2"), "PUT", b"x", {"Content-Type": "text/csv"})[:2] == (
        403, "SignatureDoesNotMatch")
    assert refusal(url + "&x-amz-tagging=a%3Db", "PUT", b"x", signed)[:2] == (403, "SignatureDoesNotMatch")
    assert s3.get_object(Bucket="signed", Key="put")["Body"].read() == b"a,b"
    assert fetch(presigned(s3, "delete_object", Key="put"), "DELETE")[0] == 204
    # boto3 also wrote the metadata into the URL: it counts without the header.
    assert fetch(url, "PUT", b"again", {"Content-Type": "text/csv"})[0] == 200
    assert s3.head_object(Bucket="signed", Key="put")["Metadata"] == {"a": "1"}


def test_listings_and_subresources(s3):
    assert b"<KeyCount>1</KeyCount>" in fetch(presigned(s3, "list_objects_v2", Prefix="a k"))[1]
    assert fetch(presigned(s3, "get_bucket_location"))[0] == 200
    assert b"<TagSet" in fetch(presigned(s3, "get_object_tagging", Key="a key/ü"))[1]
    assert fetch(s3.generate_presigned_url("list_buckets"))[0] == 200


def test_a_multipart_upload(s3):
    status, body, _ = fetch(presigned(s3, "create_multipart_upload", Key="parts"), "POST", b"")
    assert status == 200
    upload = re.search(rb"<UploadId>(.*)</UploadId>", body).group(1).decode()
    url = presigned(s3, "upload_part", Key="parts", UploadId=upload, PartNumber=1)
    status, _, headers = fetch(url, "PUT", b"part")
    assert status == 200
    assert refusal(url.replace("partNumber=1", "partNumber=2"), "PUT", b"x")[:2] == (403, "SignatureDoesNotMatch")
    s3.complete_multipart_upload(Bucket="signed", Key="parts", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": headers["ETag"]}]})
    assert fetch(presigned(s3, "get_object", Key="parts"))[1] == b"part"


def test_virtual_host_style(server, s3, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **options: resolve(
        "127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **options))
    client = server.client("s3", endpoint_url=f"http://localhost:{server.port}",
                           config=botocore.config.Config(s3={"addressing_style": "virtual"}))
    url = presigned(client, "get_object", Key="a key/ü")
    assert url.startswith("http://signed.localhost")
    assert fetch(url)[:2] == (200, b"0123456789")
    assert b"<KeyCount>" in fetch(presigned(client, "list_objects_v2"))[1]
    assert refusal(url.replace("//signed.", "//other."))[:2] == (403, "SignatureDoesNotMatch")


def test_tampered(server, s3):
    url = presigned(s3, "get_object", Key="a key/ü")
    expires = re.search(r"Expires=(\d+)", url).group(1)
    mismatch = (403, "SignatureDoesNotMatch")
    for bad in (url.replace("Expires=" + expires, f"Expires={int(expires) + 1}"), url.replace("a%20key", "b%20key"),
                url.replace("a%20key", "a%20%6bey"), url + "&response-content-type=text%2Fhtml", url + "&tagging",
                url + "&versionId=1", re.sub(r"Signature=..", "Signature=AA", url),
                re.sub(r"Signature=[^&]*", "Signature=", url), re.sub(r"Signature=[^&]*", "Signature=%2", url)):
        assert bad != url
        assert refusal(bad)[:2] == mismatch, bad
    assert refusal(url, "DELETE")[:2] == mismatch
    assert refusal(url, headers={"x-amz-meta-a": "1"})[:2] == mismatch
    assert refusal(url.replace(server.access_key, "AKIAIOSFODNN7EXAMPLE"))[:2] == (403, "InvalidAccessKeyId")
    status, code, message = refusal(url + "&attributes", headers={"x-amz-object-attributes": "ETag"})
    assert (status, code) == (400, "InvalidRequest") and "attributes" in message
    assert refusal(url + "&x-amz-security-token=a")[:2] == (400, "InvalidToken")
    assert fetch(url)[:2] == (200, b"0123456789")


def test_expired(s3):
    denied = (403, "AccessDenied")
    status, body, _ = fetch(presigned(s3, "get_object", expires_s=-10, Key="a key/ü"))
    assert status == 403
    assert b"<Code>AccessDenied</Code><Message>Request has expired</Message>" in body
    assert b"<Expires>" in body and b"<ServerTime>" in body
    url = presigned(s3, "get_object", Key="a key/ü")
    assert refusal(re.sub(r"Expires=\d+", "Expires=soon", url))[:2] == denied
    assert refusal(re.sub(r"Expires=\d+", "", url))[2].startswith("Query-string authentication requires")


def test_an_inactive_key(server_factory):
    server = server_factory(start=False)
    server.create_keys()
    server.start()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="signed")
    url = presigned(s3, "list_objects_v2")
    assert fetch(url)[0] == 200
    server.stop()
    path = server.data / "keys.json"
    path.write_text(path.read_text().replace('"active":true', '"active":false'))
    port = server.port
    server.start()
    assert refusal(url.replace(f":{port}/", f":{server.port}/"))[:2] == (403, "InvalidAccessKeyId")


def test_the_header_form_is_refused_by_name(server, s3):
    status, code, message = refusal(f"{server.url}/signed/x", headers={"Authorization": "AWS AKIAIOSFODNN7EXAMPLE:x="})
    assert (status, code) == (400, "InvalidRequest") and "signature version 2" in message
