"""Enhanced fan-out through boto3 and the JavaScript SDK: consumers, and records pushed as they come."""

import itertools
import threading
import time

import pytest
from botocore.exceptions import ClientError

from support.waiting import eventually

numbers = itertools.count()


@pytest.fixture
def kinesis(boto):
    return boto("kinesis")


@pytest.fixture
def stream(kinesis):
    name = f"fan{next(numbers)}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    return kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]


def register(kinesis, stream, name):
    return kinesis.register_stream_consumer(StreamARN=stream, ConsumerName=name)["Consumer"]["ConsumerARN"]


def subscribe(kinesis, consumer, kind="TRIM_HORIZON", **position):
    return kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId="shardId-000000000000",
                                      StartingPosition={"Type": kind, **position})["EventStream"]


def put(kinesis, stream, *texts):
    kinesis.put_records(StreamARN=stream, Records=[{"Data": text.encode(), "PartitionKey": "größe"} for text in texts])


def take(events, count):
    """The next `count` records, and the last continuation."""
    records = []
    for event in events:
        event = event["SubscribeToShardEvent"]
        records += event["Records"]
        if len(records) >= count:
            return records, event["ContinuationSequenceNumber"]
    raise AssertionError(f"the stream ended after {len(records)} records")


def code_of(raised):
    return raised.value.response["Error"]["Code"]


def test_consumers_are_registered_listed_and_deregistered(kinesis, stream):
    arn = register(kinesis, stream, "app")
    assert arn.startswith(stream + "/consumer/app:")
    described = kinesis.describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]
    assert (described["ConsumerName"], described["ConsumerStatus"], described["StreamARN"]) == ("app", "ACTIVE", stream)
    register(kinesis, stream, "other")
    pages = kinesis.get_paginator("list_stream_consumers").paginate(StreamARN=stream, PaginationConfig={"PageSize": 1})
    assert [c["ConsumerName"] for page in pages for c in page["Consumers"]] == ["app", "other"]
    with pytest.raises(ClientError) as raised:
        register(kinesis, stream, "app")
    assert code_of(raised) == "ResourceInUseException"
    with pytest.raises(ClientError) as raised:
        kinesis.delete_stream(StreamARN=stream)
    assert code_of(raised) == "ResourceInUseException"
    kinesis.deregister_stream_consumer(StreamARN=stream, ConsumerName="app")
    with pytest.raises(ClientError) as raised:
        kinesis.describe_stream_consumer(ConsumerARN=arn)
    assert code_of(raised) == "ResourceNotFoundException"
    for n in range(19):
        register(kinesis, stream, f"more{n}")
    with pytest.raises(ClientError) as raised:
        register(kinesis, stream, "one-too-many")
    assert code_of(raised) == "LimitExceededException"
    kinesis.delete_stream(StreamARN=stream, EnforceConsumerDeletion=True)


def test_records_are_pushed_and_go_on_where_they_ended(kinesis, stream):
    consumer = register(kinesis, stream, "app")
    put(kinesis, stream, "one", "two")
    events = subscribe(kinesis, consumer)
    records, _ = take(events, 2)
    assert [r["Data"] for r in records] == [b"one", b"two"]
    assert records[0]["PartitionKey"] == "größe"
    assert abs(records[0]["ApproximateArrivalTimestamp"].timestamp() - time.time()) < 60
    later = threading.Timer(0.5, put, (kinesis, stream, "three"))
    later.start()
    records, continuation = take(events, 1)
    assert [r["Data"] for r in records] == [b"three"]
    later.join()
    events.close()
    put(kinesis, stream, "four")
    again = register(kinesis, stream, "again")
    assert [r["Data"] for r in take(subscribe(kinesis, again, "AFTER_SEQUENCE_NUMBER", SequenceNumber=continuation),
                                    1)[0]] == [b"four"]


@pytest.mark.parametrize("zeros", ["", "0"], ids=["as it is", "with a zero before its time"])
def test_a_consumer_has_one_subscription_to_a_shard(kinesis, stream, zeros):
    consumer = register(kinesis, stream, "app")
    same = f":{zeros}".join(consumer.rsplit(":", 1))

    def refusal():  # of a second one within five seconds; later it takes over: then a slow machine tries again
        events = subscribe(kinesis, consumer)
        try:
            subscribe(kinesis, same).close()
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        finally:
            events.close()

    assert eventually(refusal) == "ResourceInUseException"


def test_an_empty_shard_tells_where_to_go_on(kinesis, stream):
    events = subscribe(kinesis, register(kinesis, stream, "app"), "LATEST")
    _, continuation = take(events, 0)
    put(kinesis, stream, "first")
    other = register(kinesis, stream, "other")
    for_sure = subscribe(kinesis, other, "AFTER_SEQUENCE_NUMBER", SequenceNumber=continuation)
    assert [r["Data"] for r in take(for_sure, 1)[0]] == [b"first"]


def test_a_deleted_stream_ends_its_subscriptions(kinesis, stream):
    events = subscribe(kinesis, register(kinesis, stream, "app"), "LATEST")
    take(events, 0)
    kinesis.delete_stream(StreamARN=stream, EnforceConsumerDeletion=True)
    with pytest.raises(Exception, match="ResourceNotFound"):
        take(events, 1)


def test_the_javascript_sdk_subscribes_over_http2(kinesis, stream, node):
    consumer = register(kinesis, stream, "app")
    put(kinesis, stream, "one", "two")
    seen = node("""
        const { KinesisClient, SubscribeToShardCommand } = require("@aws-sdk/client-kinesis");
        const client = new KinesisClient({ endpoint });
        const answer = await client.send(new SubscribeToShardCommand({ ConsumerARN: argument,
            ShardId: "shardId-000000000000", StartingPosition: { Type: "TRIM_HORIZON" } }));
        const seen = [];
        for await (const event of answer.EventStream) {
            for (const record of event.SubscribeToShardEvent.Records) seen.push(Buffer.from(record.Data).toString());
            if (seen.length >= 2) break;
        }
        return seen;
    """, consumer)
    assert seen == ["one", "two"]


def test_a_server_that_stops_ends_its_subscriptions(server_factory):
    server = server_factory()
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    stream = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    events = subscribe(kinesis, register(kinesis, stream, "app"))
    take(events, 0)
    assert server.stop() == 0
    assert not [event for event in events if event["SubscribeToShardEvent"]["Records"]]
    server.start()
    consumers = server.client("kinesis").list_stream_consumers(StreamARN=stream)["Consumers"]
    assert [c["ConsumerName"] for c in consumers] == ["app"]
