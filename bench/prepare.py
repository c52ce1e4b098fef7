"""Requests as bytes, made before the clock starts: what bench/load.cc replays."""

import base64
import json
import os

import botocore.auth
import botocore.awsrequest
import botocore.credentials

REGION = "us-east-1"
NATS_CONNECTION = "@CONN@"  # each connection has an inbox of its own, or it would get the others' acknowledgements
VARIANTS = 8  # different bodies, so that keys and data are not the same each time


def kinesis_request(port, operation, body, keys=None):
    """One HTTP/1.1 request. `keys`: (access key, secret) to sign with; None leaves it unsigned."""
    return json_request(port, "kinesis", "1.1", f"Kinesis_20131202.{operation}", body, keys)


def dynamodb_request(port, operation, body, keys=None):
    return json_request(port, "dynamodb", "1.0", f"DynamoDB_20120810.{operation}", body, keys)


def json_request(port, service, version, target, body, keys):
    return rest_request(port, service, "/", body, keys, {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": target})


def plain_get(port, path):
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def rest_request(port, service, path, body, keys, headers=None):
    """Unsigned requests still name their service: services with paths of their own are told apart by it."""
    payload = json.dumps(body, separators=(",", ":")).encode()
    url = f"http://127.0.0.1:{port}{path}"
    headers = headers or {}
    if not keys and path != "/":
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential=unsigned/20261121/{REGION}/{service}/aws4_request, "
                                    "SignedHeaders=host, Signature=0")
    request = botocore.awsrequest.AWSRequest("POST", url, headers=headers, data=payload)
    if keys:
        credentials = botocore.credentials.Credentials(*keys)
        botocore.auth.SigV4Auth(credentials, service, REGION).add_auth(request)
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(payload)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items() if name.lower() != "host"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


def record(size):
    return {"Data": base64.b64encode(os.urandom(size)).decode(), "PartitionKey": os.urandom(8).hex()}


def put_records(directory, port, stream, count, size, keys=None):
    """Files of PutRecords requests with `count` records of `size` bytes; returns their paths."""
    made = (kinesis_request(port, "PutRecords", {"StreamName": stream, "Records": [record(size) for _ in range(count)]},
                            keys) for _ in range(VARIANTS))
    return write_all(directory, f"put-records-{'signed' if keys else 'unsigned'}", made)


def put_record(directory, port, stream, size, keys=None):
    made = (kinesis_request(port, "PutRecord", {"StreamName": stream, **record(size)}, keys) for _ in range(VARIANTS))
    return write_all(directory, f"put-record-{'signed' if keys else 'unsigned'}", made)


def redis_pipeline(directory, stream, count, size):
    """`count` XADD commands in one write, each answered by its id."""
    def command():
        words = [b"XADD", stream.encode(), b"*", b"d", os.urandom(size)]
        return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
    return write_all(directory, f"redis-{count}", (b"".join(command() for _ in range(count)) for _ in range(VARIANTS)))


def nats_pipeline(directory, subject, count, size):
    """`count` publishes in one write, each acknowledged by JetStream to the connection's inbox."""
    def publish():
        # The payload holds no line feed: the load generator tells acknowledgements by lines.
        return b"PUB %s _INBOX.%s %d\r\n%s\r\n" % (subject.encode(), NATS_CONNECTION.encode(), size, os.urandom(size // 2).hex().encode())
    return write_all(directory, f"nats-{count}", (b"".join(publish() for _ in range(count)) for _ in range(VARIANTS)))


def write_all(directory, name, requests):
    paths = []
    for number, request in enumerate(requests):
        path = directory / f"{name}-{number}.bin"
        path.write_bytes(request)
        paths.append(path)
    return paths
