"""Streams to real Python functions: event source mappings as boto3 sees them."""

import base64
import json
import subprocess
import time

import botocore.exceptions
import pytest

from support.functions import create
from support.waiting import eventually, never

# Appends what it is given to an object of its own, so that a test reads what calls there were, in order.
RECORDER = """
import base64, json, os, time, uuid, boto3
s3 = boto3.client("s3")

def handler(event, context):
    seen = [base64.b64decode(r["kinesis"]["data"]).decode() for r in event["Records"]]
    s3.put_object(Bucket=os.environ["BUCKET"], Key=f"{time.time_ns():020d}-{uuid.uuid4()}",
                  Body=json.dumps({"seen": seen, "event": event}))
    POISON
    return {"batchItemFailures": []}
"""


@pytest.fixture(scope="module")
def world(server):
    return World(server)


class World:
    def __init__(self, server):
        self.server = server
        self.lambda_ = server.client("lambda")
        self.kinesis = server.client("kinesis")
        self.s3 = server.client("s3")
        self.dynamodb = server.client("dynamodb")
        self.made = 0

    def stream(self, shards=1):
        self.made += 1
        name = f"stream{self.made}"
        self.kinesis.create_stream(StreamName=name, ShardCount=shards)
        self.kinesis.get_waiter("stream_exists").wait(StreamName=name)
        return name, self.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    def recorder(self, poison="", source=RECORDER):
        self.made += 1
        name = f"recorder{self.made}"
        self.s3.create_bucket(Bucket=name)
        create(self.lambda_, name, source.replace("POISON", poison), Environment={"Variables": {"BUCKET": name}})
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
        return name

    def put(self, stream, *records, key="k"):
        self.kinesis.put_records(StreamName=stream, Records=[
            {"Data": each if isinstance(each, bytes) else str(each).encode(), "PartitionKey": key} for each in records])

    def calls(self, name):
        keys = [each["Key"] for each in self.s3.list_objects_v2(Bucket=name).get("Contents", [])]
        return [json.loads(self.s3.get_object(Bucket=name, Key=key)["Body"].read()) for key in keys]

    def seen(self, name):
        return [record for call in self.calls(name) for record in call["seen"]]

    def map(self, name, arn, **options):
        options = {"StartingPosition": "TRIM_HORIZON", **options}
        made = self.lambda_.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, **options)
        assert made["State"] == "Creating"
        return made["UUID"]

    def state(self, uuid):
        return self.lambda_.get_event_source_mapping(UUID=uuid)

    def settled(self, uuid, state):
        return eventually(lambda: self.state(uuid)["State"] == state)


def refused(call, code, *words):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == code
    for word in words:
        assert word in caught.value.response["Error"]["Message"]


def test_a_stream_reaches_a_function(world):
    stream, arn = world.stream()
    name = world.recorder()
    uuid = world.map(name, arn, BatchSize=10)
    world.put(stream, "one", "two", "three")
    eventually(lambda: world.seen(name) == ["one", "two", "three"])
    record = world.calls(name)[0]["event"]["Records"][0]
    assert record["eventSource"] == "aws:kinesis"
    assert record["eventName"] == "aws:kinesis:record"
    assert record["eventSourceARN"] == arn
    assert record["invokeIdentityArn"].startswith("arn:aws:iam::")
    assert record["eventID"] == "shardId-000000000000:" + record["kinesis"]["sequenceNumber"]
    assert abs(record["kinesis"]["approximateArrivalTimestamp"] - time.time()) < 300
    # The same numbers as Kinesis itself gives.
    iterator = world.kinesis.get_shard_iterator(
        StreamName=stream, ShardId="shardId-000000000000", ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=record["kinesis"]["sequenceNumber"])["ShardIterator"]
    assert world.kinesis.get_records(ShardIterator=iterator)["Records"][0]["Data"] == b"one"
    described = eventually(lambda: world.state(uuid)["LastProcessingResult"] == "OK" and world.state(uuid))
    assert described["State"] == "Enabled"
    assert described["BatchSize"] == 10
    assert described["MaximumRetryAttempts"] == -1
    assert described["MaximumRecordAgeInSeconds"] == -1
    assert described["ParallelizationFactor"] == 1
    assert described["FunctionArn"].endswith(f":function:{name}")
    assert described["EventSourceMappingArn"].endswith(f":event-source-mapping:{uuid}")

    assert uuid in [each["UUID"] for each in
                    world.lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]]
    assert [each["UUID"] for each in
            world.lambda_.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]] == [uuid]

    world.lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)
    world.settled(uuid, "Disabled")
    world.put(stream, "four")
    never(lambda: "four" in world.seen(name))
    world.lambda_.update_event_source_mapping(UUID=uuid, Enabled=True, BatchSize=5)
    eventually(lambda: world.seen(name)[-1] == "four")
    assert world.state(uuid)["BatchSize"] == 5

    tags_of = world.state(uuid)["EventSourceMappingArn"]
    world.lambda_.tag_resource(Resource=tags_of, Tags={"team": "orders"})
    assert world.lambda_.list_tags(Resource=tags_of)["Tags"] == {"team": "orders"}
    world.lambda_.untag_resource(Resource=tags_of, TagKeys=["team"])
    assert world.lambda_.list_tags(Resource=tags_of)["Tags"] == {}

    assert world.lambda_.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"

    def gone():
        try:
            world.state(uuid)
            return False
        except world.lambda_.exceptions.ResourceNotFoundException:
            return True
    eventually(gone)


def test_poison_goes_to_the_bucket_and_the_rest_goes_on(world):
    stream, arn = world.stream()
    name = world.recorder('if "poison" in seen: raise ValueError("no")')
    bucket = f"failed-{name}"
    world.s3.create_bucket(Bucket=bucket)
    uuid = world.map(name, arn, BatchSize=4, MaximumRetryAttempts=1, BisectBatchOnFunctionError=True,
                     DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}})
    world.put(stream, "a", "b", "poison", "d")
    world.put(stream, "e")
    eventually(lambda: "e" in world.seen(name))
    keys = eventually(lambda: [each["Key"] for each in world.s3.list_objects_v2(Bucket=bucket).get("Contents", [])])
    assert len(keys) == 1
    assert keys[0].startswith(f"aws/lambda/{uuid}/shardId-000000000000/20")
    record = json.loads(world.s3.get_object(Bucket=bucket, Key=keys[0])["Body"].read())
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert record["KinesisBatchInfo"]["batchSize"] == 1
    payload = json.loads(record["payload"])
    assert base64.b64decode(payload["Records"][0]["kinesis"]["data"]) == b"poison"


def test_item_failures_are_tried_again_from_there(world):
    stream, arn = world.stream()
    name = world.recorder("""
    if "bad" in seen and len(seen) > 1:
        bad = event["Records"][seen.index("bad")]["kinesis"]["sequenceNumber"]
        return {"batchItemFailures": [{"itemIdentifier": bad}]}""")
    uuid = world.map(name, arn, Enabled=False, FunctionResponseTypes=["ReportBatchItemFailures"])
    world.put(stream, "1", "2", "bad")
    world.settled(uuid, "Disabled")
    world.lambda_.update_event_source_mapping(UUID=uuid, Enabled=True)
    eventually(lambda: [call["seen"] for call in world.calls(name)] == [["1", "2", "bad"], ["bad"]])


def test_filters_windows_and_state(world):
    stream, arn = world.stream()
    name = world.recorder('return {"state": {"n": event["state"].get("n", 0) + len(seen)}}')
    world.map(name, arn, TumblingWindowInSeconds=1,
              FilterCriteria={"Filters": [{"Pattern": json.dumps({"data": {"keep": [True]}})}]})
    for n in range(4):
        world.put(stream, json.dumps({"n": n, "keep": n % 2 == 0}))
    finals = eventually(lambda: [call["event"] for call in world.calls(name) if call["event"]["isFinalInvokeForWindow"]])
    eventually(lambda: sum(call["event"]["state"]["n"] for call in world.calls(name)
                           if call["event"]["isFinalInvokeForWindow"]) == 2)
    assert finals[0]["Records"] == [] and set(finals[0]["window"]) == {"start", "end"}
    assert all(json.loads(each)["keep"] for each in world.seen(name))


def test_table_changes_reach_a_function(world):
    world.dynamodb.create_table(
        TableName="changes", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    world.dynamodb.get_waiter("table_exists").wait(TableName="changes")
    arn = world.dynamodb.describe_table(TableName="changes")["Table"]["LatestStreamArn"]
    name = world.recorder(source="""
import json, os, time, uuid, boto3
s3 = boto3.client("s3")

def handler(event, context):
    s3.put_object(Bucket=os.environ["BUCKET"], Key=f"{time.time_ns():020d}-{uuid.uuid4()}",
                  Body=json.dumps({"seen": [r["eventName"] for r in event["Records"]], "event": event}))
""")
    world.map(name, arn, ParallelizationFactor=3,
              FilterCriteria={"Filters": [{"Pattern": json.dumps({"eventName": [{"anything-but": "MODIFY"}]})}]})
    world.dynamodb.put_item(TableName="changes", Item={"id": {"S": "a"}, "n": {"N": "1.50"}})
    world.dynamodb.put_item(TableName="changes", Item={"id": {"S": "a"}, "n": {"N": "2"}})
    world.dynamodb.delete_item(TableName="changes", Key={"id": {"S": "a"}})
    eventually(lambda: world.seen(name) == ["INSERT", "REMOVE"])
    records = [record for call in world.calls(name) for record in call["event"]["Records"]]
    assert records[0]["eventSource"] == "aws:dynamodb" and records[0]["eventSourceARN"] == arn
    assert records[0]["dynamodb"]["Keys"] == {"id": {"S": "a"}}
    assert records[0]["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "n": {"N": "1.5"}}
    assert records[1]["dynamodb"]["OldImage"]["n"] == {"N": "2"}
    assert records[1]["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_consumers_are_listed_and_rewound(world):
    stream, arn = world.stream()
    name = world.recorder()
    uuid = world.map(name, arn)
    world.put(stream, "first")
    eventually(lambda: world.seen(name) == ["first"])
    arrived = world.calls(name)[0]["event"]["Records"][0]["kinesis"]["approximateArrivalTimestamp"]
    eventually(lambda: int(time.time()) > arrived)  # a rewind goes to a whole second
    since = int(time.time())
    world.put(stream, "second")
    eventually(lambda: world.seen(name) == ["first", "second"])
    command = [str(world.server.binary), "consumers", "--endpoint-url", world.server.url, "--data", str(world.server.data)]

    def both_are_done():  # the function has seen them before its answer is counted
        listed = json.loads(subprocess.run([*command, "--json"], check=True, capture_output=True, timeout=60).stdout)
        mine = next(each for each in listed["consumers"] if each["UUID"] == uuid)
        return mine["Records"] == 2 and mine["Shards"][0]["MillisBehind"] == 0 and mine

    mine = eventually(both_are_done)
    assert mine["State"] == "Enabled" and mine["Shards"][0]["ShardId"] == "shardId-000000000000"
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout
    assert uuid in printed and "up to date" in printed
    rewind = [command[0], "consumers", "rewind", *command[2:], uuid, "--to"]
    subprocess.run([*rewind, str(since)], check=True, capture_output=True, timeout=30)
    eventually(lambda: world.seen(name) == ["first", "second", "second"])
    wrong = subprocess.run([*rewind, "tomorrow"], capture_output=True, text=True, timeout=30)
    assert wrong.returncode == 2 and "--to takes" in wrong.stderr
    unsigned = subprocess.run([command[0], "consumers", "--endpoint-url", world.server.url], capture_output=True, timeout=30,
                              env={})
    assert unsigned.returncode == 1


def test_a_registered_consumer_is_read_until_it_is_deregistered(world):
    stream, stream_arn = world.stream()
    name = world.recorder()
    consumer = world.kinesis.register_stream_consumer(StreamARN=stream_arn, ConsumerName="fan")["Consumer"]["ConsumerARN"]
    uuid = world.map(name, consumer)
    world.put(stream, "pushed")
    eventually(lambda: world.seen(name) == ["pushed"])
    [call] = world.calls(name)
    assert call["event"]["Records"][0]["eventSourceARN"] == consumer
    world.kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    eventually(lambda: world.state(uuid)["LastProcessingResult"] == f"PROBLEM: the consumer {consumer} does not exist")


def test_what_can_not_be_is_refused_by_name(world):
    stream, arn = world.stream()
    name = world.recorder()
    unregistered = f"{arn}/consumer/none:1700000000"
    refused(lambda: world.lambda_.create_event_source_mapping(
        FunctionName=name, EventSourceArn=unregistered, StartingPosition="LATEST"),
        "InvalidParameterValueException", f"Consumer not found: {unregistered}")

    def make(**options):
        return world.lambda_.create_event_source_mapping(
            **{"FunctionName": name, "EventSourceArn": arn, "StartingPosition": "LATEST", "Enabled": False, **options})

    invalid = "InvalidParameterValueException"
    refused(lambda: make(EventSourceArn="arn:aws:sqs:us-east-1:000000000000:queue"), invalid, "SQS")
    refused(lambda: make(EventSourceArn=arn + "x"), invalid, "Stream not found")
    refused(lambda: make(FunctionName="nobody"), "ResourceNotFoundException", "Function not found")
    refused(lambda: make(StartingPosition="AT_TIMESTAMP"), invalid, "StartingPositionTimestamp")
    refused(lambda: make(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=time.time() + 1000), invalid, "future")
    refused(lambda: make(MaximumRecordAgeInSeconds=30), invalid, "MaximumRecordAgeInSeconds")
    refused(lambda: make(FilterCriteria={"Filters": [{"Pattern": "{\"data\":"}]}), invalid,
            "Invalid filter pattern definition.")
    refused(lambda: make(FilterCriteria={"Filters": [{"Pattern": "{\"data\":[1]}"}]}), invalid, "must be an object")
    refused(lambda: make(DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:q"}}),
            invalid, "S3 buckets")
    refused(lambda: make(ProvisionedPollerConfig={"MinimumPollers": 1}), "ValidationException", "ProvisionedPollerConfig")
    made = make()
    refused(make, "ResourceConflictException", made["UUID"])
    other = make(FunctionName=world.recorder())["UUID"]
    world.settled(other, "Disabled")
    refused(lambda: world.lambda_.update_event_source_mapping(UUID=other, FunctionName=name),
            "ResourceConflictException", made["UUID"])
    refused(lambda: world.lambda_.get_event_source_mapping(UUID="0" * 36), "ResourceNotFoundException")
