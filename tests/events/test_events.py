"""EventBridge through boto3 and the AWS CLI: events reach the targets of the rules they match, as AWS words them."""

import datetime
import itertools
import json
import re
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from botocore.exceptions import ClientError
from support.functions import create
from support.waiting import eventually

numbers = itertools.count()
ACCOUNT = "000000000000"


def stream_arn(name):
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"


def read_all(kinesis, stream):
    shard = kinesis.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]


def refused(call, code="ValidationException"):
    with pytest.raises(ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] == code, raised.value
    return raised.value.response["Error"]["Message"]


@pytest.fixture
def events(boto):
    return boto("events")


@pytest.fixture
def kinesis(boto):
    return boto("kinesis")


@pytest.fixture
def stream(kinesis):
    name = f"events{next(numbers)}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    return name


@pytest.fixture
def source():
    return f"shop{next(numbers)}"


def put(events, source, *details, **more):
    answer = events.put_events(Entries=[{"Source": source, "DetailType": "order", "Detail": json.dumps(each), **more}
                                        for each in details])
    assert answer["FailedEntryCount"] == 0, answer
    return [each["EventId"] for each in answer["Entries"]]


def rule(events, name, pattern, *targets, **more):
    made = events.put_rule(Name=name, EventPattern=json.dumps(pattern), **more)
    bus = {"EventBusName": more["EventBusName"]} if "EventBusName" in more else {}
    assert events.put_targets(Rule=name, Targets=list(targets), **bus)["FailedEntryCount"] == 0
    return made["RuleArn"]


def received(kinesis, stream, count):
    return eventually(lambda: len(found := read_all(kinesis, stream)) >= count and found)


def test_an_event_has_awss_envelope(events, kinesis, stream, source):
    rule(events, source, {"source": [source]}, {"Id": "1", "Arn": stream_arn(stream)})
    time = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    [event_id] = put(events, source, {"price": 1.50, "name": "Käse \"x\""}, Time=time, Resources=["arn:a", "b"])
    [record] = received(kinesis, stream, 1)
    assert json.loads(record["Data"]) == {
        "version": "0", "id": event_id, "detail-type": "order", "source": source, "account": ACCOUNT,
        "time": "2026-01-02T03:04:05Z", "region": "us-east-1", "resources": ["arn:a", "b"],
        "detail": {"price": 1.5, "name": "Käse \"x\""}}
    assert record["PartitionKey"] == event_id
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", event_id)


def test_the_server_tells_what_its_buses_did(events, kinesis, server, stream, source):
    events.create_event_bus(Name=source)
    rule(events, "r", {"source": [source]}, {"Id": "1", "Arn": stream_arn(stream)},
         {"Id": "2", "Arn": stream_arn("nobody")}, EventBusName=source)
    put(events, source, {"n": 1}, {"n": 2}, EventBusName=source)

    def told():
        request = botocore.awsrequest.AWSRequest("GET", f"{server.url}/_millrace/event-buses")
        credentials = botocore.credentials.Credentials(server.access_key, server.secret_key)
        botocore.auth.SigV4Auth(credentials, "millrace", "us-east-1").add_auth(request)
        with urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers))) as answer:
            buses = json.load(answer)["buses"]
        [found] = [each for each in buses if each["Arn"].endswith(f"/{source}")]
        return (found["Events"], found["Delivered"], found["Dropped"], found["Waiting"]) == (2, 2, 2, 0)
    eventually(told)


def test_only_what_a_rule_asks_for_reaches_its_target(events, kinesis, stream, source):
    rule(events, source, {"source": [source], "detail": {"price": [{"numeric": [">", 10]}], "sku": [{"prefix": "k-"}]}},
         {"Id": "1", "Arn": stream_arn(stream), "InputPath": "$.detail",
          "KinesisParameters": {"PartitionKeyPath": "$.detail.sku"}})
    put(events, source, {"price": 9, "sku": "k-1"}, {"price": 11, "sku": "k-2"}, {"price": 12, "sku": "x"},
        {"price": 13, "sku": "k-3"})
    found = received(kinesis, stream, 2)
    assert {each["PartitionKey"] for each in found} == {"k-2", "k-3"}
    assert sorted(json.loads(each["Data"])["price"] for each in found) == [11, 13]


def test_input_transformers(events, kinesis, stream, source):
    arn = rule(events, source, {"source": [source]}, {"Id": "1", "Arn": stream_arn(stream), "InputTransformer": {
        "InputPathsMap": {"name": "$.detail.name", "all": "$.detail", "price": "$.detail.price", "no": "$.detail.no"},
        "InputTemplate": '{"text": "<name> costs <price>: <all>", "name": <name>, "all": <all>, "no": <no>, '
                         '"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>, '
                         '"at": "<aws.events.event.ingestion-time>", "event": <aws.events.event.json>}'}})
    put(events, source, {"name": "tea \"green\"", "price": 1.10})
    out = json.loads(received(kinesis, stream, 1)[0]["Data"])
    assert out["text"].startswith('tea "green" costs 1.1: {name:tea ')
    assert (out["name"], out["no"], out["rule"], out["arn"]) == ('tea "green"', None, source, arn)
    assert out["all"] == out["event"]["detail"] == {"name": "tea \"green\"", "price": 1.1}
    assert datetime.datetime.fromisoformat(out["at"])


def test_each_entry_fails_for_itself(events):
    good = {"Source": "s", "DetailType": "t", "Detail": "{}"}
    answer = events.put_events(Entries=[
        good, {"DetailType": "t", "Detail": "{}"}, {"Source": "s", "Detail": "{}"}, {"Source": "s", "DetailType": "t"},
        {**good, "Detail": "no"}, {**good, "Detail": "[1]"}, {**good, "Source": "aws.s3"},
        {**good, "EventBusName": "nobody"}, {**good, "Detail": '{"n": 123456789012345678901234567890}'}])
    assert answer["FailedEntryCount"] == 7
    assert [each.get("ErrorCode") for each in answer["Entries"]] == [
        None, "InvalidArgument", "InvalidArgument", "InvalidArgument", "MalformedDetail", "MalformedDetail",
        "NotAuthorizedForSourceException", "ResourceNotFoundException", None]
    assert answer["Entries"][2]["ErrorMessage"] == (
        "Parameter DetailType is not valid. Reason: DetailType is a required argument.")
    assert answer["Entries"][4]["ErrorMessage"] == "Detail is malformed."


def test_limits_of_put_events(events):
    good = {"Source": "s", "DetailType": "t", "Detail": "{}"}
    refused(lambda: events.put_events(Entries=[good] * 11))
    big = {**good, "Detail": json.dumps({"x": "y" * 600_000})}
    assert events.put_events(Entries=[big])["FailedEntryCount"] == 0
    assert "over the limit" in refused(lambda: events.put_events(Entries=[big, big]))
    refused(lambda: events.put_events(Entries=[{**good, "TraceHeader": "x"}]))
    deep = "{" + '"a":{' * 200 + "}" * 201
    assert events.put_events(Entries=[{**good, "Detail": deep}])["Entries"][0]["ErrorCode"] == "MalformedDetail"


def test_buses_have_rules_of_their_own(events, kinesis, stream, source):
    arn = events.create_event_bus(Name=source, Tags=[{"Key": "k", "Value": "v"}])["EventBusArn"]
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    refused(lambda: events.create_event_bus(Name=source), "ResourceAlreadyExistsException")
    made = rule(events, "mine", {"source": [{"exists": True}]}, {"Id": "1", "Arn": stream_arn(stream)},
                EventBusName=source)
    assert made == f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{source}/mine"
    put(events, source, {"bus": "default"})
    put(events, source, {"bus": "by name"}, EventBusName=source)
    put(events, source, {"bus": "by arn"}, EventBusName=arn)
    found = received(kinesis, stream, 2)
    assert {json.loads(each["Data"])["detail"]["bus"] for each in found} == {"by name", "by arn"}  # in no order
    assert source in [each["Name"] for each in events.list_event_buses(NamePrefix=source)["EventBuses"]]
    refused(lambda: events.delete_event_bus(Name=source))
    refused(lambda: events.delete_rule(Name="mine", EventBusName=source))
    events.remove_targets(Rule="mine", EventBusName=source, Ids=["1"])
    events.delete_rule(Name="mine", EventBusName=source)
    events.delete_event_bus(Name=source)
    refused(lambda: events.describe_event_bus(Name=source), "ResourceNotFoundException")


def test_a_bus_forwards_to_another_once(events, kinesis, stream, source):
    first, second = f"{source}-1", f"{source}-2"
    for name, other in ((first, second), (second, first)):
        events.create_event_bus(Name=name)
    for name, other in ((first, second), (second, first)):  # each to the other: a circle
        rule(events, "on", {"source": [source]},
             {"Id": "bus", "Arn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{other}"},
             {"Id": "stream", "Arn": stream_arn(stream), "InputTransformer": {
                 "InputPathsMap": {"id": "$.id"}, "InputTemplate": json.dumps(f"{name} <id>")}}, EventBusName=name)
    [event_id] = put(events, source, {}, EventBusName=first)
    received(kinesis, stream, 2)
    put(events, source, {"last": True}, EventBusName=second)
    found = received(kinesis, stream, 4)
    assert [each["Data"].decode() for each in found].count(f'"{first} {event_id}"') == 1
    assert [each["Data"].decode() for each in found].count(f'"{second} {event_id}"') == 1
    assert len(found) == 4


def test_functions_log_groups_and_firehoses_are_targets(events, boto, source):
    lambdas, logs, s3, firehose = boto("lambda"), boto("logs"), boto("s3"), boto("firehose")
    bucket = f"bucket-{source}"
    s3.create_bucket(Bucket=bucket)
    code = ("import json, boto3\n"
            "def handler(event, context):\n"
            f"    boto3.client('s3').put_object(Bucket='{bucket}', Key='seen', Body=json.dumps(event).encode())\n")
    function = create(lambdas, source, code)["FunctionArn"]
    logs.create_log_group(logGroupName=f"/events/{source}")
    firehose.create_delivery_stream(DeliveryStreamName=source, ExtendedS3DestinationConfiguration={
        "BucketARN": f"arn:aws:s3:::{bucket}", "RoleARN": "arn:aws:iam::000000000000:role/x", "Prefix": "fire/",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 1}})
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/events/{source}"
    rule(events, source, {"source": [source]}, {"Id": "f", "Arn": function}, {"Id": "l", "Arn": group},
         {"Id": "h", "Arn": f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/{source}", "Input": '{"constant":1}'})
    [event_id] = put(events, source, {"a": 1})
    lines = eventually(lambda: logs.filter_log_events(logGroupName=f"/events/{source}")["events"])
    assert json.loads(lines[0]["message"])["id"] == event_id
    objects = eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="fire/").get("Contents"))
    assert s3.get_object(Bucket=bucket, Key=objects[0]["Key"])["Body"].read() == b'{"constant":1}'
    seen = eventually(lambda: s3.get_object(Bucket=bucket, Key="seen")["Body"].read())
    assert json.loads(seen)["detail"] == {"a": 1}


def test_what_is_no_target_is_refused_by_name(events, source):
    events.put_rule(Name=source, EventPattern='{"source":["x"]}')
    for arn, word in ((f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", "SQS"), (f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "SNS"),
                      (f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:x", "Step Functions"), ("nonsense", "ARN")):
        assert word in refused(lambda: events.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": arn}]))
    stream = {"Id": "1", "Arn": stream_arn("s")}
    assert "SQS" in refused(lambda: events.put_targets(Rule=source, Targets=[
        {**stream, "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"}}]))
    assert "nobody" in refused(lambda: events.put_targets(Rule=source, Targets=[
        {**stream, "InputTransformer": {"InputTemplate": '{"a": <nobody>}'}}]))
    refused(lambda: events.put_targets(Rule=source, Targets=[{**stream, "Input": "no"}]))
    refused(lambda: events.put_targets(Rule=source, Targets=[{**stream, "SqsParameters": {"MessageGroupId": "x"}}]))
    refused(lambda: events.put_targets(Rule=source, Targets=[{"Id": str(i), "Arn": stream_arn("s")} for i in range(6)]),
            "LimitExceededException")
    assert events.list_targets_by_rule(Rule=source)["Targets"] == []


def test_rules_are_kept_as_they_were_made(events, source):
    pattern = json.dumps({"source": [source]})
    events.put_rule(Name=source, EventPattern=pattern, Description="d", State="DISABLED", Tags=[{"Key": "a", "Value": "b"}])
    found = events.describe_rule(Name=source)
    assert (found["EventPattern"], found["Description"], found["State"]) == (pattern, "d", "DISABLED")
    target = {"Id": "1", "Arn": stream_arn("s"), "RoleArn": "arn:aws:iam::000000000000:role/x",
              "InputTransformer": {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": '{"a": <a>}'},
              "KinesisParameters": {"PartitionKeyPath": "$.detail.a"},
              "DeadLetterConfig": {"Arn": stream_arn("dead")},
              "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60}}
    events.put_targets(Rule=source, Targets=[target])
    assert events.list_targets_by_rule(Rule=source)["Targets"] == [target]
    assert source in events.list_rule_names_by_target(TargetArn=stream_arn("s"))["RuleNames"]
    events.put_rule(Name=source, ScheduleExpression="rate(5 minutes)")
    found = events.describe_rule(Name=source)
    assert (found["ScheduleExpression"], found["State"], "EventPattern" in found) == ("rate(5 minutes)", "ENABLED", False)
    assert events.list_rules(NamePrefix=source)["Rules"][0]["Name"] == source
    refused(lambda: events.put_rule(Name=source))
    refused(lambda: events.put_rule(Name=source, ScheduleExpression="rate(5 minute)"))
    refused(lambda: events.put_rule(Name=source, EventPattern='{"a":1}'), "InvalidEventPatternException")
    refused(lambda: events.describe_rule(Name="nobody"), "ResourceNotFoundException")


def test_pages_of_rules(events, source):
    events.create_event_bus(Name=source)
    for i in range(5):
        events.put_rule(Name=f"r{i}", EventPattern='{"source":["x"]}', EventBusName=source)
    first = events.list_rules(EventBusName=source, Limit=3)
    second = events.list_rules(EventBusName=source, Limit=3, NextToken=first["NextToken"])
    assert [each["Name"] for each in first["Rules"] + second["Rules"]] == [f"r{i}" for i in range(5)]
    assert "NextToken" not in second


def test_disabled_rules_see_nothing_and_enabled_ones_only_what_follows(events, kinesis, stream, source):
    put(events, source, {"n": 0})
    rule(events, source, {"source": [source]}, {"Id": "1", "Arn": stream_arn(stream)})
    put(events, source, {"n": 1})
    received(kinesis, stream, 1)
    events.disable_rule(Name=source)
    put(events, source, {"n": 2})
    events.enable_rule(Name=source)
    put(events, source, {"n": 3})
    assert [json.loads(each["Data"])["detail"]["n"] for each in received(kinesis, stream, 2)] == [1, 3]


def test_patterns_can_be_tried_out(events):
    event = json.dumps({"id": "1", "account": "1", "source": "s", "time": "2026-01-01T00:00:00Z", "region": "r",
                        "detail-type": "t", "detail": {"a": 1}})  # AWS does not ask for resources
    assert events.test_event_pattern(EventPattern='{"detail":{"a":[1]}}', Event=event)["Result"] is True
    assert events.test_event_pattern(EventPattern='{"detail":{"a":[2]}}', Event=event)["Result"] is False
    refused(lambda: events.test_event_pattern(EventPattern="{}", Event=event), "InvalidEventPatternException")
    refused(lambda: events.test_event_pattern(EventPattern='{"a":[1]}', Event="{}"))


def test_permissions(events, source):
    events.create_event_bus(Name=source)
    arn = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{source}"
    events.put_permission(EventBusName=source, Action="events:PutEvents", Principal="111111111111", StatementId="other")
    policy = json.loads(events.describe_event_bus(Name=source)["Policy"])
    assert policy["Statement"] == [{"Sid": "other", "Effect": "Allow", "Resource": arn, "Action": "events:PutEvents",
                                    "Principal": {"AWS": "arn:aws:iam::111111111111:root"}}]
    refused(lambda: events.remove_permission(EventBusName=source, StatementId="nobody"), "ResourceNotFoundException")
    events.remove_permission(EventBusName=source, StatementId="other")
    assert "Policy" not in events.describe_event_bus(Name=source)
    refused(lambda: events.put_permission(EventBusName=source, Policy="no"))


def test_what_is_not_served_says_so(events):
    refused(lambda: events.list_endpoints(), "NotImplementedException")
    refused(lambda: events.put_partner_events(Entries=[{"Source": "s"}]), "NotImplementedException")
