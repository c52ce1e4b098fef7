"""curl, which signs for itself, as the only client: an API, a rule, a schedule and a pipe are made, and what is posted
to the API's URL comes out of the pipe."""

import json

import pytest

from support.waiting import eventually

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


def stream_arn(name):
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"


@pytest.fixture
def make(curl):
    """make("scheduler", "POST", "/schedules/x", {...}) -> what a call of the REST protocols answered."""
    def call(service, method, path, body=None):
        status, answer = curl(path, "-X", method, "-H", "Content-Type: application/json",
                              *([] if body is None else ["-d", json.dumps(body)]), sign=service)
        assert status < 300, (status, answer)
        return answer

    return call


@pytest.fixture
def stream(curl):
    def create(name):
        status, answer = curl.call("kinesis", "Kinesis_20131202.CreateStream", {"StreamName": name, "ShardCount": 1})
        assert status == 200, answer
        return stream_arn(name)

    return create


@pytest.fixture
def arrived(boto):
    def data(name, count):
        kinesis = boto("kinesis")
        iterator = kinesis.get_shard_iterator(StreamName=name, ShardId="shardId-000000000000",
                                              ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        return eventually(lambda: (lambda found: len(found) == count and [json.loads(each["Data"]) for each in found])(
            kinesis.get_records(ShardIterator=iterator)["Records"]))

    return data


def test_a_rest_api_before_a_pipe(curl, make, stream, arrived):
    orders, large = stream("orders"), stream("large")
    made = make("pipes", "POST", "/v1/pipes/large", {
        "RoleArn": ROLE, "Source": orders, "Target": large,
        "SourceParameters": {"KinesisStreamParameters": {"StartingPosition": "TRIM_HORIZON"}, "FilterCriteria": {
            "Filters": [{"Pattern": '{"data": {"total": [{"numeric": [">", 10]}]}}'}]}},
        "TargetParameters": {"KinesisStreamParameters": {"PartitionKey": "k"}, "InputTemplate": "<$.data>"}})
    assert made["CurrentState"] == "CREATING"
    api = make("apigateway", "POST", "/restapis", {"name": "shop"})
    method = f"/restapis/{api['id']}/resources/{api['rootResourceId']}/methods/POST"
    make("apigateway", "PUT", method, {"authorizationType": "NONE"})
    make("apigateway", "PUT", f"{method}/integration", {
        "type": "AWS", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
        "requestTemplates": {"application/json": '{"StreamName": "orders", "PartitionKey": "k", '
                                                 '"Data": "$util.base64Encode($input.json(\'$\'))"}'}})
    make("apigateway", "PUT", f"{method}/responses/200", {})
    make("apigateway", "PUT", f"{method}/integration/responses/200", {})
    make("apigateway", "POST", f"/restapis/{api['id']}/deployments", {"stageName": "prod"})
    assert make("apigateway", "GET", f"/restapis/{api['id']}/stages/prod")["stageName"] == "prod"

    for total in (5, 20):
        status, answer = curl(f"/restapis/{api['id']}/prod/_user_request_/", "--json", json.dumps({"total": total}))
        assert status == 200 and answer["ShardId"], answer
    assert arrived("large", 1) == [{"total": 20}]
    assert make("pipes", "POST", "/v1/pipes/large/stop")["DesiredState"] == "STOPPED"
    assert curl(f"/restapis/{api['id']}", sign="apigateway", secret="wrong")[0] == 403


def test_an_http_api_before_a_bus(curl, make, stream, arrived):
    heard = stream("heard")
    for operation, request in (
            ("PutRule", {"Name": "shop", "EventPattern": '{"source": ["shop"]}'}),
            ("PutTargets", {"Rule": "shop", "Targets": [{"Id": "1", "Arn": heard, "InputPath": "$.detail"}]})):
        status, answer = curl.call("events", f"AWSEvents.{operation}", request)
        assert status == 200, answer
    api = make("apigateway", "POST", "/v2/apis", {"name": "shop", "protocolType": "HTTP"})
    at = f"/v2/apis/{api['apiId']}"
    integration = make("apigateway", "POST", f"{at}/integrations", {
        "integrationType": "AWS_PROXY", "integrationSubtype": "EventBridge-PutEvents", "payloadFormatVersion": "1.0",
        "credentialsArn": ROLE, "requestParameters": {"Detail": "$request.body", "DetailType": "order", "Source": "shop"}})
    make("apigateway", "POST", f"{at}/routes", {"routeKey": "POST /orders",
                                                "target": f"integrations/{integration['integrationId']}"})
    make("apigateway", "POST", f"{at}/stages", {"stageName": "$default", "autoDeploy": True})
    # curl knows that names in .localhost are this machine.
    status, answer = curl(f"{api['apiEndpoint']}/orders", "--json", '{"n": 1}')
    assert (status, answer["FailedEntryCount"]) == (200, 0)
    status, answer = curl.call("events", "AWSEvents.PutEvents", {"Entries": [
        {"Source": "shop", "DetailType": "order", "Detail": '{"n": 2}'}, {"Source": "shop"}]})
    assert (status, answer["FailedEntryCount"]) == (200, 1)
    assert sorted(each["n"] for each in arrived("heard", 2)) == [1, 2]
    status, answer = curl.call("events", "AWSEvents.DescribeRule", {"Name": "nobody"})
    assert (status, answer["__type"]) == (400, "ResourceNotFoundException")


def test_a_schedule(curl, make, stream, arrived):
    make("scheduler", "POST", "/schedules/hourly", {
        "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": stream("hours"), "RoleArn": ROLE, "Input": '{"due": "<aws.scheduler.schedule-arn>"}',
                   "KinesisParameters": {"PartitionKey": "k"}}})
    assert arrived("hours", 1) == [{"due": f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/default/hourly"}]
    shown = make("scheduler", "GET", "/schedules?NamePrefix=hour")
    assert [each["Name"] for each in shown["Schedules"]] == ["hourly"]
    make("scheduler", "DELETE", "/schedules/hourly?groupName=default")
    status, answer = curl("/schedules/hourly", sign="scheduler")
    assert (status, answer["Message"]) == (404, "Schedule hourly does not exist.")
