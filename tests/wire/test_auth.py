"""Who may ask. Every client here is an unmodified SDK, or botocore's own signer with one thing changed."""

import datetime
import json
import subprocess
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest

SKEW_SECONDS_MAX = 300


def error_of(call):
    with pytest.raises(botocore.exceptions.ClientError) as failed:
        call()
    return failed.value.response["Error"]["Code"], failed.value.response["ResponseMetadata"]["HTTPStatusCode"]


def post(server, headers, body=b"{}"):
    request = urllib.request.Request(server.url + "/", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


class ShiftedSigner(botocore.auth.SigV4Auth):
    """Signs as of a time that is `seconds` from now."""

    def __init__(self, server, seconds):
        super().__init__(botocore.credentials.Credentials(server.access_key, server.secret_key), "kinesis",
                         server.region)
        self.seconds = seconds

    def add_auth(self, request):
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.seconds)
        request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)
        canonical = self.canonical_request(request)
        self._inject_signature_to_request(request, self.signature(self.string_to_sign(request, canonical), request))


def signed_list_streams(server, seconds=0):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.ListStreams"}
    request = botocore.awsrequest.AWSRequest("POST", server.url + "/", headers=headers, data=b"{}")
    ShiftedSigner(server, seconds).add_auth(request)
    return dict(request.headers.items())


def test_unsigned_requests_are_refused_by_every_service(server):
    for target in ("Kinesis_20131202.ListStreams", "Firehose_20150804.ListDeliveryStreams", "AWSGlue.GetDatabases",
                   "AmazonAthena.ListWorkGroups"):
        status, answer = post(server, {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target})
        assert status in (400, 403) and "MissingAuthenticationToken" in answer["__type"], (target, status, answer)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.url + "/some-bucket/some-key", timeout=60)
    assert refused.value.code == 403


def test_a_wrong_secret_is_refused(server):
    code, status = error_of(server.client("kinesis", aws_secret_access_key="x" * 40).list_streams)
    assert (code, status) in {("InvalidSignatureException", 400), ("InvalidSignatureException", 403)}
    code, status = error_of(server.client("s3", aws_secret_access_key="x" * 40).list_buckets)
    assert (code, status) == ("SignatureDoesNotMatch", 403)


@pytest.mark.parametrize("key", ["test", "AKIAIOSFODNN7EXAMPLE", "unsigned"])
def test_no_magic_key_passes(server, key):
    code, _ = error_of(server.client("kinesis", aws_access_key_id=key, aws_secret_access_key="test").list_streams)
    assert code == "UnrecognizedClientException"
    code, status = error_of(server.client("s3", aws_access_key_id=key, aws_secret_access_key="test").list_buckets)
    assert (code, status) == ("InvalidAccessKeyId", 403)


@pytest.mark.parametrize("seconds", [-SKEW_SECONDS_MAX + 30, 0, SKEW_SECONDS_MAX - 30])
def test_clocks_may_differ_by_five_minutes(server, seconds):
    status, answer = post(server, signed_list_streams(server, seconds))
    assert status == 200, answer


@pytest.mark.parametrize("seconds", [-SKEW_SECONDS_MAX - 30, SKEW_SECONDS_MAX + 30])
def test_clocks_may_not_differ_by_more(server, seconds):
    status, answer = post(server, signed_list_streams(server, seconds))
    assert status in (400, 403) and "Signature" in answer["__type"], answer


def test_a_body_that_was_changed_is_refused(server):
    status, answer = post(server, signed_list_streams(server), body=b'{"Limit":1}')
    assert status in (400, 403) and "InvalidSignature" in answer["__type"], answer


def test_a_signature_for_another_service_is_refused(server):
    headers = signed_list_streams(server)
    headers["X-Amz-Target"] = "AWSGlue.GetDatabases"
    status, _ = post(server, headers)
    assert status in (400, 403)


def test_keys_come_and_go_while_it_runs(server_factory):
    server = server_factory()
    old = server.client("kinesis")
    assert old.list_streams()["StreamNames"] == []
    first = server.access_key
    server.create_keys()
    assert server.client("kinesis").list_streams()["StreamNames"] == []
    assert old.list_streams()["StreamNames"] == []
    subprocess.run([server.binary, "keys", "delete", "--data", server.data, first], check=True, capture_output=True)
    listed = subprocess.run([server.binary, "keys", "list", "--data", server.data], check=True, capture_output=True,
                            text=True).stdout
    assert first not in listed and server.access_key in listed and server.secret_key not in listed
    server.restart()
    assert error_of(server.client("kinesis", aws_access_key_id=first).list_streams)[0] == "UnrecognizedClientException"


def test_accounts_do_not_see_each_other(server_factory):
    server = server_factory()
    server.client("kinesis").create_stream(StreamName="mine", ShardCount=1)
    server.create_keys("--account", "111122223333")
    other = server.client("kinesis")
    assert other.list_streams()["StreamNames"] == []
    other.create_stream(StreamName="mine", ShardCount=1)
    assert ":111122223333:" in other.describe_stream_summary(StreamName="mine")["StreamDescriptionSummary"]["StreamARN"]


def test_auth_off_takes_anything_on_loopback(server_factory):
    server = server_factory(auth="off")
    status, answer = post(server, {"Content-Type": "application/x-amz-json-1.1",
                                   "X-Amz-Target": "Kinesis_20131202.ListStreams"})
    assert (status, answer["StreamNames"]) == (200, [])


def test_what_is_not_served_says_so(server):
    code, status = error_of(lambda: server.client("kinesis").start_stream_encryption(
        StreamName="s", EncryptionType="KMS", KeyId="k"))
    assert status == 501
