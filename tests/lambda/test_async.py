"""Asynchronous calls: accepted once on disk, tried again, told to their destinations, and there after a kill -9."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from support.functions import call, create, package
from support.waiting import eventually, never


@pytest.fixture
def quick(server_factory):
    """A server whose first retry comes after a tenth of a second."""
    return server_factory(extra=["--function-retry-ms", "100ms"])


def records(s3, bucket):
    """What destinations put into the bucket: [(key, record)]."""
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return [(one["Key"], json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())) for one in listed]


# A function that writes down its calls where the test can ask: a bucket of the same server, by plain HTTP with SigV4
# would need an SDK. It keeps them in its own memory instead; one environment serves all calls (reserved concurrency 1),
# one after the other: a report is refused while another call runs, so it is asked for by report().
MEMORY = """
seen = []
def handler(event, context):
    if event == 'report':
        return seen
    seen.append([event, context.aws_request_id])
    if isinstance(event, dict) and event.get('fail', 0) >= sum(1 for one in seen if one[0] == event):
        raise RuntimeError('try again')
    return {'done': event}
"""


def make(functions, name):
    create(functions, name, MEMORY)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)


def report(functions, name, enough=bool, **options):
    """The calls that the function has seen, once they are enough."""
    return eventually(lambda: enough(seen := call(functions, name, "report", **options)) and [seen])[0]


def test_a_call_that_fails_is_tried_twice_more_under_one_request_id(quick):
    functions = quick.client("lambda")
    make(functions, "flaky")
    answer = functions.invoke(FunctionName="flaky", InvocationType="Event", Payload=json.dumps({"fail": 2}))
    assert answer["StatusCode"] == 202 and answer["Payload"].read() == b""
    seen = report(functions, "flaky", lambda seen: len(seen) >= 3)
    assert [one[1] for one in seen] == [answer["ResponseMetadata"]["RequestId"]] * 3
    never(lambda: len(report(functions, "flaky")) > 3, seconds=0.6)


def test_destinations_are_told_of_success_and_of_failure(quick):
    functions, s3 = quick.client("lambda"), quick.client("s3")
    s3.create_bucket(Bucket="failures")
    make(functions, "jobs")
    make(functions, "after")
    after = functions.get_function_configuration(FunctionName="after")["FunctionArn"]
    put = functions.put_function_event_invoke_config(
        FunctionName="jobs", MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnSuccess": {"Destination": after}, "OnFailure": {"Destination": "arn:aws:s3:::failures"}})
    assert put["FunctionArn"].endswith(":function:jobs:$LATEST")
    functions.invoke(FunctionName="jobs", InvocationType="Event", Payload=b'{"n": 1}')
    [[record, _]] = report(functions, "after")
    assert record["requestContext"]["condition"] == "Success" and record["requestPayload"] == {"n": 1}
    assert record["responsePayload"] == {"done": {"n": 1}}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}

    functions.invoke(FunctionName="jobs", InvocationType="Event", Payload=b'{"fail": 9}')
    [(key, record)] = eventually(lambda: records(s3, "failures"))
    assert key.startswith("aws/lambda/async/jobs/")
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "try again"

    functions.update_function_event_invoke_config(FunctionName="jobs", MaximumRetryAttempts=0)
    functions.invoke(FunctionName="jobs", InvocationType="Event", Payload=b'{"fail": 8}')
    eventually(lambda: [one for _, one in records(s3, "failures") if one["requestContext"]["approximateInvokeCount"] == 1])
    [shown] = functions.list_function_event_invoke_configs(FunctionName="jobs")["FunctionEventInvokeConfigs"]
    assert shown["MaximumRetryAttempts"] == 0 and shown["DestinationConfig"]["OnSuccess"] == {"Destination": after}
    functions.delete_function_event_invoke_config(FunctionName="jobs")
    with pytest.raises(ClientError):
        functions.get_function_event_invoke_config(FunctionName="jobs")


def test_a_function_that_may_not_run_fails_at_once_where_somebody_is_told(quick):
    functions, s3 = quick.client("lambda"), quick.client("s3")
    s3.create_bucket(Bucket="stopped")
    create(functions, "stopped", MEMORY)
    functions.put_function_concurrency(FunctionName="stopped", ReservedConcurrentExecutions=0)
    functions.put_function_event_invoke_config(FunctionName="stopped", DestinationConfig={
        "OnFailure": {"Destination": "arn:aws:s3:::stopped"}})
    functions.invoke(FunctionName="stopped", InvocationType="Event", Payload=b'"told"')
    told = eventually(lambda: [one for _, one in records(s3, "stopped") if one["requestPayload"] == "told"])
    assert told[0]["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert told[0]["requestContext"]["approximateInvokeCount"] == 0 and "responsePayload" not in told[0]

    # Nobody is told of what has no destination: it was accepted, and waits.
    create(functions, "waits", MEMORY)
    functions.put_function_concurrency(FunctionName="waits", ReservedConcurrentExecutions=0)
    functions.invoke(FunctionName="waits", InvocationType="Event", Payload=b'"kept"')
    functions.put_function_concurrency(FunctionName="waits", ReservedConcurrentExecutions=1)
    assert [event for event, _ in report(functions, "waits")] == ["kept"]


def test_an_event_bus_is_told_as_by_aws(quick):
    functions, events, logs = quick.client("lambda"), quick.client("events"), quick.client("logs")
    bus = events.create_event_bus(Name="results")["EventBusArn"]
    events.put_rule(Name="all", EventBusName="results", EventPattern=json.dumps({"source": ["lambda"]}))
    logs.create_log_group(logGroupName="/results")
    events.put_targets(Rule="all", EventBusName="results", Targets=[
        {"Id": "log", "Arn": "arn:aws:logs:us-east-1:000000000000:log-group:/results"}])
    make(functions, "told")
    functions.put_function_event_invoke_config(
        FunctionName="told", MaximumRetryAttempts=0,
        DestinationConfig={"OnSuccess": {"Destination": bus}, "OnFailure": {"Destination": bus}})
    for payload in ({"n": 1}, {"fail": 9}):
        functions.invoke(FunctionName="told", InvocationType="Event", Payload=json.dumps(payload))

    def seen():
        found = [json.loads(one["message"]) for one in logs.filter_log_events(logGroupName="/results")["events"]]
        return len(found) == 2 and {one["detail-type"]: one for one in found}

    told = eventually(seen)
    success = told["Lambda Function Invocation Result - Success"]
    function = "arn:aws:lambda:us-east-1:000000000000:function:told:$LATEST"
    assert (success["source"], success["resources"]) == ("lambda", [bus, function])
    assert success["detail"]["requestContext"]["condition"] == "Success"
    assert success["detail"]["responsePayload"] == {"done": {"n": 1}}
    failure = told["Lambda Function Invocation Result - Failure"]["detail"]
    assert failure["requestContext"]["condition"] == "RetriesExhausted" and failure["requestPayload"] == {"fail": 9}


def test_destinations_that_we_do_not_have_are_refused_by_name(quick):
    functions = quick.client("lambda")
    create(functions, "lone")
    for arn in ("arn:aws:sqs:us-east-1:000000000000:q", "arn:aws:sns:us-east-1:000000000000:t",
                "arn:aws:events:us-east-1:000000000000:rule/b"):
        with pytest.raises(ClientError) as refused:
            functions.put_function_event_invoke_config(FunctionName="lone",
                                                       DestinationConfig={"OnFailure": {"Destination": arn}})
        assert "no SQS or SNS" in str(refused.value)


def test_a_missing_bucket_is_tried_until_it_is_there(quick):
    functions, s3 = quick.client("lambda"), quick.client("s3")
    make(functions, "early")
    functions.put_function_event_invoke_config(FunctionName="early", MaximumRetryAttempts=0,
                                               DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::later"}})
    functions.invoke(FunctionName="early", InvocationType="Event", Payload=b'{"fail": 9}')
    report(functions, "early")
    time.sleep(0.3)  # it has been tried by then, as a rule; where not, the test shows less and holds all the same
    s3.create_bucket(Bucket="later")
    assert len(eventually(lambda: records(s3, "later"))) == 1


def test_what_waits_and_what_exists_is_there_after_kill_nine(server_factory):
    server = server_factory(extra=["--function-retry-ms", "1500ms"])
    functions, s3 = server.client("lambda"), server.client("s3")
    s3.create_bucket(Bucket="done")
    make(functions, "kept")
    functions.publish_version(FunctionName="kept")
    functions.create_alias(FunctionName="kept", Name="live", FunctionVersion="1")
    url = functions.create_function_url_config(FunctionName="kept", AuthType="NONE")["FunctionUrl"]
    layer = functions.publish_layer_version(LayerName="l", Content={"ZipFile": package({"a": "b"})})
    functions.put_function_event_invoke_config(FunctionName="kept", MaximumRetryAttempts=1,
                                               DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::done"}})
    for number in range(20):
        functions.invoke(FunctionName="kept", InvocationType="Event", Payload=json.dumps({"fail": 99, "n": number}))
    server.kill()
    server.start()
    functions, s3 = server.client("lambda"), server.client("s3")
    assert functions.get_alias(FunctionName="kept", Name="live")["FunctionVersion"] == "1"
    assert functions.get_function_url_config(FunctionName="kept")["FunctionUrl"].split(".")[0] == url.split(".")[0]
    assert functions.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])["Version"] == 1
    eventually(lambda: {one["requestPayload"]["n"] for _, one in records(s3, "done")} == set(range(20)))
    assert report(functions, "kept", lambda seen: seen == [], Qualifier="1") == []


def test_a_function_that_is_gone_takes_its_events_with_it(quick):
    functions = quick.client("lambda")
    make(functions, "gone")
    functions.put_function_concurrency(FunctionName="gone", ReservedConcurrentExecutions=0)
    functions.invoke(FunctionName="gone", InvocationType="Event", Payload=b"{}")
    functions.delete_function(FunctionName="gone")
    eventually(lambda: "an asynchronous call of 000000000000:us-east-1:gone is dropped" in quick.log())


def test_no_accepted_call_is_lost_however_often_the_server_dies(server_factory):
    server = server_factory(extra=["--function-retry-ms", "50ms"])
    functions, s3 = server.client("lambda"), server.client("s3")
    s3.create_bucket(Bucket="told")
    create(functions, "counted", "def handler(event, context):\n    raise RuntimeError('to its destination')\n")
    functions.put_function_event_invoke_config(FunctionName="counted", MaximumRetryAttempts=1,
                                               DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::told"}})
    accepted = 0
    for life in range(4):
        for _ in range(25):
            functions.invoke(FunctionName="counted", InvocationType="Event", Payload=str(accepted))
            accepted += 1
        time.sleep(0.1 * life)  # the moment of death is the test's input: some have run, some run, some wait
        server.kill()
        server.start()
        functions, s3 = server.client("lambda"), server.client("s3")

    def told():
        return {one["requestPayload"] for _, one in records(s3, "told")}

    eventually(lambda: len(told()) >= accepted)
    assert told() == set(range(accepted))
