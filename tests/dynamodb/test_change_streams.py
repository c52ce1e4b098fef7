"""DynamoDB Streams as boto3 reads them, and Kinesis streaming destinations."""

import json
import time

import pytest
from support.dynamodb import failure_of, make_table
from support.waiting import eventually

BOTH = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.fixture
def streams(boto):
    return boto("dynamodbstreams")


def shard_of(streams, arn):
    return streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]


def iterator_of(streams, arn, kind="TRIM_HORIZON", **more):
    return streams.get_shard_iterator(StreamArn=arn, ShardId=shard_of(streams, arn), ShardIteratorType=kind, **more)["ShardIterator"]


def read(streams, iterator, **more):
    """Every record up to the end, and the iterator there (None where the shard is closed)."""
    records = []
    while iterator:
        page = streams.get_records(ShardIterator=iterator, **more)
        records += page["Records"]
        iterator = page.get("NextShardIterator")
        if not page["Records"]:
            break
    return records, iterator


def write_three(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "k"}, "v": {"N": "1"}})
    dynamodb.update_item(TableName=table, Key={"pk": {"S": "k"}}, UpdateExpression="SET v = :v",
                         ExpressionAttributeValues={":v": {"N": "2"}})
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "k"}})


OLD, NEW = {"pk": {"S": "k"}, "v": {"N": "1"}}, {"pk": {"S": "k"}, "v": {"N": "2"}}


@pytest.mark.parametrize("view, images", [
    ("NEW_AND_OLD_IMAGES", [(None, OLD), (OLD, NEW), (NEW, None)]),
    ("NEW_IMAGE", [(None, OLD), (None, NEW), (None, None)]),
    ("OLD_IMAGE", [(None, None), (OLD, None), (NEW, None)]),
    ("KEYS_ONLY", [(None, None)] * 3)])
def test_every_view_shows_its_images(dynamodb, streams, view, images):
    arn = make_table(dynamodb, view.lower(), StreamSpecification={"StreamEnabled": True, "StreamViewType": view})["LatestStreamArn"]
    write_three(dynamodb, view.lower())
    records, _ = read(streams, iterator_of(streams, arn))
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert [(r["dynamodb"].get("OldImage"), r["dynamodb"].get("NewImage")) for r in records] == images
    for record in records:
        change = record["dynamodb"]
        assert record["eventSource"] == "aws:dynamodb" and record["awsRegion"] == "us-east-1" and record["eventVersion"] == "1.1"
        assert change["Keys"] == {"pk": {"S": "k"}} and change["StreamViewType"] == view and change["SizeBytes"] > 0
        assert change["ApproximateCreationDateTime"].microsecond == 0 and "userIdentity" not in record
    assert len({record["eventID"] for record in records}) == 3
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert numbers == sorted(numbers) and all(len(number) >= 21 for number in numbers)
    assert read(streams, iterator_of(streams, arn))[0] == records


def test_iterators_of_each_kind(dynamodb, streams):
    arn = make_table(dynamodb, "kinds", StreamSpecification=BOTH)["LatestStreamArn"]
    write_three(dynamodb, "kinds")
    latest = iterator_of(streams, arn, "LATEST")
    records, end = read(streams, iterator_of(streams, arn), Limit=1)
    assert len(records) == 3 and end
    middle = records[1]["dynamodb"]["SequenceNumber"]
    assert read(streams, iterator_of(streams, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=middle))[0] == records[1:]
    assert read(streams, iterator_of(streams, arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=middle))[0] == records[2:]
    assert read(streams, iterator_of(streams, arn, "AT_TIMESTAMP", Timestamp=time.time() - 60))[0] == records
    assert read(streams, latest)[0] == []
    dynamodb.put_item(TableName="kinds", Item={"pk": {"S": "later"}})
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in read(streams, latest)[0]] == ["later"]
    assert failure_of(iterator_of, streams=streams, arn=arn, kind="AT_SEQUENCE_NUMBER")[0] == "ValidationException"
    assert failure_of(streams.get_records, ShardIterator=latest[:-8] + "AAAAAAA=")[0] == "ValidationException"
    assert failure_of(streams.get_shard_iterator, StreamArn=arn, ShardId="shardId-00000000000000000000-00000000",
                      ShardIteratorType="LATEST")[0] == "ResourceNotFoundException"


def test_streams_are_listed_and_a_stream_that_is_off_can_be_read_to_its_end(dynamodb, streams):
    first = make_table(dynamodb, "switched", StreamSpecification=BOTH)["LatestStreamArn"]
    write_three(dynamodb, "switched")
    assert failure_of(dynamodb.update_table, TableName="switched", StreamSpecification=BOTH) == (
        "ValidationException", "Table already has an enabled stream: TableName: switched")
    dynamodb.update_table(TableName="switched", StreamSpecification={"StreamEnabled": False})
    assert "StreamSpecification" not in dynamodb.describe_table(TableName="switched")["Table"]
    described = streams.describe_stream(StreamArn=first)["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED" and described["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert "EndingSequenceNumber" in described["Shards"][0]["SequenceNumberRange"]
    records, end = read(streams, iterator_of(streams, first))
    assert len(records) == 3 and end is None
    dynamodb.update_table(TableName="switched", StreamSpecification=BOTH)
    second = dynamodb.describe_table(TableName="switched")["Table"]["LatestStreamArn"]
    assert second != first
    listed = streams.list_streams(TableName="switched")["Streams"]
    assert [each["StreamArn"] for each in listed] == [first, second] and listed[0]["TableName"] == "switched"
    page = streams.list_streams(TableName="switched", Limit=1)
    assert page["LastEvaluatedStreamArn"] == first
    assert streams.list_streams(TableName="switched", ExclusiveStartStreamArn=first)["Streams"] == listed[1:]
    assert streams.list_streams(TableName="no-such-table")["Streams"] == []
    dynamodb.delete_table(TableName="switched")
    assert streams.describe_stream(StreamArn=second)["StreamDescription"]["StreamStatus"] == "DISABLED"
    assert len(read(streams, iterator_of(streams, first))[0]) == 3
    assert failure_of(streams.describe_stream, StreamArn=first + "x")[0] == "ResourceNotFoundException"


def test_what_has_expired_is_removed_in_the_name_of_the_service(server_factory):
    server = server_factory()
    dynamodb, streams = server.client("dynamodb"), server.client("dynamodbstreams")
    arn = make_table(dynamodb, "expiring", StreamSpecification=BOTH)["LatestStreamArn"]
    dynamodb.update_time_to_live(TableName="expiring", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    dynamodb.put_item(TableName="expiring", Item={"pk": {"S": "k"}, "until": {"N": str(int(time.time()) - 60)}})
    records = eventually(lambda: (found := read(streams, iterator_of(streams, arn))[0]) and len(found) == 2 and found)
    assert records[1]["eventName"] == "REMOVE"
    assert records[1]["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}


# -- Kinesis streaming destinations --

def copied(kinesis, stream):
    """Every record of the stream, parsed, by shard."""
    found = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        iterator = iterator["ShardIterator"]
        while True:
            page = kinesis.get_records(ShardIterator=iterator)
            found += [json.loads(record["Data"]) for record in page["Records"]]
            iterator = page["NextShardIterator"]
            if not page["Records"]:
                break
    return found


def make_stream(kinesis, name):
    kinesis.create_stream(StreamName=name, ShardCount=2)
    return kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]


def test_changes_are_copied_to_a_kinesis_stream(dynamodb, boto):
    kinesis = boto("kinesis")
    make_table(dynamodb, "copied")
    target = make_stream(kinesis, "changes")
    dynamodb.put_item(TableName="copied", Item={"pk": {"S": "before"}})
    answer = dynamodb.enable_kinesis_streaming_destination(TableName="copied", StreamArn=target)
    assert answer["DestinationStatus"] == "ENABLING"
    write_three(dynamodb, "copied")
    records = eventually(lambda: (found := copied(kinesis, "changes")) and len(found) == 3 and found)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    second = records[1]
    assert second["tableName"] == "copied" and second["recordFormat"] == "application/json" and second["userIdentity"] is None
    assert second["eventSource"] == "aws:dynamodb" and second["awsRegion"] == "us-east-1"
    assert second["dynamodb"]["OldImage"] == OLD and second["dynamodb"]["NewImage"] == NEW
    assert second["dynamodb"]["Keys"] == {"pk": {"S": "k"}} and second["dynamodb"]["SizeBytes"] > 0
    assert second["dynamodb"]["ApproximateCreationDateTimePrecision"] == "MICROSECOND"
    assert abs(second["dynamodb"]["ApproximateCreationDateTime"] / 1e6 - time.time()) < 600

    assert failure_of(dynamodb.enable_kinesis_streaming_destination, TableName="copied", StreamArn=target)[0] == "ValidationException"
    dynamodb.update_kinesis_streaming_destination(TableName="copied", StreamArn=target, UpdateKinesisStreamingConfiguration={
        "ApproximateCreationDateTimePrecision": "MILLISECOND"})
    seen = dynamodb.describe_kinesis_streaming_destination(TableName="copied")["KinesisDataStreamDestinations"]
    assert seen == [{"StreamArn": target, "DestinationStatus": "ACTIVE", "ApproximateCreationDateTimePrecision": "MILLISECOND"}]
    dynamodb.put_item(TableName="copied", Item={"pk": {"S": "k"}})
    last = eventually(lambda: (found := copied(kinesis, "changes")) and len(found) == 4 and found)[-1]
    assert abs(last["dynamodb"]["ApproximateCreationDateTime"] / 1e3 - time.time()) < 600

    dynamodb.disable_kinesis_streaming_destination(TableName="copied", StreamArn=target)
    dynamodb.put_item(TableName="copied", Item={"pk": {"S": "after"}})
    seen = dynamodb.describe_kinesis_streaming_destination(TableName="copied")["KinesisDataStreamDestinations"]
    assert seen[0]["DestinationStatus"] == "DISABLED"
    dynamodb.enable_kinesis_streaming_destination(TableName="copied", StreamArn=target)
    dynamodb.put_item(TableName="copied", Item={"pk": {"S": "again"}})

    def keys():
        return [record["dynamodb"]["Keys"]["pk"]["S"] for record in copied(kinesis, "changes")]

    eventually(lambda: "again" in keys())
    assert len(keys()) == 5 and "after" not in keys()
    missing = target.replace("/changes", "/nowhere")
    assert failure_of(dynamodb.enable_kinesis_streaming_destination, TableName=make_table(dynamodb, "other")["TableName"],
                      StreamArn=missing)[0] == "ResourceNotFoundException"


def test_no_change_is_missing_in_kinesis_after_crashes(server_factory):
    server = server_factory()
    dynamodb, kinesis = server.client("dynamodb"), server.client("kinesis")
    make_table(dynamodb, "crash")
    dynamodb.enable_kinesis_streaming_destination(TableName="crash", StreamArn=make_stream(kinesis, "crash"))
    written = []
    for crash in range(4):
        for i in range(100):
            dynamodb.put_item(TableName="crash", Item={"pk": {"S": f"{i % 7}"}, "n": {"N": str(len(written))}})
            written.append(str(len(written)))
        server.kill()
        server.restart()
        dynamodb, kinesis = server.client("dynamodb"), server.client("kinesis")
    found = eventually(lambda: (all_ := [record["dynamodb"]["NewImage"] for record in copied(kinesis, "crash")])
                  and {image["n"]["N"] for image in all_} == set(written) and all_)
    for pk in {image["pk"]["S"] for image in found}:  # repeats come as whole stretches: each first copy is in order
        seen = list(dict.fromkeys(int(image["n"]["N"]) for image in found if image["pk"]["S"] == pk))
        assert seen == sorted(seen)
