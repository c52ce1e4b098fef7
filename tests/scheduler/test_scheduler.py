"""EventBridge Scheduler through boto3 and the AWS CLI: schedules call real targets, once they are due."""

import datetime
import itertools
import json
import time

import pytest
from botocore.exceptions import ClientError
from support.functions import create
from support.waiting import eventually, never

ROLE = "arn:aws:iam::000000000000:role/scheduler"
OFF = {"Mode": "OFF"}
numbers = itertools.count()


def soon(seconds):
    """A moment so far away; where it is past when the server reads it, it is due at once."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("at(%Y-%m-%dT%H:%M:%S)")


def read_all(kinesis, stream):
    shard = kinesis.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]


@pytest.fixture
def scheduler(boto):
    return boto("scheduler")


@pytest.fixture
def stream(boto):
    name = f"stream{next(numbers)}"
    boto("kinesis").create_stream(StreamName=name, ShardCount=1)
    boto("kinesis").get_waiter("stream_exists").wait(StreamName=name)
    return name


def to_stream(stream, text="{}", **more):
    return {"Arn": f"arn:aws:kinesis:us-east-1:000000000000:stream/{stream}", "RoleArn": ROLE, "Input": text,
            "KinesisParameters": {"PartitionKey": "k"}, **more}


def refused(call, code="ValidationException"):
    with pytest.raises(ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return raised.value.response["Error"]["Message"]


def test_a_schedule_is_kept_as_it_was_made(scheduler, stream):
    start = datetime.datetime(2199, 1, 1, tzinfo=datetime.timezone.utc)
    made = scheduler.create_schedule(
        Name="full", ScheduleExpression="cron(15 10 ? * 6L 2198-2199)", ScheduleExpressionTimezone="America/New_York",
        StartDate=start, Description="d", State="DISABLED", ActionAfterCompletion="DELETE",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        Target=to_stream(stream, RetryPolicy={"MaximumRetryAttempts": 3}))
    assert made["ScheduleArn"] == "arn:aws:scheduler:us-east-1:000000000000:schedule/default/full"
    found = scheduler.get_schedule(Name="full")
    assert found["Arn"] == made["ScheduleArn"]
    assert (found["GroupName"], found["State"], found["Description"]) == ("default", "DISABLED", "d")
    assert (found["StartDate"], found["ScheduleExpressionTimezone"]) == (start, "America/New_York")
    assert found["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert found["ActionAfterCompletion"] == "DELETE"
    assert found["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 86400}
    assert found["Target"]["KinesisParameters"] == {"PartitionKey": "k"}

    # An update replaces everything.
    scheduler.update_schedule(Name="full", ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow=OFF,
                              State="DISABLED", Target=to_stream(stream))
    found = scheduler.get_schedule(Name="full")
    assert "StartDate" not in found and "Description" not in found
    assert (found["ScheduleExpressionTimezone"], found["ActionAfterCompletion"]) == ("UTC", "NONE")

    message = refused(lambda: scheduler.create_schedule(Name="full", ScheduleExpression="rate(1 day)",
                                                        FlexibleTimeWindow=OFF, Target=to_stream(stream)),
                      "ConflictException")
    assert message == "Schedule full already exists."
    scheduler.delete_schedule(Name="full", ClientToken="again")
    scheduler.delete_schedule(Name="full", ClientToken="again")
    assert refused(lambda: scheduler.delete_schedule(Name="full"),
                   "ResourceNotFoundException") == "Schedule full does not exist."
    assert refused(lambda: scheduler.get_schedule(Name="full"), "ResourceNotFoundException")


def test_what_cannot_be_is_refused_by_name(scheduler, stream):
    def make(**changed):
        request = {"Name": "x", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF,
                   "Target": to_stream(stream), **changed}
        return lambda: scheduler.create_schedule(**request)

    def target(arn, **more):
        return {"Arn": arn, "RoleArn": ROLE, "Input": "{}", **more}

    assert "Invalid Schedule Expression cron(0 0 * * * *)" in refused(make(ScheduleExpression="cron(0 0 * * * *)"))
    assert "Mars/Olympus" in refused(make(ScheduleExpressionTimezone="Mars/Olympus"))
    assert "MaximumWindowInMinutes" in refused(make(FlexibleTimeWindow={"Mode": "FLEXIBLE"}))
    assert "SQS" in refused(make(Target=target("arn:aws:sqs:us-east-1:000000000000:q")))
    assert "Step Functions" in refused(make(Target=target("arn:aws:states:us-east-1:000000000000:stateMachine:m")))
    assert "SQS" in refused(make(Target=to_stream(
        stream, DeadLetterConfig={"Arn": "arn:aws:sqs:us-east-1:000000000000:q"})))
    assert "KinesisParameters" in refused(make(Target=target("arn:aws:kinesis:us-east-1:000000000000:stream/s")))
    assert "EventBridgeParameters" in refused(make(Target=target("arn:aws:events:us-east-1:000000000000:event-bus/b")))
    assert "well-formed JSON" in refused(make(Target={**target("arn:aws:lambda:us-east-1:000000000000:function:f"),
                                                      "Input": "{"}))
    assert "reads" in refused(make(Target=target("arn:aws:scheduler:::aws-sdk:dynamodb:getItem")))
    assert refused(make(GroupName="absent"), "ResourceNotFoundException") == "Schedule group absent does not exist."
    assert refused(make(KmsKeyArn="arn:aws:kms:us-east-1:000000000000:key/k"))


def test_groups_hold_schedules_and_tags(scheduler, stream):
    arn = scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
    assert arn == "arn:aws:scheduler:us-east-1:000000000000:schedule-group/g"
    assert refused(lambda: scheduler.create_schedule_group(Name="g"), "ConflictException")
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    for i in range(5):
        scheduler.create_schedule(Name=f"s{i}", GroupName="g", ScheduleExpression="cron(0 0 1 1 ? 2199)",
                                  State="DISABLED" if i == 4 else "ENABLED", FlexibleTimeWindow=OFF,
                                  Target=to_stream(stream))
    pages = scheduler.get_paginator("list_schedules").paginate(GroupName="g", PaginationConfig={"PageSize": 2})
    assert [s["Name"] for page in pages for s in page["Schedules"]] == ["s0", "s1", "s2", "s3", "s4"]
    assert [s["Name"] for s in scheduler.list_schedules(GroupName="g", State="DISABLED")["Schedules"]] == ["s4"]
    assert [s["Name"] for s in scheduler.list_schedules(NamePrefix="s3")["Schedules"]] == ["s3"]
    groups = scheduler.list_schedule_groups()["ScheduleGroups"]
    assert [(g["Name"], g["State"]) for g in groups] == [("default", "ACTIVE"), ("g", "ACTIVE")]
    scheduler.delete_schedule_group(Name="g")
    eventually(lambda: [g["Name"] for g in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default"])
    assert scheduler.list_schedules()["Schedules"] == []
    assert refused(lambda: scheduler.delete_schedule_group(Name="default"))


def test_what_is_due_reaches_streams_and_buckets(scheduler, boto, stream, server):
    kinesis, s3 = boto("kinesis"), boto("s3")
    text = ('{"arn":"<aws.scheduler.schedule-arn>","time":"<aws.scheduler.scheduled-time>",'
            '"attempt":"<aws.scheduler.attempt-number>","id":"<aws.scheduler.execution-id>"}')
    expression = soon(2)
    scheduler.create_schedule(Name="once", ScheduleExpression=expression, FlexibleTimeWindow=OFF,
                              ActionAfterCompletion="DELETE", Target=to_stream(stream, text))
    scheduler.create_schedule(Name="rate", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
                              Target=to_stream(stream, "first"))
    s3.create_bucket(Bucket="due")
    boto("firehose").create_delivery_stream(DeliveryStreamName="due", ExtendedS3DestinationConfiguration={
        "RoleARN": ROLE, "BucketARN": "arn:aws:s3:::due", "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1}})
    eventually(lambda: boto("firehose").describe_delivery_stream(DeliveryStreamName="due")[
        "DeliveryStreamDescription"]["DeliveryStreamStatus"] == "ACTIVE")
    scheduler.create_schedule(
        Name="firehose", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF,
        Target={"Arn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/due", "RoleArn": ROLE, "Input": "x"})

    records = eventually(lambda: len(found := read_all(kinesis, stream)) == 2 and found)
    assert {record["PartitionKey"] for record in records} == {"k"}
    first, once = sorted((record["Data"] for record in records), key=len)
    assert first == b"first"
    got = json.loads(once)
    assert got["arn"] == "arn:aws:scheduler:us-east-1:000000000000:schedule/default/once"
    assert f"at({got['time'][:-1]})" == expression and got["time"].endswith("Z")
    assert got["attempt"] == "1" and len(got["id"]) == 16
    # The one that was to be deleted is gone, the other one is not due before an hour has passed.
    eventually(lambda: [s["Name"] for s in scheduler.list_schedules()["Schedules"]] == ["firehose", "rate"])
    assert eventually(lambda: s3.list_objects_v2(Bucket="due").get("Contents"))
    for name in ("rate", "firehose"):
        scheduler.delete_schedule(Name=name)


def test_functions_and_universal_targets_are_called(scheduler, boto, stream):
    s3 = boto("s3")
    s3.create_bucket(Bucket="seen")
    create(boto("lambda"), "due", "import json, boto3\ndef handler(event, context):\n"
           "    boto3.client('s3').put_object(Bucket='seen', Key='event', Body=json.dumps(event))\n")
    boto("lambda").get_waiter("function_active_v2").wait(FunctionName="due")
    table = boto("dynamodb")
    table.create_table(TableName="things", BillingMode="PAY_PER_REQUEST",
                       KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                       AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    table.get_waiter("table_exists").wait(TableName="things")
    scheduler.create_schedule(Name="function", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target={
        "Arn": "arn:aws:lambda:us-east-1:000000000000:function:due", "RoleArn": ROLE})
    scheduler.create_schedule(Name="put", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target={
        "Arn": "arn:aws:scheduler:::aws-sdk:dynamodb:putItem", "RoleArn": ROLE,
        "Input": json.dumps({"TableName": "things", "Item": {"k": {"S": "<aws.scheduler.schedule-arn>"}}})})
    arn = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/"
    assert eventually(lambda: table.get_item(TableName="things", Key={"k": {"S": arn + "put"}}).get("Item"))
    event = json.loads(eventually(lambda: s3.get_object(Bucket="seen", Key="event")["Body"].read()))
    assert event["detail-type"] == "Scheduled Event" and event["source"] == "aws.scheduler"
    assert event["resources"] == [arn + "function"]
    for name in ("function", "put"):
        scheduler.delete_schedule(Name=name)


def test_the_cli_makes_a_schedule(aws_cli, stream):
    made = aws_cli("scheduler", "create-schedule", "--name", "cli", "--schedule-expression", "rate(5 minutes)",
                   "--flexible-time-window", '{"Mode": "OFF"}', "--state", "DISABLED",
                   "--target", json.dumps(to_stream(stream)))
    assert made["ScheduleArn"].endswith("schedule/default/cli")
    assert aws_cli("scheduler", "get-schedule", "--name", "cli")["ScheduleExpression"] == "rate(5 minutes)"
    aws_cli("scheduler", "delete-schedule", "--name", "cli")


def test_what_was_due_is_carried_out_after_kills(server_factory):
    """Each of many one-time schedules is carried out at least once, whatever the server is doing when it dies."""
    server = server_factory()
    server.client("kinesis").create_stream(StreamName="due", ShardCount=1)
    server.client("kinesis").get_waiter("stream_exists").wait(StreamName="due")
    scheduler = server.client("scheduler")
    count = 200
    due, at = time.time() + 3, soon(3)
    for i in range(count):
        scheduler.create_schedule(Name=f"s{i}", ScheduleExpression=at, FlexibleTimeWindow=OFF,
                                  ActionAfterCompletion="DELETE", Target=to_stream("due", str(i)))

    def seen():
        return [int(r["Data"]) for r in read_all(server.client("kinesis"), "due")]

    server.kill()  # perhaps before they are due
    time.sleep(max(0, due - time.time()))  # dead when they fall due
    for _ in range(3):
        server.start()
        time.sleep(0.05)  # the moment of death is the test's input
        server.kill()
    server.start()
    found = eventually(lambda: set(all_ := seen()) == set(range(count)) and all_)
    assert len(found) <= 5 * count
    eventually(lambda: server.client("scheduler").list_schedules()["Schedules"] == [])
    settled = len(seen())
    server.kill()
    server.start()
    never(lambda: len(seen()) != settled, seconds=0.5)  # what is done is not done again
