"""Streams, shards and tags, as boto3 sees them."""

import datetime

import pytest
from botocore.exceptions import ClientError

TOP = 2**128 - 1


@pytest.fixture
def kinesis(boto):
    return boto("kinesis")


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"]


def test_a_stream_is_made_described_and_deleted(kinesis):
    kinesis.create_stream(StreamName="orders", ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName="orders")
    described = kinesis.describe_stream(StreamName="orders")["StreamDescription"]
    arn = described["StreamARN"]
    assert arn.endswith(":stream/orders") and arn.startswith("arn:aws:kinesis:us-east-1:")
    assert described["StreamStatus"] == "ACTIVE" and described["RetentionPeriodHours"] == 24
    assert described["EncryptionType"] == "NONE" and described["EnhancedMonitoring"] == [{"ShardLevelMetrics": []}]
    shards = described["Shards"]
    assert [shard["ShardId"] for shard in shards] == [f"shardId-{i:012d}" for i in range(3)]
    edges = [(int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])) for s in shards]
    assert edges[0][0] == 0 and edges[-1][1] == TOP
    assert all(before[1] + 1 == after[0] for before, after in zip(edges, edges[1:]))
    summary = kinesis.describe_stream_summary(StreamARN=arn)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 3 and summary["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}

    assert code_of(kinesis.create_stream, StreamName="orders", ShardCount=1) == "ResourceInUseException"
    kinesis.delete_stream(StreamARN=arn)
    assert code_of(kinesis.describe_stream, StreamName="orders") == "ResourceNotFoundException"
    assert code_of(kinesis.delete_stream, StreamName="orders") == "ResourceNotFoundException"


def test_on_demand_streams_begin_with_four_shards(kinesis):
    kinesis.create_stream(StreamName="demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    summary = kinesis.describe_stream_summary(StreamName="demand")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 4 and summary["StreamModeDetails"]["StreamMode"] == "ON_DEMAND"
    assert code_of(kinesis.create_stream, StreamName="x", ShardCount=2,
                   StreamModeDetails={"StreamMode": "ON_DEMAND"}) == "InvalidArgumentException"
    assert code_of(kinesis.create_stream, StreamName="x") == "InvalidArgumentException"


def test_what_is_not_honoured_is_refused_by_name(kinesis):
    with pytest.raises(ClientError) as caught:
        kinesis.create_stream(StreamName="warm", ShardCount=1, WarmThroughputMiBps=10)
    assert "WarmThroughputMiBps" in caught.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as caught:
        kinesis.start_stream_encryption(StreamName="warm", EncryptionType="KMS", KeyId="any")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "StartStreamEncryption" in caught.value.response["Error"]["Message"]


def test_listing_streams_pages(kinesis):
    names = sorted(f"page-{i}" for i in range(7))
    for name in names:
        kinesis.create_stream(StreamName=name, ShardCount=1)
    seen = []
    for page in kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 3}):
        assert len(page["StreamNames"]) <= 3
        seen += [name for name in page["StreamNames"] if name.startswith("page-")]
    assert seen == names
    after = kinesis.list_streams(ExclusiveStartStreamName="page-4", Limit=2)
    assert after["StreamNames"] == ["page-5", "page-6"]


def test_listing_shards_pages_and_filters(kinesis):
    kinesis.create_stream(StreamName="wide", ShardCount=10)
    first = kinesis.list_shards(StreamName="wide", MaxResults=4)
    second = kinesis.list_shards(NextToken=first["NextToken"], MaxResults=100)
    ids = [shard["ShardId"] for shard in first["Shards"] + second["Shards"]]
    assert ids == [f"shardId-{i:012d}" for i in range(10)] and "NextToken" not in second
    assert code_of(kinesis.list_shards, StreamName="wide", NextToken=first["NextToken"]) == "InvalidArgumentException"
    assert code_of(kinesis.list_shards, NextToken="bm90IG91cnM=") == "InvalidArgumentException"

    def listed(**shard_filter):
        return [s["ShardId"] for s in kinesis.list_shards(StreamName="wide", ShardFilter=shard_filter)["Shards"]]

    assert listed(Type="AFTER_SHARD_ID", ShardId=ids[6]) == ids[7:]
    now = datetime.datetime.now(datetime.timezone.utc)
    for kind in ("AT_LATEST", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON"):
        assert listed(Type=kind) == ids
    for kind in ("AT_TIMESTAMP", "FROM_TIMESTAMP"):
        assert listed(Type=kind, Timestamp=now) == ids
        assert code_of(kinesis.list_shards, StreamName="wide", ShardFilter={"Type": kind}) == "InvalidArgumentException"
    exclusive = kinesis.list_shards(StreamName="wide", ExclusiveStartShardId=ids[8])
    assert [shard["ShardId"] for shard in exclusive["Shards"]] == ids[9:]


def test_tags_by_stream_and_by_resource(kinesis):
    kinesis.create_stream(StreamName="tagged", ShardCount=1, Tags={"team": "data"})
    arn = kinesis.describe_stream_summary(StreamName="tagged")["StreamDescriptionSummary"]["StreamARN"]
    kinesis.add_tags_to_stream(StreamName="tagged", Tags={"env": "prod", "cost": "7"})
    kinesis.tag_resource(ResourceARN=arn, Tags={"env": "test"})
    tags = kinesis.list_tags_for_stream(StreamName="tagged", Limit=2)
    assert tags == {**tags, "Tags": [{"Key": "cost", "Value": "7"}, {"Key": "env", "Value": "test"}], "HasMoreTags": True}
    more = kinesis.list_tags_for_stream(StreamName="tagged", ExclusiveStartTagKey="env")
    assert more["Tags"] == [{"Key": "team", "Value": "data"}] and not more["HasMoreTags"]
    kinesis.remove_tags_from_stream(StreamName="tagged", TagKeys=["cost"])
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "env", "Value": "test"}]
    too_many = {f"k{i}": "v" for i in range(50)}
    assert code_of(kinesis.add_tags_to_stream, StreamName="tagged", Tags=too_many) == "InvalidArgumentException"


def test_names_and_arns_have_to_agree(kinesis):
    kinesis.create_stream(StreamName="one", ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName="one")["StreamDescriptionSummary"]["StreamARN"]
    assert code_of(kinesis.describe_stream, StreamName="two", StreamARN=arn) == "InvalidArgumentException"
    other = arn.replace("us-east-1", "eu-west-1")
    assert code_of(kinesis.describe_stream, StreamARN=other) == "ResourceNotFoundException"
    assert code_of(kinesis.describe_stream) == "InvalidArgumentException"
    assert code_of(kinesis.create_stream, StreamName="bad name", ShardCount=1) == "ValidationException"


def test_an_account_has_a_bound_of_shards(boto):
    kinesis = boto("kinesis", region_name="eu-west-3")
    kinesis.create_stream(StreamName="first", ShardCount=10_000)
    kinesis.create_stream(StreamName="second", ShardCount=10_000)
    assert code_of(kinesis.create_stream, StreamName="third", ShardCount=1) == "LimitExceededException"
    kinesis.delete_stream(StreamName="first")
    kinesis.create_stream(StreamName="third", ShardCount=1)
    kinesis.delete_stream(StreamName="second")


def test_streams_and_tags_outlive_the_process(server_factory):
    server = server_factory()
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="kept", ShardCount=2, Tags={"a": "b"})
    kinesis.create_stream(StreamName="gone", ShardCount=1)
    kinesis.delete_stream(StreamName="gone")
    before = kinesis.describe_stream(StreamName="kept")["StreamDescription"]
    server.kill()
    server.start()
    kinesis = server.client("kinesis")
    assert kinesis.list_streams()["StreamNames"] == ["kept"]
    assert kinesis.describe_stream(StreamName="kept")["StreamDescription"] == before
    assert kinesis.list_tags_for_stream(StreamName="kept")["Tags"] == [{"Key": "a", "Value": "b"}]
