"""CloudWatch Logs through boto3 and the AWS CLI: groups, streams, events, filters, and following."""

import itertools
import os
import select
import subprocess
import time

import pytest
from botocore.exceptions import ClientError
from support.clients import AWS
from support.waiting import SECONDS_MAX

DAY_MS = 86_400_000
numbers = itertools.count()


def now_ms():
    return int(time.time() * 1000)


@pytest.fixture
def logs(boto):
    return boto("logs")


@pytest.fixture
def group(logs):
    name = f"/test/group{next(numbers)}"
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="one")
    return name


def put(logs, group, stream, *messages, at=None, step=1):
    start = at or now_ms() - 1000
    return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
        {"timestamp": start + i * step, "message": message} for i, message in enumerate(messages)])


def code_of(raised):
    return raised.value.response["Error"]["Code"]


def test_groups_are_described_tagged_and_deleted(logs, group):
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [g["logGroupName"] for g in described] == [group]
    arn = described[0]["logGroupArn"]
    assert arn == f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    assert described[0]["arn"] == arn + ":*"
    assert "retentionInDays" not in described[0]
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    assert logs.describe_log_groups(logGroupNamePattern=group)["logGroups"][0]["retentionInDays"] == 7
    with pytest.raises(ClientError) as raised:
        logs.put_retention_policy(logGroupName=group, retentionInDays=8)
    assert code_of(raised) == "InvalidParameterException"
    logs.delete_retention_policy(logGroupName=group)
    logs.tag_resource(resourceArn=arn, tags={"team": "a", "gone": "x"})
    logs.untag_log_group(logGroupName=group, tags=["gone"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "a"}
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"team": "a"}
    with pytest.raises(ClientError) as raised:
        logs.create_log_group(logGroupName=group)
    assert code_of(raised) == "ResourceAlreadyExistsException"
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(ClientError) as raised:
        logs.delete_log_group(logGroupName=group)
    assert code_of(raised) == "ResourceNotFoundException"


def test_streams_are_ordered_and_paged(logs, group):
    for name in ("two", "three"):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    put(logs, group, "two", "later", at=now_ms() - 10)
    put(logs, group, "three", "earlier", at=now_ms() - 10_000)

    def names(**asked):
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 1}, **asked)
        return [s["logStreamName"] for page in pages for s in page["logStreams"]]

    assert names() == ["one", "three", "two"]
    assert names(descending=True) == ["two", "three", "one"]
    assert names(orderBy="LastEventTime", descending=True) == ["two", "three", "one"]
    assert names(orderBy="LastEventTime") == ["one", "three", "two"]
    assert names(logStreamNamePrefix="t") == ["three", "two"]
    with pytest.raises(ClientError) as raised:
        names(orderBy="LastEventTime", logStreamNamePrefix="t")
    assert code_of(raised) == "InvalidParameterException"
    logs.delete_log_stream(logGroupName=group, logStreamName="three")
    assert names() == ["one", "two"]
    with pytest.raises(ClientError) as raised:
        put(logs, group, "three", "x")
    assert code_of(raised) == "ResourceNotFoundException"


def test_put_refuses_what_aws_refuses(logs, group):
    for events in ([(now_ms(), "b"), (now_ms() - 5, "a")], [(now_ms() - 2 * DAY_MS, "a"), (now_ms(), "b")],
                   [(now_ms(), "x" * 600_000), (now_ms(), "x" * 600_000)]):
        with pytest.raises(ClientError) as raised:
            logs.put_log_events(logGroupName=group, logStreamName="one",
                                logEvents=[{"timestamp": at, "message": text} for at, text in events])
        assert code_of(raised) == "InvalidParameterException"
    answer = put(logs, group, "one", "old", at=now_ms() - 15 * DAY_MS)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    answer = put(logs, group, "one", "kept", "new", at=now_ms(), step=3 * 3_600_000)
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    answer = put(logs, group, "one", "expired", at=now_ms() - 2 * DAY_MS)
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    events = logs.get_log_events(logGroupName=group, logStreamName="one")["events"]
    assert [e["message"] for e in events] == ["kept"]


def test_get_goes_both_ways_and_says_the_end(logs, group):
    put(logs, group, "one", *(f"line {i}" for i in range(5)))
    get = lambda **asked: logs.get_log_events(logGroupName=group, logStreamName="one", **asked)  # noqa: E731
    texts = lambda page: [e["message"] for e in page["events"]]  # noqa: E731
    newest = get(limit=2)
    assert texts(newest) == ["line 3", "line 4"]
    before = get(limit=2, nextToken=newest["nextBackwardToken"])
    assert texts(before) == ["line 1", "line 2"]
    head = get(limit=3, startFromHead=True)
    assert texts(head) == ["line 0", "line 1", "line 2"]
    rest = get(nextToken=head["nextForwardToken"])
    assert texts(rest) == ["line 3", "line 4"]
    end = get(nextToken=rest["nextForwardToken"])
    assert texts(end) == [] and end["nextForwardToken"] == rest["nextForwardToken"]
    back = get(limit=1, nextToken=end["nextBackwardToken"])
    assert texts(back) == ["line 4"]
    first = get(nextToken=head["nextBackwardToken"])
    assert texts(first) == [] and first["nextBackwardToken"] == head["nextBackwardToken"]
    put(logs, group, "one", "line 5", at=now_ms())
    assert texts(get(nextToken=end["nextForwardToken"])) == ["line 5"]
    with pytest.raises(ClientError) as raised:
        get(nextToken="f/12/s")
    assert code_of(raised) == "InvalidParameterException"


def test_filter_by_pattern_streams_and_time(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="two")
    start = now_ms() - 5000
    put(logs, group, "one", "ERROR first", '{"level": "warn", "ms": 12}', "fine", at=start, step=10)
    put(logs, group, "two", "ERROR second", '{"level": "warn", "ms": 99}', at=start + 5, step=10)

    def found(**asked):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 2}, **asked)
        return [e["message"] for page in pages for e in page["events"]]

    assert found(filterPattern="ERROR") == ["ERROR first", "ERROR second"]
    assert found(filterPattern='{ $.level = "warn" && $.ms > 50 }') == ['{"level": "warn", "ms": 99}']
    assert found(filterPattern="[w1=ERROR, w2]", logStreamNames=["two"]) == ["ERROR second"]
    assert found(logStreamNamePrefix="tw") == ["ERROR second", '{"level": "warn", "ms": 99}']
    assert found(startTime=start + 10, endTime=start + 15) == [
        '{"level": "warn", "ms": 12}', '{"level": "warn", "ms": 99}']
    assert len(found()) == 5
    events = logs.filter_log_events(logGroupIdentifier=group)["events"]
    assert len({e["eventId"] for e in events}) == 5
    for pattern in ("{ $.a = ", "%regex%"):
        with pytest.raises(ClientError) as raised:
            found(filterPattern=pattern)
        assert code_of(raised) == "InvalidParameterException"


def test_what_is_not_served_says_so(logs, group):
    with pytest.raises(ClientError) as raised:
        logs.start_query(logGroupName=group, startTime=0, endTime=1, queryString="fields @message")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(ClientError) as raised:
        logs.create_log_group(logGroupName="x", kmsKeyId="arn:aws:kms:us-east-1:000000000000:key/k")
    assert "kmsKeyId" in str(raised.value)


def test_events_survive_kill(server_factory):
    server = server_factory()
    logs = server.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    put(logs, "g", "s", "kept")
    server.kill()
    server.start()
    assert [e["message"] for e in server.client("logs").filter_log_events(logGroupName="g")["events"]] == ["kept"]


def test_the_cli_follows(logs, group, aws_cli):
    put(logs, group, "one", "before")
    tail = subprocess.Popen([AWS, "--endpoint-url", aws_cli.server.url, "logs", "tail", group, "--follow"],
                            env={**aws_cli.server.client_environment(), "PYTHONUNBUFFERED": "1"},
                            stdout=subprocess.PIPE)
    try:
        read = b""
        put_more = False
        while b"after" not in read:
            assert select.select([tail.stdout], [], [], SECONDS_MAX)[0], read
            piece = os.read(tail.stdout.fileno(), 4096)
            assert piece, read
            read += piece
            if b"before" in read and not put_more:
                put(logs, group, "one", "after", at=now_ms())
                put_more = True
        assert read.count(b"before") == 1
    finally:
        tail.kill()
        tail.wait()
