"""kill -9 in the middle of writing items, again and again: every acknowledged transaction is there, each is whole or
absent, the index agrees with the items, and the stream has each change once and in order.

A transaction puts two items with the same number and adds one to the writer's counter. What was not answered may be
there or not, but whole: both items, the counter, the index entries and three change records.
"""

import os
import random
import threading
import time

import botocore.exceptions
import pytest

from support.waiting import eventually

KILLS = int(os.environ.get("MILLRACE_KILLS", "200"))
SECONDS_MAX = 300  # a slow machine kills less often, and not less than this: 20 times
WRITERS = 2
LIFE_SECONDS_MAX = 0.12
TABLE = "ledger"


class Writer(threading.Thread):
    """Commits numbered transactions until the server is gone; remembers which were acknowledged."""

    def __init__(self, client, number, first):
        super().__init__()
        self.client = client
        self.number = number
        self.next = first
        self.acknowledged = []
        self.refused = []

    def run(self):
        while True:
            n = self.next
            self.next += 1
            puts = [{"Put": {"TableName": TABLE, "Item": {
                "p": {"S": f"{side}{self.number}"}, "n": {"N": str(n)}, "g": {"S": f"g{self.number}"}}}}
                for side in "ab"]
            count = {"Update": {"TableName": TABLE, "Key": {"p": {"S": f"counter{self.number}"}, "n": {"N": "0"}},
                                "UpdateExpression": "ADD done :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}}
            try:
                self.client.transact_write_items(TransactItems=[*puts, count])
            except (botocore.exceptions.BotoCoreError, OSError):
                return  # killed
            except botocore.exceptions.ClientError as error:
                self.refused.append(str(error))
                return
            self.acknowledged.append(n)


class Oracle:
    """What must be there; looks only at what is new since the last check."""

    def __init__(self, database, streams, stream):
        self.database = database
        self.streams = streams
        self.stream = stream
        self.after = None  # the newest sequence number that was read
        self.present = {writer: [] for writer in range(WRITERS)}  # the numbers of transactions that are there, in order
        self.halves = {(side, writer): [] for side in "ab" for writer in range(WRITERS)}  # as the stream told them
        self.counted = dict.fromkeys(range(WRITERS), 0)

    def check(self, acknowledged):
        database = self.database
        self.read_stream(self.streams)
        for writer in range(WRITERS):
            new = self.new_numbers(f"a{writer}", writer)
            assert new == self.new_numbers(f"b{writer}", writer), "half a transaction"
            assert set(acknowledged[writer]) <= set(new), "acknowledged and not there"
            assert self.index_numbers(writer) == sorted(new * 2), "the index does not agree with the items"
            self.present[writer] += new
            for side in "ab":
                assert self.halves[side, writer] == self.present[writer], "the stream does not agree with the items"
            counter = database.get_item(TableName=TABLE, ConsistentRead=True,
                                        Key={"p": {"S": f"counter{writer}"}, "n": {"N": "0"}}).get("Item")
            done = int(counter["done"]["N"]) if counter else 0
            assert done == self.counted[writer] == len(self.present[writer])

    def newest(self, writer):
        return self.present[writer][-1] if self.present[writer] else -1

    def new_numbers(self, partition, writer):
        pages = self.database.get_paginator("query").paginate(
            TableName=TABLE, ConsistentRead=True, KeyConditionExpression="p = :p AND n > :n",
            ExpressionAttributeValues={":p": {"S": partition}, ":n": {"N": str(self.newest(writer))}})
        return [int(item["n"]["N"]) for page in pages for item in page["Items"]]

    def index_numbers(self, writer):
        pages = self.database.get_paginator("query").paginate(
            TableName=TABLE, IndexName="by_group", KeyConditionExpression="g = :g AND n > :n",
            ExpressionAttributeValues={":g": {"S": f"g{writer}"}, ":n": {"N": str(self.newest(writer))}})
        return [int(item["n"]["N"]) for page in pages for item in page["Items"]]

    def read_stream(self, streams):
        (shard,) = streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"]
        where = ({"ShardIteratorType": "TRIM_HORIZON"} if self.after is None else
                 {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self.after})
        iterator = streams.get_shard_iterator(StreamArn=self.stream, ShardId=shard["ShardId"], **where)["ShardIterator"]
        while True:
            answer = streams.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                self.take(record["eventName"], record["dynamodb"])
            iterator = answer["NextShardIterator"]
            if not answer["Records"]:
                return

    def take(self, event, change):
        if self.after is not None:
            assert int(change["SequenceNumber"]) > int(self.after), "out of order"
        self.after = change["SequenceNumber"]
        partition, n = change["Keys"]["p"]["S"], int(change["Keys"]["n"]["N"])
        if partition.startswith("counter"):
            writer = int(partition.removeprefix("counter"))
            before = int(change["OldImage"]["done"]["N"]) if event == "MODIFY" else 0
            assert before == self.counted[writer], "a change is missing or there twice"
            self.counted[writer] = int(change["NewImage"]["done"]["N"])
            assert self.counted[writer] == before + 1
        else:
            assert event == "INSERT"
            self.halves[partition[0], int(partition[1:])].append(n)


@pytest.mark.timeout(600)
def test_transactions_indexes_and_streams_outlive_kill_9(server_factory):
    seed = int(os.environ.get("MILLRACE_SEED", random.randrange(1 << 30)))
    print(f"seed {seed}")  # MILLRACE_SEED repeats the moments of death, as far as timing allows
    chance = random.Random(seed)
    server = server_factory()
    server.listen = f"127.0.0.1:{server.port}"  # every life on the same port: making a client takes longer than a life
    clients = [server.client("dynamodb") for _ in range(WRITERS)]
    database = server.client("dynamodb")
    oracle = Oracle(database, server.client("dynamodbstreams"), make_table(database))
    following = [0] * WRITERS
    total = 0
    lives, end = 0, time.monotonic() + SECONDS_MAX
    while lives < KILLS and (lives < 20 or time.monotonic() < end):
        lives += 1
        writers = [Writer(clients[number], number, following[number]) for number in range(WRITERS)]
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
        if chance.random() < 0.1:  # and sometimes right after, or during, recovery
            server.start()
            server.kill()
        server.start()
        oracle.check([writer.acknowledged for writer in writers])
        total += sum(len(writer.acknowledged) for writer in writers)
    assert total >= lives // 2, "hardly anything was written: the test tests nothing"
    there = sum(len(numbers) for numbers in oracle.present.values())
    assert sum(page["Count"] for page in database.get_paginator("scan").paginate(TableName=TABLE, Select="COUNT")) == (
        2 * there + WRITERS)
    print(f"{lives} kills, {total} transactions acknowledged, {there} there")


def make_table(database):
    """A table with an index and a stream; returns the stream's ARN."""
    database.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind}
                              for name, kind in (("p", "S"), ("n", "N"), ("g", "S"))],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by_group", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    database.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
    return database.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
