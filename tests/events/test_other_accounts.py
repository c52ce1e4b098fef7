"""What an account can not do to another's: every place where it may write an ARN that the server then acts on itself,
signed by nobody: buses, targets of rules, connections, sources of pipes, authorizers, integrations, access logs."""

import itertools
import json
import subprocess

import pytest
from botocore.exceptions import ClientError
from support.functions import create
from support.rest_api import ask, function_uri
from support.waiting import eventually

OWNER, OTHER = "000000000000", "111111111111"
numbers = itertools.count()


SERVER_OPTIONS = ["--outbound-allow", "127.0.0.1"]


@pytest.fixture(scope="module")
def other(server):
    """other("events"): a client with the other account's key."""
    made = json.loads(subprocess.run(
        [server.binary, "keys", "create", "--data", server.data, "--account", OTHER, "--json"],
        check=True, capture_output=True, text=True).stdout)
    return lambda service: server.client(service, aws_access_key_id=made["AccessKeyId"],
                                         aws_secret_access_key=made["SecretAccessKey"])


def refused(call, *codes):
    with pytest.raises(ClientError) as raised:
        call()
    assert raised.value.response["Error"]["Code"] in codes, raised.value


def arn(service, rest, account=OWNER):
    return f"arn:aws:{service}:us-east-1:{account}:{rest}"


def make_stream(client):
    name = f"stream{next(numbers)}"
    client.create_stream(StreamName=name, ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName=name)
    return name


def records(client, stream):
    shard = client.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
    iterator = client.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return [json.loads(each["Data"]) for each in client.get_records(ShardIterator=iterator["ShardIterator"])["Records"]]


def test_a_bus_is_its_owners(server, other):
    server.client("events").create_event_bus(Name="orders")
    bus = arn("events", "event-bus/orders")
    pattern = json.dumps({"source": ["x"]})
    server.client("events").put_rule(Name="mine", EventBusName="orders", EventPattern=pattern)
    events = other("events")
    target = {"Id": "1", "Arn": arn("kinesis", "stream/s", OTHER)}
    for call in (lambda: events.put_rule(Name="r", EventBusName=bus, EventPattern=pattern),
                 lambda: events.put_targets(Rule="mine", EventBusName=bus, Targets=[target]),
                 lambda: events.list_targets_by_rule(Rule="mine", EventBusName=bus),
                 lambda: events.remove_targets(Rule="mine", EventBusName=bus, Ids=["1"]),
                 lambda: events.describe_rule(Name="mine", EventBusName=bus),
                 lambda: events.list_rules(EventBusName=bus),
                 lambda: events.disable_rule(Name="mine", EventBusName=bus),
                 lambda: events.delete_rule(Name="mine", EventBusName=bus),
                 lambda: events.describe_event_bus(Name=bus),
                 lambda: events.list_tags_for_resource(ResourceARN=bus)):
        refused(call, "AccessDeniedException")
    answer = events.put_events(Entries=[{"Source": "x", "DetailType": "t", "Detail": "{}", "EventBusName": bus}])
    assert answer["Entries"][0]["ErrorCode"] == "AccessDeniedException"
    assert server.client("events").describe_rule(Name="mine", EventBusName="orders")["State"] == "ENABLED"


def test_targets_are_of_the_rules_account(server, other):
    """Another's stream, and another's bus until its policy lets the account in, get nothing: a dead letter does."""
    theirs, ours = make_stream(server.client("kinesis")), make_stream(other("kinesis"))
    owner, events = server.client("events"), other("events")
    owner.create_event_bus(Name="inbox")
    owner.put_rule(Name="all", EventBusName="inbox", EventPattern='{"source": ["shop"]}')
    owner.put_targets(Rule="all", EventBusName="inbox", Targets=[{"Id": "1", "Arn": arn("kinesis", f"stream/{theirs}")}])
    dead = {"DeadLetterConfig": {"Arn": arn("kinesis", f"stream/{ours}", OTHER)}}
    events.put_rule(Name="out", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="out", Targets=[
        {"Id": "stream", "Arn": arn("kinesis", f"stream/{theirs}"), **dead},
        {"Id": "bus", "Arn": arn("events", "event-bus/inbox"), **dead}])

    def put(number):
        entry = {"Source": "shop", "DetailType": "t", "Detail": json.dumps({"n": number})}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    put(1)
    eventually(lambda: len(records(other("kinesis"), ours)) == 2)
    assert records(server.client("kinesis"), theirs) == []
    owner.put_permission(EventBusName="inbox", Action="events:PutEvents", Principal=OTHER, StatementId="in")
    put(2)
    eventually(lambda: [each["detail"] for each in records(server.client("kinesis"), theirs)] == [{"n": 2}])
    assert records(server.client("kinesis"), theirs)[0]["account"] == OTHER


def test_a_bus_policy_is_asked_about_the_source(server, other):
    owner = server.client("events")
    owner.create_event_bus(Name="choosy")
    bus = arn("events", "event-bus/choosy")
    statement = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "events:PutEvents", "Resource": bus}
    owner.put_permission(EventBusName="choosy", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {**statement, "Sid": "1", "Effect": "Allow"},
        {**statement, "Sid": "2", "Effect": "Deny", "Condition": {"StringEquals": {"events:source": "no"}}}]}))
    answer = other("events").put_events(Entries=[
        {"Source": source, "DetailType": "t", "Detail": "{}", "EventBusName": bus} for source in ("yes", "no")])
    assert [each.get("ErrorCode") for each in answer["Entries"]] == [None, "AccessDeniedException"]


def test_a_bus_policy_is_asked_about_each_event_that_a_rule_forwards(server, other):
    """Conditions on source, detail-type and the rule; what can not be asked here is refused when it is put."""
    theirs, dead = make_stream(server.client("kinesis")), make_stream(other("kinesis"))
    owner, events = server.client("events"), other("events")
    owner.create_event_bus(Name="gate")
    bus = arn("events", "event-bus/gate")
    statement = {"Sid": "1", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
                 "Action": "events:PutEvents", "Resource": bus}

    def permit(condition):
        owner.put_permission(EventBusName="gate", Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}))

    for key in ("events:creatorAccount", "events:TargetArn", "aws:SourceIp", "events:detail.service"):
        with pytest.raises(ClientError, match=key):
            permit({"StringEquals": {key: "x"}})
    owner.put_rule(Name="all", EventBusName="gate", EventPattern='{"source": [{"exists": true}]}')
    owner.put_targets(Rule="all", EventBusName="gate",
                      Targets=[{"Id": "1", "Arn": arn("kinesis", f"stream/{theirs}"), "InputPath": "$.detail"}])
    rule = events.put_rule(Name="gate-out", EventPattern='{"source": ["a", "b"]}')["RuleArn"]
    events.put_targets(Rule="gate-out", Targets=[
        {"Id": "bus", "Arn": bus, "DeadLetterConfig": {"Arn": arn("kinesis", f"stream/{dead}", OTHER)}}])

    def put(number, source, detail_type, **more):
        return events.put_events(Entries=[{"Source": source, "DetailType": detail_type,
                                           "Detail": json.dumps({"n": number}), **more}])

    permit({"ForAllValues:StringEquals": {"events:source": ["a"], "events:detail-type": "yes"},
            "ArnLike": {"aws:SourceArn": rule}, "StringEquals": {"aws:SourceAccount": OTHER},
            "Bool": {"events:eventBusInvocation": "true"}})
    put(1, "b", "yes")
    put(2, "a", "no")
    put(3, "a", "yes")
    eventually(lambda: records(server.client("kinesis"), theirs) == [{"n": 3}])
    letters = eventually(lambda: (lambda all: all if len(all) == 2 else None)(records(other("kinesis"), dead)))
    assert sorted((each["ERROR_CODE"], each["event"]["detail"]["n"]) for each in letters) == [
        ("NO_PERMISSIONS", 1), ("NO_PERMISSIONS", 2)]
    assert put(4, "a", "yes", EventBusName=bus)["Entries"][0]["ErrorCode"] == "AccessDeniedException"  # no rule's
    permit({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})  # nobody is of an organization
    assert put(5, "a", "yes", EventBusName=bus)["Entries"][0]["ErrorCode"] == "AccessDeniedException"
    permit({"StringEquals": {"events:detail-type": "yes"}})
    assert put(6, "a", "yes", EventBusName=bus)["FailedEntryCount"] == 0
    assert put(7, "a", "no", EventBusName=bus)["FailedEntryCount"] == 1


def test_a_connections_secrets_are_its_accounts(server, other):
    connection = server.client("events").create_connection(
        Name="secret", AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hush"}})["ConnectionArn"]
    refused(lambda: other("events").create_api_destination(
        Name="mine", ConnectionArn=connection, InvocationEndpoint="http://127.0.0.1:9/", HttpMethod="POST"),
        "ResourceNotFoundException")


def test_a_pipes_source_is_its_accounts(server, other):
    stream = make_stream(server.client("kinesis"))
    refused(lambda: other("pipes").create_pipe(
        Name="reader", RoleArn=f"arn:aws:iam::{OTHER}:role/r", Source=arn("kinesis", f"stream/{stream}"),
        SourceParameters={"KinesisStreamParameters": {"StartingPosition": "TRIM_HORIZON"}},
        Target=arn("kinesis", "stream/mine", OTHER)), "ValidationException")


def test_functions_and_logs_of_apis_are_the_apis_accounts(server, other):
    create(server.client("lambda"), "theirs", "def handler(event, context):\n    return {'isAuthorized': True}\n")
    rest = other("apigateway")
    api = rest.create_rest_api(name="a")["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    judge = rest.create_authorizer(restApiId=api, name="j", type="TOKEN", authorizerUri=function_uri("theirs"),
                                   identitySource="method.request.header.Authorization")["id"]
    method = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    rest.put_method(**method, authorizationType="CUSTOM", authorizerId=judge)
    rest.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    rest.create_deployment(restApiId=api, stageName="prod")
    assert ask(server.port, "GET", f"/restapis/{api}/prod/_user_request_/", headers={"Authorization": "t"})[0] == 500
    refused(lambda: rest.update_stage(restApiId=api, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn("logs", "log-group:theirs")},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"}]), "BadRequestException")

    function = arn("lambda", "function:theirs")
    v2 = other("apigatewayv2")
    made = v2.create_api(Name="h", ProtocolType="HTTP", Target=function)
    assert ask(server.port, "GET", "/", headers={"Host": f"{made['ApiId']}.execute-api.localhost"})[0] == 500
    assert server.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/theirs")["logGroups"] == []


def test_whoever_claims_a_host_is_not_handed_others_requests(server, other):
    """Any account may make a custom domain, of the name that all the others reach the server by too."""
    claimed = "millrace.internal.example"
    v2 = other("apigatewayv2")
    config = {"CertificateArn": arn("acm", "certificate/1", OTHER), "EndpointType": "REGIONAL"}
    refused(lambda: v2.create_domain_name(DomainName="127.0.0.1", DomainNameConfigurations=[config]),
            "BadRequestException")
    v2.create_domain_name(DomainName=claimed, DomainNameConfigurations=[config])
    refused(lambda: server.client("apigateway").create_domain_name(domainName=claimed), "BadRequestException")

    def by_claimed_name(request, **_):
        request.headers["Host"] = claimed

    for service, call in (("kinesis", "list_streams"), ("s3", "list_buckets"), ("apigatewayv2", "get_apis")):
        client = server.client(service)
        client.meta.events.register("before-sign.*.*", by_claimed_name)
        assert getattr(client, call)()["ResponseMetadata"]["HTTPStatusCode"] == 200, service
    assert ask(server.port, "GET", "/_millrace/health", headers={"Host": claimed})[0] == 200
    assert ask(server.port, "GET", "/", headers={"Host": claimed})[0] == 404
