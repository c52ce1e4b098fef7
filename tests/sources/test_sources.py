"""Sources that the server polls: what is new there arrives once, and what is broken there harms nobody."""

import gzip
import json
import subprocess
import time

import pytest

from sources.conftest import Sources, Stream
from support.clients import Curl
from support.polled import Answer
from support.waiting import eventually


def window(size, step=1):
    """The last `size` of an endless row of records, newest last; each poll sees `step` more."""
    return lambda _, count: Answer({"n": count, "txs": [{"hash": f"h{i}", "fee": 1.10} for i in range(max(0, count * step - size), count * step)]})


def test_records_arrive_once_however_often_they_are_seen(sources, stream, polled):
    web = polled(window(20, 4))
    sources.add("txs", web.url, "--records", "$.txs", "--key", "$.hash", "--partition-key", "$.hash",
                "--to", f"stream:{stream.name}")
    shown = sources.wait("txs", lambda it: it["Polls"] >= 12)
    sources.run("pause", "txs")
    shown = sources.wait("txs", lambda it: it["State"] == "paused")
    values = [each["hash"] for each in stream.values()]
    assert len(values) == len(set(values))
    assert sorted(values, key=lambda it: int(it[1:])) == [f"h{i}" for i in range(len(values))]
    shown = sources.show("txs")
    assert shown["RecordsSent"] == len(values) == shown["KeysRemembered"]
    assert shown["RecordsSeen"] == shown["RecordsSent"] + shown["RecordsRepeated"]
    assert shown["LastStatus"] == 200 and shown["LastError"] == "" and shown["Bytes"] > 0
    record = stream.records()[0]
    assert record["Data"] == b'{"hash":"h0","fee":1.1}'
    assert record["PartitionKey"] == json.loads(record["Data"])["hash"]


def test_what_was_sent_is_known_after_a_kill(server_factory, polled):
    server = server_factory(extra=["--outbound-allow", "127.0.0.1"])
    sources, stream = Sources(server), Stream(server, "s")
    web = polled(window(50, 5))
    sources.add("txs", web.url, "--records", "$.txs[*]", "--key", "$.hash", "--to", "stream:s")
    sources.wait("txs", lambda it: it["Polls"] >= 5)
    for _ in range(2):
        server.kill()
        server.start()
        polls = len(web.requests)
        sources.wait("txs", lambda it: len(web.requests) >= polls + 3)
    sources.run("pause", "txs")
    sources.wait("txs", lambda it: it["State"] == "paused")
    stream.client = server.client("kinesis")
    values = [each["hash"] for each in stream.values()]
    # All of them; and those twice, at most, that a kill caught between being sent and being remembered.
    assert set(values) == {f"h{i}" for i in range(len(set(values)))}
    assert len(values) - len(set(values)) <= 2 * 5
    assert sources.show("txs")["RecordsRepeated"] > 0


def test_unchanged_is_asked_for_and_sent_once(sources, stream, polled):
    def answer(request, count):
        if request.headers.get("If-None-Match") == '"v1"':
            return Answer(status=304)
        return Answer([1, 2], headers={"ETag": '"v1"', "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"})

    web = polled(answer)
    sources.add("same", web.url, "--to", f"stream:{stream.name}", "--header", "X-Api-Key: secret")
    shown = sources.wait("same", lambda it: it["Unchanged"] >= 3)
    assert stream.values() == [1, 2]
    assert shown["RecordsSeen"] == 2 and shown["HeaderNames"] == ["X-Api-Key"] and "secret" not in json.dumps(shown)
    assert web.requests[-1][1]["x-api-key"] == "secret"
    assert web.requests[-1][1]["if-modified-since"] == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert web.requests[-1][1]["accept-encoding"] == "gzip"


def test_lines_and_whole_bodies_gzipped_or_not(sources, stream, polled):
    packed = gzip.compress(b'{"a": 1}\nbroken\n{"a": 2}')
    web = polled(lambda _, count: Answer(packed, headers={"Content-Encoding": "gzip"}))
    sources.add("lines", web.url, "--format", "ndjson", "--key", "$", "--to", f"stream:{stream.name}")
    shown = sources.wait("lines", lambda it: it["RecordsRepeated"] >= 2)
    assert shown["LinesMalformed"] >= 1 and stream.values() == [{"a": 1}, {"a": 2}]
    text = polled(lambda _, count: Answer(b"21.5 degrees"))
    sources.add("body", text.url, "--format", "body", "--key", "$", "--to", f"stream:{stream.name}")
    sources.wait("body", lambda it: it["RecordsSent"] == 1)
    assert stream.records()[-1]["Data"] == b"21.5 degrees"


def test_firehose_gets_lines(sources, open_server, polled):
    s3, firehose = open_server.client("s3"), open_server.client("firehose")
    s3.create_bucket(Bucket="polled-lines")
    firehose.create_delivery_stream(DeliveryStreamName="polled", ExtendedS3DestinationConfiguration={
        "RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": "arn:aws:s3:::polled-lines",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}})
    web = polled(lambda _, count: Answer({"v": [{"i": 1}, {"i": 2}]}))
    sources.add("lines", web.url, "--records", "$.v", "--key", "$.i", "--to", "firehose:polled")
    found = eventually(lambda: s3.list_objects_v2(Bucket="polled-lines").get("Contents"), tell=lambda: sources.show("lines"))
    lines = b"".join(s3.get_object(Bucket="polled-lines", Key=each["Key"])["Body"].read() for each in found)
    assert lines == b'{"i":1}\n{"i":2}\n'


def test_a_bus_gets_events_and_large_ones_are_split_by_record(sources, stream, open_server, polled):
    events = open_server.client("events")
    events.create_event_bus(Name="polled")
    events.put_rule(Name="all", EventBusName="polled", EventPattern=json.dumps({"source": ["weather", "millrace.one"]}))
    arn = stream.client.describe_stream_summary(StreamName=stream.name)["StreamDescriptionSummary"]["StreamARN"]
    events.put_targets(Rule="all", EventBusName="polled",
                       Targets=[{"Id": "s", "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r"}])
    large = [{"i": i, "text": "x" * 100_000} for i in range(5)] + [{"i": 5, "text": "y" * 300_000}]
    web = polled(lambda _, count: Answer(large, headers={"ETag": '"1"'}) if count == 1 else Answer(status=304))
    sources.add("many", web.url, "--per-event", 100, "--source", "weather", "--detail-type", "Reading",
                "--key", "$.i", "--to", "bus:polled")
    shown = sources.wait("many", lambda it: it["RecordsSent"] == 5)
    assert shown["RecordsRefused"] == 1 and "larger than the destination takes" in shown["LastRefusal"]
    single = polled(lambda _, count: Answer([{"t": 21.50}, 7]))
    sources.add("one", single.url, "--key", "$", "--to", "bus:polled")
    got = eventually(lambda: len(found := stream.values()) >= 5 and found)
    many = [each for each in got if each["source"] == "weather"]
    assert [each["detail-type"] for each in many] == ["Reading"] * 3
    assert sorted(record["i"] for each in many for record in each["detail"]["records"]) == [0, 1, 2, 3, 4]
    ones = [each for each in got if each["source"] == "millrace.one"]
    assert sorted((each["detail"] for each in ones), key=str) == [{"record": 7}, {"t": 21.5}]
    assert {each["detail-type"] for each in ones} == {"Polled record"}
    events.remove_targets(Rule="all", EventBusName="polled", Ids=["s"])


BROKEN = {
    "an error": (lambda: Answer(b"overloaded", status=500), "HTTP 500: overloaded"),
    "not json": (lambda: Answer(b"<html>hello</html>"), "is no JSON"),
    "something else": (lambda: Answer({"error": "no"}), "has nothing at $.txs"),
    "too large": (lambda: Answer(chunks=lambda: iter(lambda: b"x" * 65536, None)), "larger than 1048576 bytes"),
    # Dripping: the wait is this web server's own pace, and goes on for longer than any machine is slow.
    "slow": (lambda: Answer(chunks=lambda: (time.sleep(0.05) or b"x" for _ in range(10_000))), "longer than 400 ms"),
    "a bomb": (lambda: Answer(gzip.compress(b"0" * 4_000_000), headers={"Content-Encoding": "gzip"}),
               "larger than 1048576 bytes"),
    "inwards": (lambda: Answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
                "169.254.169.254 is not a public address"),
    "cut": (lambda: Answer(b"[", headers={"Transfer-Encoding": "chunked"}), "not"),
}


def test_the_broken_harm_nobody(sources, stream, polled):
    webs = {}
    for what, (answer, _) in BROKEN.items():
        webs[what] = polled(lambda _, count, answer=answer: answer())
        sources.add(what.replace(" ", "-"), webs[what].url, "--records", "$.txs", "--timeout",
                    "400ms" if what == "slow" else "60s", "--max-bytes", "1MiB", "--redirects", "2", "--to", f"stream:{stream.name}")
    good = polled(window(10, 1))
    sources.add("good", good.url, "--records", "$.txs", "--key", "$.hash", "--to", f"stream:{stream.name}")
    for what, (_, said) in BROKEN.items():
        shown = sources.wait(what.replace(" ", "-"), lambda it: it["Failures"] >= 1)
        assert said in shown["LastError"], (what, shown)
        assert shown["RecordsSent"] == 0
    shown = sources.wait("good", lambda it: it["Polls"] >= 20)
    assert shown["Failures"] == 0
    values = [each["hash"] for each in stream.values()]
    assert len(values) == len(set(values)) >= 19
    assert all(len(web.requests) < len(good.requests) for web in webs.values()), "the broken are left alone for longer"


def test_retry_after_is_honoured(sources, stream, polled):
    web = polled(lambda _, count: Answer(status=429, headers={"Retry-After": "3600"}))
    sources.add("busy", web.url, "--to", f"stream:{stream.name}")
    other = polled(lambda _, count: Answer([]))
    sources.add("other", other.url, "--to", f"stream:{stream.name}")
    sources.wait("other", lambda it: it["Polls"] >= 40)  # two seconds: a backoff of its own would have ended
    assert len(web.requests) == 1
    assert sources.show("busy")["State"] == "backing off"
    sources.run("resume", "busy")  # a person knows better
    sources.wait("busy", lambda it: len(web.requests) >= 2)


def test_a_destination_that_is_missing_is_waited_for(sources, open_server, polled):
    web = polled(window(5, 5))
    sources.add("early", web.url, "--records", "$.txs", "--key", "$.hash", "--to", "stream:made-later")
    shown = sources.wait("early", lambda it: it["State"] == "waiting for its destination")
    assert "ResourceNotFoundException" in shown["LastError"]
    assert shown["RecordsRefused"] == 0
    asked = len(web.requests)
    stream = Stream(open_server, "made-later")
    sources.wait("early", lambda it: it["RecordsSent"] >= 5)
    assert asked == 1, "it does not poll while it holds records"
    assert [each["hash"] for each in stream.values()][:5] == [f"h{i}" for i in range(5)]
    stream.client.delete_stream(StreamName="made-later")


def test_private_addresses_are_refused_unless_named(server, polled):
    sources, stream = Sources(server), Stream(server, "private")
    web = polled(lambda _, count: Answer([1]))
    done = sources.add("in", web.url, "--to", "stream:private", ok=False)
    assert done.returncode != 0 and "not a public address" in done.stderr and "outbound-allow" in done.stderr
    sources.add("name", web.url.replace("127.0.0.1", "localhost"), "--to", "stream:private")
    shown = sources.wait("name", lambda it: it["Failures"] >= 1)
    assert "localhost is 127.0.0.1" in shown["LastError"] or "localhost is ::1" in shown["LastError"]
    assert web.requests == [] and stream.values() == []


@pytest.mark.parametrize("arguments, said", [
    (["x", "ftp://h/", "--to", "stream:s"], "https://"),
    (["x", "http://u:p@127.0.0.1/", "--to", "stream:s"], "Authorization"),
    (["x", "http://127.0.0.1/", "--to", "queue:s"], "stream:NAME"),
    (["x", "http://127.0.0.1/", "--to", "arn:aws:kinesis:us-east-1:999999999999:stream/s"], "another account"),
    (["x", "http://127.0.0.1/", "--to", "arn:aws:sqs:us-east-1:000000000000:q"], "SQS"),
    (["x y", "http://127.0.0.1/", "--to", "stream:s"], "name"),
    (["x", "http://127.0.0.1/", "--to", "stream:s", "--key", "$..hash"], "one place"),
    (["x", "http://127.0.0.1/", "--to", "stream:s", "--records", "txs"], "path"),
    (["x", "http://127.0.0.1/", "--to", "stream:s", "--timeout", "soon"], "--timeout"),
    (["x", "http://127.0.0.1/", "--to", "stream:s", "--header", "a: b\nc: d"], "control character"),
    (["x", "http://127.0.0.1/", "--to", "stream:s", "--header", "Host : b"], "header"),
    (["x", "http://127.0.0.1/", "--to", "stream:s", "--per-event", "5"], "buses"),
])
def test_what_can_not_be_is_refused_with_a_sentence(sources, arguments, said):
    done = sources.run("add", *arguments, ok=False)
    assert done.returncode != 0 and said in done.stderr, done.stderr
    assert sources.show("x") is None


def test_names_are_taken_once_and_removal_forgets(sources, stream, polled):
    web = polled(lambda _, count: Answer([{"id": 1}]))
    add = ("one", web.url, "--key", "$.id", "--to", f"stream:{stream.name}")
    sources.add(*add)
    assert "already" in sources.add(*add, ok=False).stderr
    sources.wait("one", lambda it: it["RecordsRepeated"] >= 1)
    sources.run("remove", "one")
    assert sources.show("one") is None and "no source named" in sources.run("remove", "one", ok=False).stderr
    sources.add(*add)
    sources.wait("one", lambda it: it["RecordsRepeated"] >= 1)
    assert len(stream.values()) == 2


def test_each_account_sees_its_own_and_nobody_unsigned(open_server, sources, stream, polled):
    import urllib.error
    import urllib.request

    web = polled(lambda _, count: Answer([]))
    sources.add("mine", web.url, "--to", f"stream:{stream.name}")
    keys = json.loads(subprocess.run(
        [open_server.binary, "keys", "create", "--data", open_server.data, "--account", "111111111111", "--json"],
        check=True, capture_output=True, text=True).stdout)
    done = subprocess.run([open_server.binary, "sources", "--endpoint-url", open_server.url], capture_output=True,
                          text=True, env={**open_server.client_environment(),
                                          "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
                                          "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]})
    assert done.stdout == "no sources\n", done
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(open_server.url + "/_millrace/sources")
    assert refused.value.code == 403
    status, page = Curl(open_server)("/_millrace/sources", sign="millrace")
    assert status == 200 and "mine" in [each["Name"] for each in page["sources"]]


def certificate_for(directory, name="127.0.0.1"):
    """A certificate of `name` and the directory's own authority, which signed it: (authority, certificate, key)."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=directory)

    if not (directory / "ca.pem").exists():
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
                "-out", "ca.pem", "-subj", "/CN=authority", "-days", "2")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", "-subj", "/CN=server")
    kind = "IP" if name[0].isdigit() else "DNS"
    (directory / "extensions").write_text(f"subjectAltName={kind}:{name}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            f"{name}.pem", "-days", "1", "-extfile", "extensions")
    return directory / "ca.pem", directory / f"{name}.pem", directory / f"{name}.key"


def test_certificates_are_verified(server_factory, polled, tmp_path):
    for folder in ("ours", "others"):
        (tmp_path / folder).mkdir()
    authority, certificate, key = certificate_for(tmp_path / "ours")
    _, strange, strange_key = certificate_for(tmp_path / "others")
    _, named, named_key = certificate_for(tmp_path / "ours", "example.com")
    good = polled(lambda _, count: Answer([{"id": 1}]), certificate=(certificate, key))
    stranger = polled(lambda _, count: Answer([{"id": 2}]), certificate=(strange, strange_key))
    # Of the authority that is trusted, and of another name.
    misnamed = polled(lambda _, count: Answer([{"id": 3}]), certificate=(named, named_key))
    server = server_factory(extra=["--outbound-allow", "127.0.0.1", "--outbound-ca-file", authority])
    sources, stream = Sources(server), Stream(server, "s")
    for name, web in (("good", good), ("stranger", stranger), ("misnamed", misnamed)):
        sources.add(name, web.url, "--key", "$.id", "--to", "stream:s")
    for name in ("stranger", "misnamed"):
        shown = sources.wait(name, lambda it: it["Failures"] >= 1)
        assert "the certificate of 127.0.0.1 is not accepted" in shown["LastError"]
    assert stream.values() == [] or stream.values() == [{"id": 1}]
    sources.wait("good", lambda it: it["RecordsRepeated"] >= 1)
    assert stream.values() == [{"id": 1}]
    assert stranger.requests == [] and misnamed.requests == []
