"""kill -9 in the middle of ingestion, again and again: every acknowledged record is in the stream once and in order,
and in the delivered Parquet at least once.

Each life of the server: start on what the last one left, check what it left, write from several clients at once, die at
a random moment. A record whose request was not answered may be there or not, but never twice in the stream.
"""

import io
import json
import os
import random
import threading
import time

import botocore.exceptions
import pyarrow.parquet
import pytest

from support.waiting import eventually

KILLS = int(os.environ.get("MILLRACE_KILLS", "200"))
SECONDS_MAX = 300  # a slow machine kills less often, and not less than this: 20 times
WRITERS = 3
RECORDS_A_REQUEST = 25
LIFE_SECONDS_MAX = 0.4
STREAM = "ledger"
BUCKET = "kill-lake"


class Writer(threading.Thread):
    """Writes numbered records to one shard until the server is gone; remembers which numbers were acknowledged."""

    def __init__(self, server, number, first, hash_key):
        super().__init__()
        self.client = server.client("kinesis")
        self.number = number
        self.next = first
        self.hash_key = hash_key
        self.acknowledged = []
        self.refused = []

    def run(self):
        while True:
            numbers = list(range(self.next, self.next + RECORDS_A_REQUEST))
            self.next += RECORDS_A_REQUEST
            records = [{"Data": json.dumps({"writer": self.number, "n": n}), "PartitionKey": "k",
                        "ExplicitHashKey": self.hash_key} for n in numbers]
            try:
                answer = self.client.put_records(StreamName=STREAM, Records=records)
            except (botocore.exceptions.BotoCoreError, OSError):
                return  # killed
            except botocore.exceptions.ClientError as error:
                self.refused.append(str(error))
                return
            for n, result in zip(numbers, answer["Records"]):
                if "ErrorCode" not in result:
                    self.acknowledged.append(n)


class Oracle:
    """What must be there, shard by shard; reads only what is new since the last check."""

    def __init__(self, shard_ids):
        self.acknowledged = {writer: [] for writer in range(WRITERS)}
        self.after = dict.fromkeys(shard_ids)
        self.found = {writer: [] for writer in range(WRITERS)}

    def read_new(self, client):
        for shard, after in self.after.items():
            where = ({"ShardIteratorType": "TRIM_HORIZON"} if after is None else
                     {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after})
            iterator = client.get_shard_iterator(StreamName=STREAM, ShardId=shard, **where)["ShardIterator"]
            while True:
                answer = client.get_records(ShardIterator=iterator)
                for record in answer["Records"]:
                    if self.after[shard] is not None:
                        assert int(record["SequenceNumber"]) > int(self.after[shard])
                    self.after[shard] = record["SequenceNumber"]
                    body = json.loads(record["Data"])
                    self.found[body["writer"]].append(body["n"])
                iterator = answer["NextShardIterator"]
                if answer["MillisBehindLatest"] == 0 and not answer["Records"]:
                    break

    def check(self):
        for writer in range(WRITERS):
            found = self.found[writer]
            assert all(a < b for a, b in zip(found, found[1:])), f"writer {writer}: repeated or out of order"
            lost = set(self.acknowledged[writer]) - set(found)
            assert not lost, f"writer {writer}: acknowledged and not in the stream: {sorted(lost)[:10]}"


@pytest.mark.timeout(900)
def test_every_acknowledged_record_outlives_kill_9(server_factory):
    seed = int(os.environ.get("MILLRACE_SEED", random.randrange(1 << 30)))
    print(f"seed {seed}")  # MILLRACE_SEED repeats the moments of death, as far as timing allows
    chance = random.Random(seed)
    server = server_factory()
    shards = build_pipeline(server)
    oracle = Oracle([shard["ShardId"] for shard in shards])
    following = [0] * WRITERS
    lives, end = 0, time.monotonic() + SECONDS_MAX
    while lives < KILLS and (lives < 20 or time.monotonic() < end):
        lives += 1
        writers = [Writer(server, number, following[number], hash_key(shards, number))
                   for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        # The moment of death is the test's input: anywhere, and in most lives behind the first answer.
        if chance.random() < 0.8:
            eventually(lambda: any(writer.acknowledged or writer.refused for writer in writers))
        time.sleep(chance.uniform(0.01, LIFE_SECONDS_MAX))
        server.kill()
        for writer in writers:
            writer.join()
            assert not writer.refused, writer.refused
            following[writer.number] = writer.next
            oracle.acknowledged[writer.number] += writer.acknowledged
        if chance.random() < 0.1:  # and sometimes right after, or during, recovery
            server.start()
            server.kill()
        server.start()
        oracle.read_new(server.client("kinesis"))
        oracle.check()

    acknowledged = sum(len(each) for each in oracle.acknowledged.values())
    assert acknowledged >= lives // 2 * RECORDS_A_REQUEST, "hardly anything was written: the test tests nothing"
    delivered = wait_until_delivered(server, oracle)
    repeated = len(delivered) - len(set(delivered))
    print(f"{lives} kills, {acknowledged} acknowledged, {len(delivered)} delivered of which {repeated} more than once")
    in_stream = {(writer, n) for writer, numbers in oracle.found.items() for n in numbers}
    assert set(delivered) <= in_stream, "something was delivered that is not in the stream"


def hash_key(shards, writer):
    """A hash key of the shard that this writer keeps to."""
    return shards[writer % len(shards)]["HashKeyRange"]["StartingHashKey"]


def build_pipeline(server):
    """A stream of two shards and a Firehose that lands it as Parquet at once; returns the shards."""
    kinesis, glue, s3, firehose = (server.client(name) for name in ("kinesis", "glue", "s3", "firehose"))
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig={"Delay": 1})
    description = kinesis.describe_stream(StreamName=STREAM)["StreamDescription"]
    s3.create_bucket(Bucket=BUCKET)
    glue.create_database(DatabaseInput={"Name": "ledger"})
    glue.create_table(DatabaseName="ledger", TableInput={
        "Name": "entries", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": {
            "Columns": [{"Name": "writer", "Type": "int"}, {"Name": "n", "Type": "bigint"}],
            "Location": f"s3://{BUCKET}/entries/"}})
    role = "arn:aws:iam::000000000000:role/firehose"
    firehose.create_delivery_stream(
        DeliveryStreamName="ledger", DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": description["StreamARN"], "RoleARN": role},
        ExtendedS3DestinationConfiguration={
            "RoleARN": role, "BucketARN": f"arn:aws:s3:::{BUCKET}", "Prefix": "entries/", "ErrorOutputPrefix": "errors/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 0}, "CompressionFormat": "UNCOMPRESSED",
            "DataFormatConversionConfiguration": {
                "Enabled": True,
                "SchemaConfiguration": {"DatabaseName": "ledger", "TableName": "entries", "Region": server.region,
                                        "RoleARN": role, "VersionId": "LATEST"},
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}}}})
    return description["Shards"]


def wait_until_delivered(server, oracle):
    """(writer, n) of every row in the lake, once all that was acknowledged is among them."""
    wanted = {(writer, n) for writer, numbers in oracle.acknowledged.items() for n in numbers}
    s3 = server.client("s3")
    rows_of, errors = {}, []

    def missing():
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for entry in page.get("Contents", []):
                if entry["Key"].startswith("errors/"):
                    errors.append(entry["Key"])
                elif entry["Key"] not in rows_of:
                    bytes_ = s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
                    table = pyarrow.parquet.read_table(io.BytesIO(bytes_))
                    rows_of[entry["Key"]] = list(zip(table["writer"].to_pylist(), table["n"].to_pylist()))
        return wanted.difference(*rows_of.values())

    eventually(lambda: errors or not missing(), tell=lambda: f"not delivered: {sorted(missing())[:10]}")
    assert not errors, f"records were refused: {errors[:10]}"
    return [row for rows in rows_of.values() for row in rows]
