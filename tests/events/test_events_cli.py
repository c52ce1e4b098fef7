"""EventBridge through Debian's AWS CLI, with the shorthand and the files that people give it."""

import datetime
import json

import pytest

from support.waiting import eventually

ACCOUNT = "000000000000"


@pytest.fixture
def events(aws_cli):
    return lambda *arguments: aws_cli("events", *arguments)


@pytest.fixture
def arrived(boto):
    def data(count):
        kinesis = boto("kinesis")
        iterator = kinesis.get_shard_iterator(StreamName="heard", ShardId="shardId-000000000000",
                                              ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        return eventually(lambda: (lambda found: len(found) == count and [json.loads(each["Data"]) for each in found])(
            kinesis.get_records(ShardIterator=iterator)["Records"]))

    return data


def test_events_are_put_tried_out_archived_and_replayed(events, boto, arrived, tmp_path):
    boto("kinesis").create_stream(StreamName="heard", ShardCount=1)
    pattern = '{"source": ["shop"], "detail": {"n": [{"numeric": [">", 1]}]}}'
    events("put-rule", "--name", "shop", "--event-pattern", pattern, "--tags", "Key=team,Value=cli")
    assert events("put-targets", "--rule", "shop", "--targets",
                  f"Id=1,Arn=arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/heard,InputPath=$.detail")["FailedEntryCount"] == 0
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    archive = events("create-archive", "--archive-name", "all", "--event-source-arn", bus)["ArchiveArn"]
    entries = tmp_path / "entries.json"
    entries.write_text(json.dumps([{"Source": "shop", "DetailType": "t", "Detail": json.dumps({"n": n})} for n in (1, 2)]))
    answer = events("put-events", "--entries", f"file://{entries}")
    assert answer["FailedEntryCount"] == 0 and len(answer["Entries"]) == 2
    assert arrived(1) == [{"n": 2}]

    event = {"id": "1", "account": ACCOUNT, "source": "shop", "time": "2026-01-01T00:00:00Z", "region": "us-east-1",
             "resources": [], "detail-type": "t", "detail": {"n": 2}}
    assert events("test-event-pattern", "--event-pattern", pattern, "--event", json.dumps(event)) == {"Result": True}

    eventually(lambda: boto("events").describe_archive(ArchiveName="all")["EventCount"] == 2)
    now = datetime.datetime.now(datetime.timezone.utc)
    events("start-replay", "--replay-name", "again", "--event-source-arn", archive, "--destination", f"Arn={bus}",
           "--event-start-time", (now - datetime.timedelta(hours=1)).isoformat(), "--event-end-time", now.isoformat())
    assert arrived(2) == [{"n": 2}, {"n": 2}]


def test_a_connection_an_api_destination_and_a_schedule(events):
    secret = "ApiKeyAuthParameters={ApiKeyName=x-key,ApiKeyValue=hush}"
    connection = events("create-connection", "--name", "site", "--authorization-type", "API_KEY", "--auth-parameters", secret)
    assert connection["ConnectionState"] == "AUTHORIZED"
    made = events("create-api-destination", "--name", "site", "--connection-arn", connection["ConnectionArn"],
                  "--invocation-endpoint", "https://shop.example/orders", "--http-method", "POST",
                  "--invocation-rate-limit-per-second", 5)
    assert made["ApiDestinationState"] == "ACTIVE"
    assert "hush" not in json.dumps(events("describe-connection", "--name", "site"))
    events("put-rule", "--name", "daily", "--schedule-expression", "cron(0 8 * * ? *)")
    rules = {each["Name"]: each for each in events("list-rules")["Rules"]}
    assert rules["daily"]["ScheduleExpression"] == "cron(0 8 * * ? *)"
