"""Every protocol of the wire, both ways, spoken by botocore itself: its serialisers and signers make the requests, its
parsers read the answers. The server is aws_example_server (tests/aws/example): handlers that hand back what they got."""

import datetime
import json
import pathlib
import re
import socket
import subprocess
import urllib.error
import urllib.request

import boto3
import botocore.exceptions
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
KEY_ID = "AKIAEXAMPLEEXAMPLE22"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ACCOUNT = "123456789012"
UTC = datetime.timezone.utc


def example_server(directory, auth):
    binary = pathlib.Path(
        __import__("os").environ.get("MILLRACE_EXAMPLE_SERVER", REPOSITORY / "build/src/aws/aws_example_server")
    )
    if not binary.exists():
        pytest.fail("aws_example_server is not built: ninja -C build aws_example_server")
    keys = {
        "version": 1,
        "keys": [
            {
                "access_key_id": KEY_ID,
                "secret": SECRET,
                "account": ACCOUNT,
                "created": "2026-01-01T00:00:00Z",
                "description": "",
                "active": True,
            },
            {
                "access_key_id": "AKIAINACTIVEINACTIV2",
                "secret": SECRET,
                "account": ACCOUNT,
                "created": "2026-01-01T00:00:00Z",
                "description": "",
                "active": False,
            },
        ],
    }
    directory.mkdir()
    (directory / "keys.json").write_text(json.dumps(keys))
    process = subprocess.Popen([binary, directory, auth], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, f"http://127.0.0.1:{int(process.stdout.readline())}"


@pytest.fixture(scope="module")
def signed(module_path):
    process, endpoint = example_server(module_path / "signed", "sign")
    yield endpoint
    process.stdin.close()
    assert process.wait(60) == 0


@pytest.fixture(scope="module")
def unsigned(module_path):
    process, endpoint = example_server(module_path / "unsigned", "off")
    yield endpoint
    process.stdin.close()
    assert process.wait(60) == 0


def client(endpoint, service, key_id=KEY_ID, secret=SECRET, region="eu-west-1", **config):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, **config),
    )


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    response = raised.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


# --- awsJson ---


def test_json_carries_scope_and_members(signed):
    answer = client(
        signed, "kinesis"
    ).list_streams(Limit=2, ExclusiveStartStreamName="orders")
    assert answer["StreamNames"] == [ACCOUNT, "eu-west-1", "orders"]
    assert answer["HasMoreStreams"] is True
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                        answer["ResponseMetadata"]["RequestId"])


def test_json_carries_blobs_timestamps_and_longs(signed):
    kinesis = client(signed, "kinesis")
    data = bytes(range(256))
    assert kinesis.put_record(StreamName="s", Data=data, PartitionKey="k")["SequenceNumber"] == data.hex()
    answer = kinesis.get_records(ShardIterator="it")
    record = answer["Records"][0]
    assert record["Data"] == b"\x00\xff\x80 text"
    assert record["ApproximateArrivalTimestamp"].astimezone(UTC) == datetime.datetime(
        2023, 11, 14, 22, 13, 20, 123000, UTC
    )
    assert answer["MillisBehindLatest"] == 1 << 40
    shards = kinesis.list_shards(StreamName="s", StreamCreationTimestamp=datetime.datetime(2024, 1, 1, tzinfo=UTC))
    assert shards["Shards"][0]["ParentShardId"] == "1704067200000"


def test_large_signed_bodies(signed):
    records = [{"Data": bytes([i % 256]) * 1024, "PartitionKey": str(i)} for i in range(500)]
    answer = client(signed, "kinesis").put_records(StreamName="s", Records=records)
    assert [r["ShardId"] for r in answer["Records"]] == [str(i) for i in range(500)]
    assert {r["SequenceNumber"] for r in answer["Records"]} == {"1024"}


def test_direct_operations_answer_and_fail(signed):
    kinesis = client(signed, "kinesis")
    kinesis.add_tags_to_stream(StreamName="s", Tags={"a": "b", "ü": "ö"})
    assert refusal(kinesis.add_tags_to_stream, StreamName="s", Tags={"fail": 'said "so"\n'}) == (
        "InvalidArgumentException",
        'said "so"\n',
        400,
    )


def test_validation_speaks_as_aws_does(signed):
    kinesis = client(signed, "kinesis")
    code, message, status = refusal(kinesis.put_records, StreamName="", Records=[{"Data": b"x"}, {"PartitionKey": "k"}])
    assert (code, status) == ("ValidationException", 400)
    assert message == (
        "3 validation errors detected: Value null at 'records.2.member.data' failed to satisfy constraint: Member must "
        "not be null; Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: [a-zA-Z0-9_.-]+; Value '' at 'streamName' failed to satisfy constraint: Member must have length "
        "greater than or equal to 1"
    )
    code, message, status = refusal(kinesis.create_stream, StreamName="bad name!", ShardCount=0)
    assert (code, status) == ("ValidationException", 400)
    assert (
        "Value 'bad name!' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: [a-zA-Z0-9_.-]+" in message
    )
    assert "Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1" in message
    assert message.startswith("2 validation errors detected: ")


def test_what_is_not_honoured_is_refused_by_name(signed):
    code, message, status = refusal(
        client(signed, "kinesis").create_stream, StreamName="s", ShardCount=1, WarmThroughputMiBps=5
    )
    assert (code, status) == ("ValidationException", 400)
    assert "WarmThroughputMiBps" in message and "nothing is kept warm here" in message


def test_operations_and_services_that_are_not_served_say_so(signed):
    code, message, status = refusal(client(signed, "kinesis").split_shard, StreamName="s", ShardToSplit="x",
                                    NewStartingHashKey="1")
    assert status == 501 and "SplitShard" in message
    code, message, status = refusal(client(signed, "dynamodb").list_tables)
    assert status == 501 and "ListTables" in message
    code, message, status = refusal(client(signed, "sqs").list_queues)
    assert status == 501 and "ListQueues" in message
    code, message, status = refusal(client(signed, "sns").list_topics)
    assert status == 501 and "ListTopics" in message
    code, message, status = refusal(client(signed, "s3").get_bucket_acl, Bucket="bucket")
    assert (code, status) == ("NotImplemented", 501) and "GetBucketAcl" in message
    code, message, status = refusal(client(signed, "apigateway").get_rest_apis)
    assert status == 501 and "apigateway" in message


# --- query ---


def test_query(signed):
    sts = client(signed, "sts")
    who = sts.get_caller_identity()
    assert (who["Account"], who["UserId"]) == (ACCOUNT, KEY_ID)
    role = sts.assume_role(
        RoleArn="arn:aws:iam::123456789012:role/reader",
        RoleSessionName="name",
        DurationSeconds=901,
        Tags=[{"Key": "a b", "Value": "c/d ü"}, {"Key": "e", "Value": "+"}],
    )
    assert role["SourceIdentity"] == "a b=c/d ü;e=+;"
    assert role["PackedPolicySize"] == 901
    assert role["Credentials"]["Expiration"].astimezone(UTC) == datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert refusal(sts.assume_role, RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="expired") == (
        "ExpiredTokenException",
        "a & b",
        400,
    )
    code, message, status = refusal(sts.assume_role, RoleSessionName="x")
    assert code == "ValidationError" and "Value null at 'roleArn'" in message


# --- rpc-v2-cbor ---


@pytest.mark.parametrize("milliseconds", [0, 123])
def test_rpc_cbor(signed, milliseconds):
    cloudwatch = client(signed, "cloudwatch")
    start = datetime.datetime(2024, 2, 29, 12, 30, 15, milliseconds * 1000, tzinfo=UTC)
    end = start + datetime.timedelta(hours=1)
    answer = cloudwatch.get_metric_statistics(
        Namespace="n", MetricName="latency", StartTime=start, EndTime=end, Period=60, Statistics=["Average"]
    )
    point = answer["Datapoints"][0]
    assert answer["Label"] == "latency"
    assert point["Timestamp"].astimezone(UTC) == start
    assert point["Maximum"] == end.timestamp() * 1000
    assert (point["Average"], point["ExtendedStatistics"]["p99"]) == (0.1, -1.5e300)


def test_rpc_cbor_failures(signed):
    cloudwatch = client(signed, "cloudwatch")
    cloudwatch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1.5, "Values": [0.5, 1e10]}])
    code, message, status = refusal(cloudwatch.put_metric_data, Namespace="missing", MetricData=[])
    assert code in ("ResourceNotFoundException", "ResourceNotFound") and message == "there is none" and status == 404
    code, message, status = refusal(cloudwatch.describe_alarms)
    assert status == 501 and "DescribeAlarms" in message


# --- restJson ---


def test_rest_json(signed):
    functions = client(signed, "lambda")
    answer = functions.invoke(FunctionName="name", Qualifier="7", InvocationType="Event", Payload=b"\x00raw\xff")
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (202, "name:7:Event")
    assert answer["Payload"].read() == b"\x00raw\xff"
    made = functions.create_function(
        FunctionName="f", Role="arn:aws:iam::123456789012:role/r", Code={"ZipFile": b"12345"}, MemorySize=512,
        Environment={"Variables": {"AA": "1", "BB": "ü"}},
    )
    assert (made["CodeSize"], made["MemorySize"]) == (5, 512)
    assert made["Environment"]["Variables"] == {"AA": "1", "BB": "ü"}
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    functions.untag_resource(Resource="arn:aws:lambda:us-east-1:123456789012:function:f", TagKeys=["a/b", "c"])
    assert refusal(functions.create_function, FunctionName="taken", Role="arn:aws:iam::123456789012:role/r", Code={}) == (
        "ResourceConflictException",
        "Function already exist: taken",
        409,
    )
    code, message, status = refusal(functions.list_functions)
    assert status == 501 and "ListFunctions" in message


# --- restXml: S3 ---

KEYS = ["plain", "a/b c/d+e%20&=?.txt", "../dots/./x", "ünïcödé/日本", "//slashes//", "~tilde'()*!"]


@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("key", KEYS)
def test_s3_objects(signed, key, style, monkeypatch):
    real = socket.getaddrinfo  # *.localhost is ours, whatever the machine's resolver says
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if "localhost" in str(host) else host, *a, **k)
    )
    endpoint = signed.replace("127.0.0.1", "s3.localhost") if style == "virtual" else signed
    s3 = client(endpoint, "s3", s3={"addressing_style": style})
    body = (key * 10_000).encode()
    put = s3.put_object(Bucket="bucket", Key=key, Body=body)
    assert put["ETag"] == f'"{len(body)}"'
    assert re.fullmatch("[0-9A-Z]{16}", put["ResponseMetadata"]["RequestId"]) and put["ResponseMetadata"]["HostId"]
    got = s3.get_object(Bucket="bucket", Key=key)
    assert got["Body"].read() == body
    assert got["Metadata"] == {"color": "blue"}
    assert got["LastModified"] == datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert s3.head_object(Bucket="bucket", Key=key)["ContentLength"] == len(body)
    listed = s3.list_objects_v2(Bucket="bucket", Prefix=key)
    assert [o["Key"] for o in listed["Contents"]] == [key]
    assert [p["Prefix"] for p in listed["CommonPrefixes"]] == ["a&b/", "<c>/"]
    deleted = s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": key}, {"Key": " "}]})
    assert [d["Key"] for d in deleted["Deleted"]] == [key, " "]
    assert refusal(s3.get_object, Bucket="bucket", Key=key) == ("NoSuchKey", "The specified key does not exist.", 404)
    assert refusal(s3.head_object, Bucket="bucket", Key=key)[2] == 404


def test_s3_payload_structures_and_location(signed):
    s3 = client(signed, "s3")
    made = s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert made["Location"] == "/bucket@eu-west-1"
    assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] == "eu-west-1"
    code, message, status = refusal(s3.put_object, Bucket="b", Key="k", Body=b"", WebsiteRedirectLocation="/x")
    assert (code, status) == ("NotImplemented", 501) and "WebsiteRedirectLocation" in message


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256", "SHA1"])
@pytest.mark.parametrize("signing", ["signed", "unsigned"])
def test_s3_chunked_uploads_with_trailers(request, signing, algorithm):
    import io

    endpoint = request.getfixturevalue("signed")
    config = {} if signing == "signed" else {"payload_signing_enabled": False}
    s3 = client(endpoint, "s3", s3={"addressing_style": "path", **config})
    body = bytes(range(256)) * 4096
    s3.put_object(Bucket="bucket", Key="chunked", Body=io.BytesIO(body), ChecksumAlgorithm=algorithm)
    assert s3.get_object(Bucket="bucket", Key="chunked")["Body"].read() == body


def test_s3_presigned(signed):
    s3 = client(signed, "s3", s3={"addressing_style": "path"}, signature_version="s3v4")
    url = s3.generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "a b/ü"}, ExpiresIn=60)
    with urllib.request.urlopen(urllib.request.Request(url, data=b"presigned", method="PUT")) as response:
        assert response.status == 200
    url = s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "a b/ü"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as response:
        assert response.read() == b"presigned"
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))
    assert raised.value.code == 403 and b"SignatureDoesNotMatch" in raised.value.read()


# --- who may ask ---


@pytest.mark.parametrize(
    "service, call, unknown, wrong",
    [
        ("kinesis", lambda c: c.list_streams, "UnrecognizedClientException", "InvalidSignatureException"),
        ("sts", lambda c: c.get_caller_identity, "InvalidClientTokenId", "SignatureDoesNotMatch"),
        ("cloudwatch", lambda c: c.list_metrics, "UnrecognizedClientException", "InvalidSignatureException"),
        ("lambda", lambda c: c.list_functions, "UnrecognizedClientException", "InvalidSignatureException"),
        ("s3", lambda c: c.list_buckets, "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    ],
)
def test_wrong_keys_are_refused_in_each_familys_words(signed, service, call, unknown, wrong):
    assert refusal(call(client(signed, service, key_id="AKIANOBODYNOBODYNOB2")))[0] == unknown
    assert refusal(call(client(signed, service, key_id="AKIAINACTIVEINACTIV2")))[0] == unknown
    assert refusal(call(client(signed, service, secret="guess")))[0] == wrong


def raw(endpoint, headers=None, body=b"{}", path="/", method="POST"):
    request = urllib.request.Request(endpoint + path, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def signed_headers(endpoint, body, shift_s=0):
    import botocore.auth

    request = AWSRequest("POST", endpoint + "/", data=body, headers={
        "X-Amz-Target": "Kinesis_20131202.ListStreams", "Content-Type": "application/x-amz-json-1.1"})
    signer = SigV4Auth(Credentials(KEY_ID, SECRET), "kinesis", "us-east-1")
    real = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda *a, **k: real(*a, **k) + datetime.timedelta(seconds=shift_s)
    try:
        signer.add_auth(request)
    finally:
        botocore.auth.get_current_datetime = real
    return dict(request.headers)


def test_unsigned_stale_and_changed_requests_are_refused(signed):
    target = {"X-Amz-Target": "Kinesis_20131202.ListStreams", "Content-Type": "application/x-amz-json-1.1"}
    status, text = raw(signed, target)
    assert status == 400 and "MissingAuthenticationTokenException" in text
    assert raw(signed, signed_headers(signed, b"{}"))[0] == 200
    assert raw(signed, signed_headers(signed, b"{}"), body=b'{"Limit":1}')[0] == 400
    for shift_s in (-400, 400):
        status, text = raw(signed, signed_headers(signed, b"{}", shift_s))
        assert status == 400 and "InvalidSignatureException" in text
        assert ("Signature expired" if shift_s < 0 else "Signature not yet current") in text
    for shift_s in (-200, 200):
        assert raw(signed, signed_headers(signed, b"{}", shift_s))[0] == 200
    headers = signed_headers(signed, b"{}")
    headers["X-Amz-Extra"] = "not signed"
    status, text = raw(signed, headers)
    assert status == 400 and "x-amz-extra" in text
    headers = signed_headers(signed, b"{}")
    headers["Authorization"] = headers["Authorization"].replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")
    status, text = raw(signed, headers)
    assert status == 400 and "SigV4A" in text
    status, text = raw(signed, {}, body=None, path="/bucket/key", method="GET")
    assert status == 403 and "<Code>AccessDenied</Code>" in text


def test_health_needs_no_signature_and_nothing_else_of_ours_is_open(signed):
    assert raw(signed, body=None, path="/_millrace/health", method="GET") == (200, '{"status":"ready"}')
    assert raw(signed, body=None, path="/_millrace/other", method="GET")[0] == 403


def test_without_verification_an_account_can_be_chosen(unsigned):
    kinesis = client(unsigned, "kinesis", key_id="999999999999", secret="any")
    assert kinesis.list_streams()["StreamNames"][0] == "999999999999"
    kinesis = client(unsigned, "kinesis", key_id="test", secret="test")
    assert kinesis.list_streams()["StreamNames"][0] == "000000000000"
    s3 = client(unsigned, "s3", key_id="test", secret="test", s3={"addressing_style": "path"})
    s3.put_object(Bucket="b", Key="k", Body=b"body")
    assert s3.get_object(Bucket="b", Key="k")["Body"].read() == b"body"


# --- hostile bodies ---


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"x"', b"{}}", b'{"Limit":"x"}', b'{"Limit":1e99}', b"\xff\xfe", b"{" * 100_000, b'{"Limit":[[[[]]]]}',
     b'{"StreamNames":' + b"[" * 5000],
)
def test_bodies_that_are_not_json_objects_get_a_serialization_error(unsigned, body):
    target = {"X-Amz-Target": "Kinesis_20131202.ListStreams", "Content-Type": "application/x-amz-json-1.1"}
    status, text = raw(unsigned, target, body=body)
    assert status == 400 and "SerializationException" in text
