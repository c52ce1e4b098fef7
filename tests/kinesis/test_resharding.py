"""Splitting and merging shards, and changing streams, through boto3: nothing is lost, nothing comes out of order."""

import collections
import threading

import pytest
from botocore.exceptions import ClientError
from support.waiting import eventually


TOP = 2**128 - 1


@pytest.fixture
def kinesis(boto):
    return boto("kinesis")


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def shards_of(kinesis, stream, **filtering):
    return kinesis.list_shards(StreamName=stream, **filtering)["Shards"]


def open_shards(kinesis, stream):
    return shards_of(kinesis, stream, ShardFilter={"Type": "AT_LATEST"})


def range_of(shard):
    return int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"])


def read_shard(kinesis, stream, shard):
    """All records of a shard as (key, text), and its children once it has ended (None while it is open)."""
    at = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    found = []
    while True:
        page = kinesis.get_records(ShardIterator=at)
        found += [(record["PartitionKey"], record["Data"].decode()) for record in page["Records"]]
        at = page.get("NextShardIterator")
        if at is None:
            return found, [child["ShardId"] for child in page["ChildShards"]]
        if not page["Records"] and page["MillisBehindLatest"] == 0:
            return found, None


def test_a_split_and_a_merge(kinesis):
    kinesis.create_stream(StreamName="split", ShardCount=1)
    kinesis.put_record(StreamName="split", PartitionKey="a", Data=b"before")
    kinesis.split_shard(StreamName="split", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    parent, low, high = shards_of(kinesis, "split")
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert low["ParentShardId"] == high["ParentShardId"] == parent["ShardId"]
    assert range_of(low) == (0, 2**127 - 1) and range_of(high) == (2**127, TOP)
    assert read_shard(kinesis, "split", parent["ShardId"]) == ([("a", "before")], [low["ShardId"], high["ShardId"]])
    put = kinesis.put_record(StreamName="split", PartitionKey="a", Data=b"after", ExplicitHashKey=str(2**127))
    assert put["ShardId"] == high["ShardId"]

    code, why = refused(kinesis.split_shard, StreamName="split", ShardToSplit=low["ShardId"], NewStartingHashKey="0")
    assert code == "InvalidArgumentException" and "NewStartingHashKey 0 used in SplitShard()" in why
    assert refused(kinesis.split_shard, StreamName="split", ShardToSplit=parent["ShardId"],
                   NewStartingHashKey="5")[0] == "InvalidArgumentException"
    assert refused(kinesis.split_shard, StreamName="split", ShardToSplit="shardId-000000000009",
                   NewStartingHashKey="5")[0] == "ResourceNotFoundException"
    assert refused(kinesis.merge_shards, StreamName="split", ShardToMerge=low["ShardId"],
                   AdjacentShardToMerge=low["ShardId"])[0] == "InvalidArgumentException"

    kinesis.merge_shards(StreamName="split", ShardToMerge=high["ShardId"], AdjacentShardToMerge=low["ShardId"])
    merged = shards_of(kinesis, "split")[-1]
    assert (merged["ParentShardId"], merged["AdjacentParentShardId"]) == (high["ShardId"], low["ShardId"])
    assert range_of(merged) == (0, TOP)
    assert [shard["ShardId"] for shard in open_shards(kinesis, "split")] == [merged["ShardId"]]
    assert kinesis.describe_stream_summary(StreamName="split")["StreamDescriptionSummary"]["OpenShardCount"] == 1
    assert read_shard(kinesis, "split", high["ShardId"]) == ([("a", "after")], [merged["ShardId"]])
    # All that may still be read is listed; a time in the past means the shards of then.
    assert len(shards_of(kinesis, "split", ShardFilter={"Type": "AT_TRIM_HORIZON"})) == 1
    assert len(shards_of(kinesis, "split", ShardFilter={"Type": "FROM_TRIM_HORIZON"})) == 4


def test_puts_go_on_while_shards_change(server_factory):
    """Every acknowledged record is there once, and each key's in order over parents and children."""
    server = server_factory()
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="busy", ShardCount=2)
    stop = threading.Event()
    acknowledged = collections.defaultdict(list)
    puts = [0] * 3  # calls answered, a producer: each change of shards waits until every producer put again

    def produce(who):
        client = server.client("kinesis")
        number = 0
        while not stop.is_set():
            key = f"{who}-{number % 7}"
            entries = [{"PartitionKey": key, "Data": f"{number + i}".encode()} for i in range(20)]
            assert client.put_records(StreamName="busy", Records=entries)["FailedRecordCount"] == 0
            acknowledged[key] += [str(number + i) for i in range(20)]
            number += 20
            puts[who] += 1

    def all_put_again():
        before = list(puts)
        eventually(lambda: all(now > then for now, then in zip(puts, before)), seconds=60)

    producers = [threading.Thread(target=produce, args=(who,)) for who in range(3)]
    for producer in producers:
        producer.start()
    for target in (4, 3, 6, 5, 3, 2, 1, 2):
        all_put_again()
        said = kinesis.update_shard_count(StreamName="busy", TargetShardCount=target, ScalingType="UNIFORM_SCALING")
        assert said["TargetShardCount"] == target
        edges = sorted(range_of(shard) for shard in open_shards(kinesis, "busy"))
        assert len(edges) == target and edges[0][0] == 0 and edges[-1][1] == TOP
        assert all(one[1] + 1 == other[0] for one, other in zip(edges, edges[1:]))
    all_put_again()
    stop.set()
    for producer in producers:
        producer.join()
    server.restart()
    kinesis = server.client("kinesis")

    seen = collections.defaultdict(list)
    for shard in kinesis.list_shards(StreamName="busy")["Shards"]:  # ids rise: parents come before their children
        records, children = read_shard(kinesis, "busy", shard["ShardId"])
        assert (children is None) == ("EndingSequenceNumber" not in shard["SequenceNumberRange"])
        for key, text in records:
            seen[key].append(text)
    assert sum(map(len, acknowledged.values())) > 100
    assert seen == acknowledged


def test_the_number_of_shards_has_bounds(kinesis):
    kinesis.create_stream(StreamName="bounds", ShardCount=2)
    ask = dict(StreamName="bounds", ScalingType="UNIFORM_SCALING")
    code, why = refused(kinesis.update_shard_count, TargetShardCount=5, **ask)
    assert code == "InvalidArgumentException" and "over double" in why
    kinesis.update_stream_mode(StreamARN=kinesis.describe_stream(StreamName="bounds")["StreamDescription"]["StreamARN"],
                               StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert refused(kinesis.update_shard_count, TargetShardCount=3, **ask)[0] == "ValidationException"
    limits = kinesis.describe_limits()
    assert limits["OnDemandStreamCount"] >= 1 and limits["OpenShardCount"] >= 2


def test_retention_and_record_size_change(kinesis):
    kinesis.create_stream(StreamName="kept", ShardCount=1)
    kinesis.increase_stream_retention_period(StreamName="kept", RetentionPeriodHours=48)
    described = kinesis.describe_stream(StreamName="kept")["StreamDescription"]
    assert described["RetentionPeriodHours"] == 48
    assert "Use DecreaseRetentionPeriod" in refused(
        kinesis.increase_stream_retention_period, StreamName="kept", RetentionPeriodHours=24)[1]
    assert "too long" in refused(
        kinesis.increase_stream_retention_period, StreamName="kept", RetentionPeriodHours=9000)[1]
    assert "too short" in refused(
        kinesis.decrease_stream_retention_period, StreamName="kept", RetentionPeriodHours=12)[1]
    kinesis.decrease_stream_retention_period(StreamName="kept", RetentionPeriodHours=24)
    kinesis.update_max_record_size(StreamARN=described["StreamARN"], MaxRecordSizeInKiB=2048)
    kinesis.put_record(StreamName="kept", PartitionKey="k", Data=b"x" * (1500 << 10))


def test_a_subscription_ends_with_its_shard(kinesis):
    kinesis.create_stream(StreamName="pushed", ShardCount=1)
    arn = kinesis.describe_stream(StreamName="pushed")["StreamDescription"]["StreamARN"]
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    kinesis.put_record(StreamName="pushed", PartitionKey="k", Data=b"last")
    kinesis.split_shard(StreamName="pushed", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**126))
    events = [event["SubscribeToShardEvent"] for event in kinesis.subscribe_to_shard(
        ConsumerARN=consumer, ShardId="shardId-000000000000",
        StartingPosition={"Type": "TRIM_HORIZON"})["EventStream"]]
    assert [record["Data"] for event in events for record in event["Records"]] == [b"last"]
    assert [child["ShardId"] for child in events[-1]["ChildShards"]] == ["shardId-000000000001", "shardId-000000000002"]
    assert events[-1]["ChildShards"][1]["ParentShards"] == ["shardId-000000000000"]
