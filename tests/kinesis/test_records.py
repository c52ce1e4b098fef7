"""Records in and out: routing, order, iterators, limits."""

import base64
import datetime
import hashlib
import json
import os
import random
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

MIB = 1 << 20


@pytest.fixture
def kinesis(boto):
    return boto("kinesis")


@pytest.fixture
def stream(kinesis, request):
    name = f"s-{abs(hash(request.node.name)) % 10**9}"
    kinesis.create_stream(StreamName=name, ShardCount=getattr(request, "param", 1))
    yield name
    kinesis.delete_stream(StreamName=name)


def iterator(kinesis, stream, shard="shardId-000000000000", kind="TRIM_HORIZON", **more):
    return kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]


def read_all(kinesis, stream, shard="shardId-000000000000", limit=10_000, kind="TRIM_HORIZON", **more):
    records, at = [], iterator(kinesis, stream, shard, kind, **more)
    while True:
        got = kinesis.get_records(ShardIterator=at, Limit=limit)
        records += got["Records"]
        at = got["NextShardIterator"]
        if got["MillisBehindLatest"] == 0 and len(got["Records"]) < limit:
            return records


def error_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def test_records_come_back_whole_in_order(kinesis, stream):
    random.seed(1)
    sent = [os.urandom(random.choice([0, 1, 100, 5000])) for _ in range(300)]
    numbers = []
    for begin in range(0, 300, 60):
        answer = kinesis.put_records(StreamName=stream, Records=[
            {"Data": data, "PartitionKey": f"schlüssel-{i}"} for i, data in enumerate(sent[begin:begin + 60])])
        assert answer["FailedRecordCount"] == 0
        numbers += [int(record["SequenceNumber"]) for record in answer["Records"]]
    assert numbers == sorted(set(numbers))
    got = read_all(kinesis, stream, limit=37)
    assert [record["Data"] for record in got] == sent
    assert [int(record["SequenceNumber"]) for record in got] == numbers
    assert got[5]["PartitionKey"] == "schlüssel-5"
    age = datetime.datetime.now(datetime.timezone.utc) - got[0]["ApproximateArrivalTimestamp"]
    assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=5)


@pytest.mark.parametrize("stream", [4], indirect=True)
def test_partition_keys_go_where_their_md5_says(kinesis, stream):
    shards = kinesis.list_shards(StreamName=stream)["Shards"]

    def owner(hash_key):
        for shard in shards:
            edges = shard["HashKeyRange"]
            if int(edges["StartingHashKey"]) <= hash_key <= int(edges["EndingHashKey"]):
                return shard["ShardId"]

    keys = [f"key-{i}" for i in range(200)]
    answer = kinesis.put_records(StreamName=stream, Records=[{"Data": k.encode(), "PartitionKey": k} for k in keys])
    for key, record in zip(keys, answer["Records"]):
        assert record["ShardId"] == owner(int.from_bytes(hashlib.md5(key.encode()).digest(), "big"))
    for hash_key in (0, 2**127, 2**128 - 1, 2**126 - 1):
        put = kinesis.put_record(StreamName=stream, Data=b"e", PartitionKey="same", ExplicitHashKey=str(hash_key))
        assert put["ShardId"] == owner(hash_key)
    # In each shard, the order is that of the request.
    for shard in shards:
        got = [r["PartitionKey"] for r in read_all(kinesis, stream, shard["ShardId"]) if r["Data"] != b"e"]
        assert got == [k for k, r in zip(keys, answer["Records"]) if r["ShardId"] == shard["ShardId"]]
    assert error_of(kinesis.put_record, StreamName=stream, Data=b"", PartitionKey="k",
                    ExplicitHashKey=str(2**128))["Code"] == "InvalidArgumentException"


def test_all_five_iterators(kinesis, stream):
    puts = []
    for i in range(6):
        puts.append(kinesis.put_record(StreamName=stream, Data=b"%d" % i, PartitionKey="k")["SequenceNumber"])
    latest = iterator(kinesis, stream, kind="LATEST")

    def read(kind, **more):
        return [r["Data"] for r in read_all(kinesis, stream, kind=kind, **more)]

    everything = [b"%d" % i for i in range(6)]
    assert read("TRIM_HORIZON") == everything
    assert read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=puts[2]) == everything[2:]
    assert read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=puts[2]) == everything[3:]
    assert read("LATEST") == []
    records = read_all(kinesis, stream)
    middle = records[3]["ApproximateArrivalTimestamp"]
    expected = [r["Data"] for r in records if r["ApproximateArrivalTimestamp"] >= middle]
    assert read("AT_TIMESTAMP", Timestamp=middle) == expected
    assert read("AT_TIMESTAMP", Timestamp=datetime.datetime(2020, 1, 1)) == everything

    kinesis.put_record(StreamName=stream, Data=b"new", PartitionKey="k")
    assert [r["Data"] for r in kinesis.get_records(ShardIterator=latest)["Records"]] == [b"new"]
    foreign = error_of(kinesis.get_shard_iterator, StreamName=stream, ShardId="shardId-000000000000",
                       ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber="12345")
    assert foreign["Code"] == "InvalidArgumentException" and "did not come from this stream" in foreign["Message"]
    future = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    assert error_of(kinesis.get_shard_iterator, StreamName=stream, ShardId="shardId-000000000000",
                    ShardIteratorType="AT_TIMESTAMP", Timestamp=future)["Code"] == "InvalidArgumentException"
    assert error_of(kinesis.get_shard_iterator, StreamName=stream, ShardId="shardId-000000000009",
                    ShardIteratorType="LATEST")["Code"] == "ResourceNotFoundException"
    assert error_of(kinesis.get_records, ShardIterator="made up")["Code"] == "InvalidArgumentException"


def test_how_far_behind_and_how_much_at_once(kinesis, stream):
    for _ in range(3):
        kinesis.put_records(StreamName=stream, Records=[{"Data": bytes(MIB - 10), "PartitionKey": "k"}] * 5)
    got = kinesis.get_records(ShardIterator=iterator(kinesis, stream))
    assert 0 < len(got["Records"]) < 15  # 10 MiB at most
    rest = kinesis.get_records(ShardIterator=got["NextShardIterator"])
    assert len(got["Records"]) + len(rest["Records"]) == 15 and rest["MillisBehindLatest"] == 0
    first = kinesis.get_records(ShardIterator=iterator(kinesis, stream), Limit=1)
    while first["MillisBehindLatest"] == 0:  # the next record may be less than a millisecond old
        first = kinesis.get_records(ShardIterator=iterator(kinesis, stream), Limit=1)
    assert len(first["Records"]) == 1


def test_limits_are_named(kinesis, stream):
    def put(data=b"x", key="k", count=1):
        return error_of(kinesis.put_records, StreamName=stream,
                        Records=[{"Data": data, "PartitionKey": key}] * count)

    assert put(data=bytes(MIB + 1))["Code"] == "ValidationException"
    assert put(key="k" * 257)["Code"] == "ValidationException"
    assert put(count=501)["Code"] == "ValidationException"
    too_large = put(data=bytes(MIB - 100), count=11)
    assert too_large["Code"] == "InvalidArgumentException" and "10 MB" in too_large["Message"]
    # 256 characters of three bytes each are within the limit.
    kinesis.put_record(StreamName=stream, Data=bytes(MIB - 1024), PartitionKey="\u20ac" * 256)
    assert error_of(kinesis.put_record, StreamName=stream, Data=bytes(MIB + 1),
                    PartitionKey="k")["Code"] == "ValidationException"
    assert error_of(kinesis.put_record, StreamName="absent", Data=b"",
                    PartitionKey="k")["Code"] == "ResourceNotFoundException"
    assert len(read_all(kinesis, stream)) == 1  # what was refused was refused whole


def test_larger_records_where_the_stream_allows_them(kinesis):
    kinesis.create_stream(StreamName="large", ShardCount=1, MaxRecordSizeInKiB=10240)
    data = os.urandom(7 * MIB)
    kinesis.put_record(StreamName="large", Data=data, PartitionKey="k")
    assert read_all(kinesis, "large")[0]["Data"] == data


def raw_put(server, operation, text):
    request = urllib.request.Request(server.url, data=text.encode(), headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Kinesis_20131202.{operation}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_bodies_as_other_clients_write_them(server_factory):
    server = server_factory(auth="off")
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    data = bytes(range(248, 256)) * 30
    text = base64.b64encode(data).decode()
    escaped = text.replace("/", "\\/")  # as PHP and some Java libraries do
    assert "/" in text
    bodies = [
        '{"Records":[{"PartitionKey":"k","Data":"%s"}],"StreamName":"s"}' % text,
        '{"StreamName":"s","Records":[{"Data":"%s","PartitionKey":"k"}]}' % escaped,
        ' { "StreamName" : "s" , "Records" : [ { "Data" : "%s" , "PartitionKey" : "\\u006b" } ] } ' % text,
        '{"StreamName":"s","Records":[{"Data":"%s","ExplicitHashKey":null,"PartitionKey":"k"}]}' % text,
        '{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","Records":[{"Data":"%s","PartitionKey":"k"}]}'
        % text,
    ]
    for body in bodies:
        status, answer = raw_put(server, "PutRecords", body)
        assert status == 200 and answer["FailedRecordCount"] == 0, (body, answer)
    status, answer = raw_put(server, "PutRecord", '{"PartitionKey":"k","Data":"%s","StreamName":"s"}' % escaped)
    assert status == 200 and answer["ShardId"] == "shardId-000000000000"
    got = read_all(kinesis, "s")
    assert [(r["Data"], r["PartitionKey"]) for r in got] == [(data, "k")] * 6

    wrong = [
        ('{"StreamName":"s","Records":[{"Data":"a","PartitionKey":"k"}]}', "SerializationException"),
        ('{"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"k"}', "SerializationException"),
        ('{"StreamName":"s","Records":[]}', "ValidationException"),
        ('{"StreamName":"s","Records":[{"PartitionKey":"k"}]}', "ValidationException"),
        ('{"StreamName":"s","Records":[{"Data":"YQ=="}]}', "ValidationException"),
        ('{"StreamName":"s"}', "ValidationException"),
    ]
    for body, code in wrong:
        status, answer = raw_put(server, "PutRecords", body)
        assert status == 400 and answer["__type"].endswith(code), (body, answer)
    assert len(read_all(kinesis, "s")) == 6


@pytest.mark.parametrize("stop", ["kill", "stop"])
def test_acknowledged_records_outlive_the_process(server_factory, stop):
    server = server_factory()
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=2)
    sent = {}
    for i in range(40):
        answer = kinesis.put_records(StreamName="s", Records=[
            {"Data": b"%d-%d" % (i, j), "PartitionKey": str(j)} for j in range(25)])
        for j, record in enumerate(answer["Records"]):
            sent.setdefault(record["ShardId"], []).append((record["SequenceNumber"], b"%d-%d" % (i, j)))
    half = {shard: iterator(kinesis, "s", shard, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=records[9][0])
            for shard, records in sent.items()}
    getattr(server, stop)()
    server.start()
    kinesis = server.client("kinesis")
    for shard, records in sent.items():
        assert [(r["SequenceNumber"], r["Data"]) for r in read_all(kinesis, "s", shard)] == records
        # Iterators given before the end still hold.
        rest = kinesis.get_records(ShardIterator=half[shard])["Records"]
        assert [r["Data"] for r in rest] == [data for _, data in records[10:]]
    put = kinesis.put_record(StreamName="s", Data=b"later", PartitionKey="1")
    assert int(put["SequenceNumber"]) > max(int(n) for n, _ in sent[put["ShardId"]])


def test_a_name_used_again_is_another_stream(kinesis):
    kinesis.create_stream(StreamName="again", ShardCount=1)
    kinesis.put_record(StreamName="again", Data=b"old", PartitionKey="k")
    old = iterator(kinesis, "again")
    kinesis.delete_stream(StreamName="again")
    kinesis.create_stream(StreamName="again", ShardCount=1)
    assert error_of(kinesis.get_records, ShardIterator=old)["Code"] == "ResourceNotFoundException"
    assert read_all(kinesis, "again") == []


def test_the_javascript_sdk_and_the_aws_cli(node, aws_cli, kinesis, stream):
    answer = node("""
        const { KinesisClient, PutRecordsCommand } = require('@aws-sdk/client-kinesis');
        const client = new KinesisClient({ endpoint, region: 'us-east-1' });
        const Records = [];
        for (let i = 0; i < 100; i++) Records.push({ Data: Buffer.from('js-' + i), PartitionKey: 'k' + i });
        const answer = await client.send(new PutRecordsCommand({ StreamName: argument, Records }));
        return { failed: answer.FailedRecordCount, count: answer.Records.length };
    """, stream)
    assert answer == {"failed": 0, "count": 100}
    put = aws_cli("kinesis", "put-record", "--stream-name", stream, "--partition-key", "k", "--data",
                  base64.b64encode(b"from the command line").decode())
    got = read_all(kinesis, stream)
    assert [r["Data"] for r in got[:100]] == [b"js-%d" % i for i in range(100)]
    assert got[100]["Data"] == b"from the command line" and got[100]["SequenceNumber"] == put["SequenceNumber"]


def cbor(value):
    """Just enough CBOR (RFC 8949) to speak as the Java and Go SDKs do."""
    def head(major, number):
        return bytes([major << 5 | number]) if number < 24 else bytes([major << 5 | 25]) + number.to_bytes(2, "big")

    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(key) + cbor(each) for key, each in value.items())
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    return head(3, len(value.encode())) + value.encode()


def test_cbor_as_the_java_and_go_sdks_send_it(server_factory):
    server = server_factory(auth="off")
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)

    def put(operation, value):
        request = urllib.request.Request(server.url, data=cbor(value), headers={
            "Content-Type": "application/x-amz-cbor-1.1", "X-Amz-Target": f"Kinesis_20131202.{operation}"})
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Content-Type"] == "application/x-amz-cbor-1.1"
            return answer.read()

    records = [{"Data": b"\x00%d" % i, "PartitionKey": f"k{i}"} for i in range(30)]
    answer = put("PutRecords", {"StreamName": "s", "Records": records})
    assert b"FailedRecordCount" in answer and answer.count(b"shardId-000000000000") == 30
    assert b"SequenceNumber" in put("PutRecord", {"StreamName": "s", "Data": b"one", "PartitionKey": "k"})
    got = read_all(kinesis, "s")
    assert [r["Data"] for r in got] == [r["Data"] for r in records] + [b"one"]
