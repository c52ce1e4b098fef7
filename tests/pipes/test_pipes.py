"""EventBridge Pipes through boto3 and the AWS CLI: streams through filters, functions and templates into targets."""

import base64
import itertools
import json
import time

import pytest
from botocore.exceptions import ClientError
from support.functions import create
from support.waiting import eventually

ROLE = "arn:aws:iam::000000000000:role/pipes"
numbers = itertools.count()


@pytest.fixture(scope="module")
def world(server):
    return World(server)


class World:
    def __init__(self, server):
        for service in ("kinesis", "pipes", "dynamodb", "lambda", "s3", "logs"):
            setattr(self, service.replace("lambda", "lambda_"), server.client(service))

    def stream(self):
        name = f"stream{next(numbers)}"
        self.kinesis.create_stream(StreamName=name, ShardCount=1)
        self.kinesis.get_waiter("stream_exists").wait(StreamName=name)
        return name, f"arn:aws:kinesis:us-east-1:000000000000:stream/{name}"

    def put(self, stream, *records):
        self.kinesis.put_records(StreamName=stream, Records=[
            {"Data": (each if isinstance(each, str) else json.dumps(each)).encode(), "PartitionKey": "k"}
            for each in records])

    def read(self, stream):
        shard = self.kinesis.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
        iterator = self.kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        return self.kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]

    def data(self, stream, count):
        """What is in the stream once `count` records are."""
        found = eventually(lambda: len(found := self.read(stream)) >= count and found)
        return [record["Data"].decode() for record in found]

    def pipe(self, source, target, name=None, stream=None, **more):
        """A running pipe with batches of up to 10 from the beginning of a stream."""
        name = name or f"pipe{next(numbers)}"
        parameters = {"StartingPosition": "TRIM_HORIZON", "BatchSize": 10, **(stream or {})}
        kind = "KinesisStreamParameters" if ":kinesis:" in source else "DynamoDBStreamParameters"
        filters = more.pop("filters", None)
        source_parameters = {kind: parameters}
        if filters:
            source_parameters["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(each)} for each in filters]}
        made = self.pipes.create_pipe(Name=name, RoleArn=ROLE, Source=source, SourceParameters=source_parameters,
                                      Target=target, **more)
        assert made["CurrentState"] == "CREATING"
        eventually(lambda: self.state(name) == "RUNNING")
        return name

    def state(self, name):
        return self.pipes.describe_pipe(Name=name)["CurrentState"]

    def function(self, source):
        name = f"function{next(numbers)}"
        create(self.lambda_, name, source)
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
        return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def refused(call, code="ValidationException"):
    with pytest.raises(ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return raised.value.response["Error"]["Message"]


def test_records_are_filtered_and_put_into_shape(world):
    source, source_arn = world.stream()
    target, target_arn = world.stream()
    name = world.pipe(source_arn, target_arn, filters=[{"data": {"total": [{"numeric": [">", 10]}]}}],
                      TargetParameters={"KinesisStreamParameters": {"PartitionKey": "$.data.customer"},
                                        "InputTemplate": '{"id": <$.data.id>, "note": "for <$.data.customer> by '
                                                         '<aws.pipes.pipe-name>", "lines": <$.data.lines>, "from": '
                                                         '<$.eventSourceARN>}'})
    world.put(source, {"id": 1, "customer": 'A "q"', "total": 20, "lines": [1, {"a": None}]}, {"id": 2, "total": 5},
              "no JSON", {"id": 3, "customer": "B", "total": 11.5})
    records = eventually(lambda: len(found := world.read(target)) == 2 and found)
    assert [r["PartitionKey"] for r in records] == ['A "q"', "B"]
    assert [json.loads(r["Data"]) for r in records] == [
        {"id": 1, "note": f'for A "q" by {name}', "lines": [1, {"a": None}], "from": source_arn},
        {"id": 3, "note": f"for B by {name}", "lines": None, "from": source_arn}]


def test_without_a_template_the_event_arrives_as_it_is(world):
    source, source_arn = world.stream()
    target, target_arn = world.stream()
    world.pipe(source_arn, target_arn, TargetParameters={"KinesisStreamParameters": {"PartitionKey": "k"}})
    world.put(source, "hello")
    event = json.loads(world.data(target, 1)[0])
    assert base64.b64decode(event["data"]) == b"hello"
    assert (event["partitionKey"], event["eventSource"]) == ("k", "aws:kinesis")
    assert event["eventSourceARN"] == source_arn and event["invokeIdentityArn"] == ROLE
    assert event["eventID"].endswith(event["sequenceNumber"])


def test_a_function_enriches(world):
    source, source_arn = world.stream()
    target, target_arn = world.stream()
    enrichment = world.function("def handler(events, context):\n"
                                "    return [dict(e, doubled=e['n'] * 2) for e in events if e['n'] != 2]\n")
    world.pipe(source_arn, target_arn, Enrichment=enrichment,
               EnrichmentParameters={"InputTemplate": '{"n": <$.data.n>}'},
               TargetParameters={"KinesisStreamParameters": {"PartitionKey": "k"}, "InputTemplate": "<$.doubled>"})
    world.put(source, *({"n": n} for n in range(1, 5)))
    assert world.data(target, 3) == ["2", "6", "8"]


def test_changes_of_a_table_reach_a_function_and_a_log_group(world):
    world.dynamodb.create_table(TableName="orders", BillingMode="PAY_PER_REQUEST",
                                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    world.dynamodb.get_waiter("table_exists").wait(TableName="orders")
    stream = world.dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    world.logs.create_log_group(logGroupName="/pipes/orders")
    world.logs.create_log_stream(logGroupName="/pipes/orders", logStreamName="all")
    world.pipe(stream, "arn:aws:logs:us-east-1:000000000000:log-group:/pipes/orders",
               filters=[{"eventName": ["INSERT"]}],
               TargetParameters={"InputTemplate": "order <$.dynamodb.Keys.id.S>",
                                 "CloudWatchLogsParameters": {"LogStreamName": "all"}})
    world.s3.create_bucket(Bucket="called")
    function = world.function("import json, boto3\ndef handler(events, context):\n"
                              "    boto3.client('s3').put_object(Bucket='called', Key=events[0]['eventID'],"
                              " Body=json.dumps(events))\n")
    world.pipe(stream, function)
    world.dynamodb.put_item(TableName="orders", Item={"id": {"S": "a"}})
    world.dynamodb.delete_item(TableName="orders", Key={"id": {"S": "a"}})
    lines = eventually(lambda: world.logs.get_log_events(
        logGroupName="/pipes/orders", logStreamName="all", startFromHead=True)["events"])
    assert [line["message"] for line in lines] == ['order a']

    def names():
        seen = []
        for entry in world.s3.list_objects_v2(Bucket="called").get("Contents", []):
            seen += json.loads(world.s3.get_object(Bucket="called", Key=entry["Key"])["Body"].read())
        return sorted(event["eventName"] for event in seen)

    eventually(lambda: names() == ["INSERT", "REMOVE"])


def test_what_fails_is_tried_again_halved_and_given_up(world):
    source, source_arn = world.stream()
    world.s3.create_bucket(Bucket="failed")
    world.s3.create_bucket(Bucket="passed")
    function = world.function("import base64, boto3\ndef handler(events, context):\n"
                              "    bad = [e['eventID'] for e in events if base64.b64decode(e['data']) == b'bad']\n"
                              "    for e in events:\n"
                              "        if e['eventID'] in bad:\n"
                              "            return {'batchItemFailures': [{'itemIdentifier': bad[0]}]}\n"
                              "        boto3.client('s3').put_object(Bucket='passed', Body=b'',"
                              " Key=base64.b64decode(e['data']).decode())\n")
    name = world.pipe(source_arn, function, stream={
        "MaximumRetryAttempts": 1, "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
        "DeadLetterConfig": {"Arn": "arn:aws:s3:::failed"}})
    world.put(source, "a", "b", "bad", "c", "d")
    eventually(lambda: [e["Key"] for e in world.s3.list_objects_v2(Bucket="passed").get("Contents", [])] ==
               ["a", "b", "c", "d"])
    entry = eventually(lambda: world.s3.list_objects_v2(Bucket="failed").get("Contents"))[0]
    record = json.loads(world.s3.get_object(Bucket="failed", Key=entry["Key"])["Body"].read())
    assert record["context"]["partnerResourceArn"].endswith(f":pipe/{name}")
    assert record["context"]["condition"] == "RetryAttemptsExhausted"
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_a_pipe_is_described_stopped_started_changed_and_deleted(world):
    source, source_arn = world.stream()
    target, target_arn = world.stream()
    to = {"KinesisStreamParameters": {"PartitionKey": "k"}, "InputTemplate": "one <$.data>"}
    name = world.pipe(source_arn, target_arn, Description="d", Tags={"a": "1"}, TargetParameters=to)
    arn = f"arn:aws:pipes:us-east-1:000000000000:pipe/{name}"
    found = world.pipes.describe_pipe(Name=name)
    assert (found["Arn"], found["Source"], found["Target"], found["RoleArn"]) == (arn, source_arn, target_arn, ROLE)
    assert (found["DesiredState"], found["Description"], found["Tags"]) == ("RUNNING", "d", {"a": "1"})
    assert found["TargetParameters"] == to
    assert found["SourceParameters"]["KinesisStreamParameters"] == {
        "BatchSize": 10, "StartingPosition": "TRIM_HORIZON", "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1, "MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1}
    world.put(source, "1")
    assert world.data(target, 1) == ['one 1']

    assert world.pipes.stop_pipe(Name=name)["DesiredState"] == "STOPPED"
    eventually(lambda: world.state(name) == "STOPPED")
    assert refused(lambda: world.pipes.stop_pipe(Name=name), "ConflictException")
    world.put(source, "2")
    world.pipes.update_pipe(Name=name, RoleArn=ROLE, TargetParameters={
        "KinesisStreamParameters": {"PartitionKey": "k"}, "InputTemplate": "two <$.data>"})
    eventually(lambda: world.state(name) == "STOPPED")
    world.pipes.start_pipe(Name=name)
    assert world.data(target, 2) == ["one 1", "two 2"]
    eventually(lambda: world.state(name) == "RUNNING")

    world.pipes.tag_resource(resourceArn=arn, tags={"b": "2"})
    world.pipes.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert world.pipes.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    assert [p["Name"] for p in world.pipes.list_pipes(NamePrefix=name)["Pipes"]] == [name]
    assert world.pipes.list_pipes(NamePrefix=name, DesiredState="STOPPED")["Pipes"] == []
    assert refused(lambda: world.pipe(source_arn, target_arn, name=name, TargetParameters=to), "ConflictException")
    world.pipes.delete_pipe(Name=name)
    eventually(lambda: name not in [p["Name"] for p in world.pipes.list_pipes()["Pipes"]])
    assert refused(lambda: world.pipes.describe_pipe(Name=name), "NotFoundException")


def test_what_cannot_be_is_refused_by_name(world):
    source, source_arn = world.stream()

    def make(**changed):
        request = {"Name": "x", "RoleArn": ROLE, "Source": source_arn, "Target": source_arn,
                   "SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "LATEST"}},
                   "TargetParameters": {"KinesisStreamParameters": {"PartitionKey": "k"}}, **changed}
        return lambda: world.pipes.create_pipe(**request)

    assert "SQS" in refused(make(Source="arn:aws:sqs:us-east-1:000000000000:q",
                                 SourceParameters={"SqsQueueParameters": {"BatchSize": 1}}))
    assert "sqs" in refused(make(Source="arn:aws:sqs:us-east-1:000000000000:q")).lower()
    assert "SQS" in refused(make(Target="arn:aws:sqs:us-east-1:000000000000:q", TargetParameters={}))
    assert "Step Functions" in refused(make(Target="arn:aws:states:us-east-1:000000000000:stateMachine:m"))
    assert "PartitionKey" in refused(make(TargetParameters={}))
    assert "StartingPosition" in refused(make(SourceParameters={}))
    assert "<aws.pipes.nonsense>" in refused(make(TargetParameters={
        "KinesisStreamParameters": {"PartitionKey": "k"}, "InputTemplate": "<aws.pipes.nonsense>"}))
    assert refused(make(SourceParameters={"KinesisStreamParameters": {"StartingPosition": "LATEST"},
                                          "FilterCriteria": {"Filters": [{"Pattern": "{"}]}}))
    assert refused(make(Source=source_arn + "-absent"), "NotFoundException")
    assert "S3" in refused(make(SourceParameters={"KinesisStreamParameters": {
        "StartingPosition": "LATEST", "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q"}}}))
    assert "LogConfiguration" in refused(make(LogConfiguration={"Level": "ERROR"}))


def test_the_cli_makes_stops_and_deletes_a_pipe(world, aws_cli):
    source, source_arn = world.stream()
    target, target_arn = world.stream()
    made = aws_cli("pipes", "create-pipe", "--name", "cli", "--role-arn", ROLE, "--source", source_arn, "--target", target_arn,
                   "--source-parameters", "KinesisStreamParameters={StartingPosition=TRIM_HORIZON,BatchSize=10}",
                   "--target-parameters", json.dumps({"KinesisStreamParameters": {"PartitionKey": "k"},
                                                      "InputTemplate": "got <$.data>"}), "--tags", "team=cli")
    assert made["Arn"].endswith(":pipe/cli") and made["DesiredState"] == "RUNNING"
    world.put(source, "one")
    assert world.data(target, 1) == ["got one"]
    eventually(lambda: world.state("cli") == "RUNNING")
    assert aws_cli("pipes", "stop-pipe", "--name", "cli")["DesiredState"] == "STOPPED"
    eventually(lambda: world.state("cli") == "STOPPED")
    assert aws_cli("pipes", "list-pipes", "--name-prefix", "cl")["Pipes"][0]["CurrentState"] == "STOPPED"
    assert aws_cli("pipes", "describe-pipe", "--name", "cli")["Tags"] == {"team": "cli"}
    aws_cli("pipes", "delete-pipe", "--name", "cli")
    eventually(lambda: "cli" not in [each["Name"] for each in world.pipes.list_pipes()["Pipes"]])


def test_a_pipe_goes_on_after_kills(server_factory):
    """Every record arrives at least once, and none before one that was put before it, whenever the server dies."""
    server = server_factory()
    world = World(server)
    source, source_arn = world.stream()
    target, target_arn = world.stream()
    world.pipe(source_arn, target_arn, TargetParameters={"KinesisStreamParameters": {"PartitionKey": "k"},
                                                         "InputTemplate": "<$.data>"})
    count = 0
    for _ in range(3):
        world.put(source, *(str(count + i) for i in range(100)))
        count += 100
        time.sleep(0.02)  # the moment of death is the test's input
        server.kill()
        server.start()
        world = World(server)
    everything = {str(i) for i in range(count)}
    seen = eventually(lambda: set(found := [r["Data"].decode() for r in world.read(target)]) == everything and found)
    first = {}
    for at, each in enumerate(seen):
        first.setdefault(int(each), at)
    assert [n for n, _ in sorted(first.items(), key=lambda item: item[1])] == list(range(count))
