"""Tables and what is around them, as boto3 and the AWS CLI see them."""

import gzip
import json
import urllib.error
import urllib.request
import zlib

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from support.dynamodb import failure_of, key, make_table
from support.waiting import eventually


UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}


def gsi(name, partition, projection="ALL", **more):
    return {"IndexName": name, "KeySchema": [{"AttributeName": partition, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": projection}, **more}


def test_a_table_is_made_described_listed_and_deleted(dynamodb):
    made = dynamodb.create_table(TableName="life", ProvisionedThroughput=UNITS, **key("pk", "sk", types="SN"))
    assert made["TableDescription"]["TableStatus"] == "CREATING"
    dynamodb.get_waiter("table_exists").wait(TableName="life")
    table = dynamodb.describe_table(TableName="life")["Table"]
    assert table["TableStatus"] == "ACTIVE" and table["ItemCount"] == 0 and table["TableSizeBytes"] == 0
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"},
                                             {"AttributeName": "sk", "AttributeType": "N"}]
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **UNITS}
    assert table["TableArn"].endswith(":table/life") and len(table["TableId"]) == 36
    assert "BillingModeSummary" not in table and table["DeletionProtectionEnabled"] is False
    assert dynamodb.describe_table(TableName=table["TableArn"])["Table"] == table
    assert "life" in dynamodb.list_tables()["TableNames"]
    assert failure_of(dynamodb.create_table, TableName="life", ProvisionedThroughput=UNITS, **key("pk")) == (
        "ResourceInUseException", "Table already exists: life")
    assert dynamodb.delete_table(TableName="life")["TableDescription"]["TableStatus"] == "DELETING"
    dynamodb.get_waiter("table_not_exists").wait(TableName="life")
    assert failure_of(dynamodb.describe_table, TableName="life") == (
        "ResourceNotFoundException", "Requested resource not found: Table: life not found")


def test_the_command_lines_waiters_see_a_table_come_and_go(aws_cli):
    aws_cli("dynamodb", "create-table", "--table-name", "cli", "--billing-mode", "PAY_PER_REQUEST",
            "--attribute-definitions", "AttributeName=pk,AttributeType=S", "--key-schema", "AttributeName=pk,KeyType=HASH")
    aws_cli("dynamodb", "wait", "table-exists", "--table-name", "cli")
    assert aws_cli("dynamodb", "describe-table", "--table-name", "cli")["Table"]["BillingModeSummary"][
        "BillingMode"] == "PAY_PER_REQUEST"
    aws_cli("dynamodb", "delete-table", "--table-name", "cli")
    aws_cli("dynamodb", "wait", "table-not-exists", "--table-name", "cli")


def test_names_are_paged_in_order(dynamodb):
    for name in ["page-b", "page-a", "page-c"]:
        make_table(dynamodb, name)
    first = dynamodb.list_tables(Limit=2, ExclusiveStartTableName="page-")
    assert first == {**first, "TableNames": ["page-a", "page-b"], "LastEvaluatedTableName": "page-b"}
    rest = dynamodb.list_tables(Limit=2, ExclusiveStartTableName="page-b")
    assert rest["TableNames"][0] == "page-c"


INVALID = "One or more parameter values were invalid: "
TWO = [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "x", "AttributeType": "S"}]


@pytest.mark.parametrize("arguments, message", [
    ({**key("pk")}, INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"),
    ({**key("pk"), "BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": UNITS},
     INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"),
    ({**key("pk", "pk"), "AttributeDefinitions": TWO[:1], "ProvisionedThroughput": UNITS},
     "Invalid KeySchema: Some index key attribute have no definition"),
    ({**key("pk", "pk"), "AttributeDefinitions": TWO, "ProvisionedThroughput": UNITS},
     "Both the Hash Key and the Range Key element in the KeySchema have the same name"),
    ({**key("nope"), "AttributeDefinitions": TWO, "ProvisionedThroughput": UNITS},
     INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [nope], AttributeDefinitions: [pk, x]"),
    ({**key("pk"), "AttributeDefinitions": TWO, "ProvisionedThroughput": UNITS},
     INVALID + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"),
    ({"KeySchema": [{"AttributeName": "pk", "KeyType": "RANGE"}], "AttributeDefinitions": TWO, "ProvisionedThroughput": UNITS},
     "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    ({**key("pk"), "AttributeDefinitions": TWO, "BillingMode": "PAY_PER_REQUEST",
      "LocalSecondaryIndexes": [gsi("local", "pk")]},
     INVALID + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"),
    ({**key("pk"), "AttributeDefinitions": TWO, "BillingMode": "PAY_PER_REQUEST",
      "GlobalSecondaryIndexes": [gsi("same", "x"), gsi("same", "pk")]}, INVALID + "Duplicate index name: same"),
    ({**key("pk"), "AttributeDefinitions": TWO, "BillingMode": "PAY_PER_REQUEST",
      "GlobalSecondaryIndexes": [gsi(f"index{i}", "x") for i in range(21)]},
     INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20"),
    ({**key("pk"), "AttributeDefinitions": TWO, "BillingMode": "PAY_PER_REQUEST",
      "GlobalSecondaryIndexes": [gsi("index", "x", ProvisionedThroughput=UNITS)]},
     INVALID + "ProvisionedThroughput should not be specified for index: index when BillingMode is PAY_PER_REQUEST"),
    ({**key("pk"), "AttributeDefinitions": TWO, "ProvisionedThroughput": UNITS, "GlobalSecondaryIndexes": [gsi("index", "x")]},
     INVALID + "ProvisionedThroughput must be specified for index: index"),
    ({**key("pk"), "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": {"StreamEnabled": True}},
     INVALID + "StreamViewType must be specified when StreamEnabled is true"),
])
def test_what_does_not_fit_together_is_refused_as_aws_does(dynamodb, arguments, message):
    assert failure_of(dynamodb.create_table, TableName="wrong", **arguments) == ("ValidationException", message)


def test_what_is_not_honoured_is_refused_by_name(dynamodb):
    code, message = failure_of(dynamodb.create_table, TableName="wrong", BillingMode="PAY_PER_REQUEST", **key("pk"),
                               SSESpecification={"Enabled": True})
    assert code == "ValidationException" and "SSESpecification" in message
    table = make_table(dynamodb, "single")
    code, message = failure_of(dynamodb.update_table, TableName="single",
                               ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    assert "ReplicaUpdates" in message and table["TableStatus"] == "ACTIVE"


def test_throughput_and_billing_change(dynamodb):
    dynamodb.create_table(TableName="billing", ProvisionedThroughput=UNITS, **key("pk"))
    code, message = failure_of(dynamodb.update_table, TableName="billing", ProvisionedThroughput=UNITS)
    assert code == "ValidationException" and message.startswith("The provisioned throughput for the table will not change.")
    more = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 5}
    assert dynamodb.update_table(TableName="billing", ProvisionedThroughput=more)["TableDescription"]["TableStatus"] == "UPDATING"
    seen = dynamodb.describe_table(TableName="billing")["Table"]["ProvisionedThroughput"]
    assert {**seen, **more} == seen and "LastIncreaseDateTime" in seen and seen["NumberOfDecreasesToday"] == 1
    dynamodb.update_table(TableName="billing", BillingMode="PAY_PER_REQUEST",
                          OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50})
    table = dynamodb.describe_table(TableName="billing")["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}
    code, message = failure_of(dynamodb.update_table, TableName="billing", BillingMode="PROVISIONED")
    assert message == INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
    dynamodb.update_table(TableName="billing", BillingMode="PROVISIONED", ProvisionedThroughput=UNITS)
    assert dynamodb.describe_table(TableName="billing")["Table"]["BillingModeSummary"]["BillingMode"] == "PROVISIONED"


def test_indexes_are_added_and_removed_one_at_a_time(dynamodb):
    make_table(dynamodb, "indexed")
    change = {"TableName": "indexed", "AttributeDefinitions": [TWO[1]]}
    dynamodb.update_table(**change, GlobalSecondaryIndexUpdates=[{"Create": gsi("by-x", "x")}])

    def index():
        table = dynamodb.describe_table(TableName="indexed")["Table"]
        found = table.get("GlobalSecondaryIndexes", [{}])[0]
        return found if found.get("IndexStatus") == "ACTIVE" and table["TableStatus"] == "ACTIVE" else None

    made = eventually(index)
    assert made["IndexName"] == "by-x" and made["IndexArn"].endswith(":table/indexed/index/by-x")
    assert made["Projection"] == {"ProjectionType": "ALL"}
    assert len(dynamodb.describe_table(TableName="indexed")["Table"]["AttributeDefinitions"]) == 2
    assert failure_of(dynamodb.update_table, **change,
                      GlobalSecondaryIndexUpdates=[{"Create": gsi("by-x", "x")}])[0] == "ValidationException"
    assert failure_of(dynamodb.update_table, **change, GlobalSecondaryIndexUpdates=[
        {"Create": gsi("other", "x")}, {"Delete": {"IndexName": "by-x"}}])[0] == "LimitExceededException"
    assert failure_of(dynamodb.update_table, TableName="indexed", GlobalSecondaryIndexUpdates=[
        {"Delete": {"IndexName": "nope"}}])[0] == "ResourceNotFoundException"
    dynamodb.update_table(TableName="indexed", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-x"}}])
    table = dynamodb.describe_table(TableName="indexed")["Table"]
    assert "GlobalSecondaryIndexes" not in table and table["AttributeDefinitions"] == TWO[:1]


def test_a_protected_table_stays(dynamodb):
    make_table(dynamodb, "guarded", DeletionProtectionEnabled=True)
    code, message = failure_of(dynamodb.delete_table, TableName="guarded")
    assert code == "ValidationException" and "protected against deletion" in message
    dynamodb.update_table(TableName="guarded", DeletionProtectionEnabled=False, TableClass="STANDARD_INFREQUENT_ACCESS")
    assert dynamodb.describe_table(TableName="guarded")["Table"]["TableClassSummary"][
        "TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    dynamodb.delete_table(TableName="guarded")


def test_tags(dynamodb):
    arn = make_table(dynamodb, "tagged", Tags=[{"Key": "team", "Value": "a"}])["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": f"k{i:02}", "Value": str(i)} for i in range(15)])
    pages = list(dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn))
    assert [len(page["Tags"]) for page in pages] == [16]
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert {"Key": "team", "Value": "a"} not in dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert failure_of(dynamodb.tag_resource, ResourceArn="not-an-arn", Tags=[])[0] == "ValidationException"
    assert failure_of(dynamodb.tag_resource, ResourceArn=arn, Tags=[{"Key": f"n{i}", "Value": ""} for i in range(40)])[0] \
        == "ValidationException"
    for key, value in [("hi!", "dog"), ("dog", "d%g"), ('"', "dog")]:
        assert failure_of(dynamodb.tag_resource, ResourceArn=arn, Tags=[{"Key": key, "Value": value}])[0] \
            == "ValidationException"
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "Größe x+-=._:/@", "Value": ""}])


def test_resource_policies_are_kept_by_revision(dynamodb):
    arn = make_table(dynamodb, "policed")["TableArn"]
    assert failure_of(dynamodb.get_resource_policy, ResourceArn=arn)[0] == "PolicyNotFoundException"
    policy = '{"Version":"2012-10-17","Statement":[]}'
    first = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy)["RevisionId"]
    assert dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy)["RevisionId"] == first
    assert dynamodb.get_resource_policy(ResourceArn=arn) | {"ResponseMetadata": 0} == {
        "Policy": policy, "RevisionId": first, "ResponseMetadata": 0}
    assert failure_of(dynamodb.delete_resource_policy, ResourceArn=arn, ExpectedRevisionId="1")[0] == "PolicyNotFoundException"
    assert dynamodb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=first)["RevisionId"] == first
    assert failure_of(dynamodb.put_resource_policy, ResourceArn=arn, Policy="no json")[0] == "ValidationException"


def test_time_to_live_is_switched(dynamodb):
    make_table(dynamodb, "expiring")
    assert dynamodb.describe_time_to_live(TableName="expiring")["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    on = {"Enabled": True, "AttributeName": "expires"}
    assert dynamodb.update_time_to_live(TableName="expiring", TimeToLiveSpecification=on)["TimeToLiveSpecification"] == on
    assert dynamodb.describe_time_to_live(TableName="expiring")["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    assert failure_of(dynamodb.update_time_to_live, TableName="expiring", TimeToLiveSpecification=on) == (
        "ValidationException", "TimeToLive is already enabled")
    dynamodb.update_time_to_live(TableName="expiring", TimeToLiveSpecification={**on, "Enabled": False})
    assert failure_of(dynamodb.update_time_to_live, TableName="none", TimeToLiveSpecification=on)[0] == "ResourceNotFoundException"


def test_settings_survive_a_crash(server_factory):
    server = server_factory()
    dynamodb = server.client("dynamodb")
    arn = make_table(dynamodb, "kept", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
                     Tags=[{"Key": "a", "Value": "b"}])["TableArn"]
    before = dynamodb.describe_table(TableName="kept")
    server.kill()
    server.restart()
    dynamodb = server.client("dynamodb")
    assert dynamodb.describe_table(TableName="kept")["Table"] == before["Table"]
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]


def test_the_account_and_the_endpoint(dynamodb, server):
    assert dynamodb.describe_limits()["TableMaxReadCapacityUnits"] == 40_000
    assert dynamodb.describe_endpoints()["Endpoints"][0]["Address"].endswith(f":{server.port}")


def test_filling_an_index_leaves_out_what_is_too_long_for_its_key(dynamodb):
    make_table(dynamodb, "filled")
    for length in (1024, 1025, 2048, 2049):
        dynamodb.put_item(TableName="filled", Item={"pk": {"S": str(length)}, "x": {"S": "a" * length}})
    dynamodb.update_table(TableName="filled", AttributeDefinitions=[{"AttributeName": "x", "AttributeType": "S"}],
                          GlobalSecondaryIndexUpdates=[{"Create": {
                              "IndexName": "by-x", "KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}],
                              "Projection": {"ProjectionType": "KEYS_ONLY"}}}])
    eventually(lambda: dynamodb.describe_table(TableName="filled")["Table"]["GlobalSecondaryIndexes"][0]["IndexStatus"]
          == "ACTIVE")
    found = dynamodb.scan(TableName="filled", IndexName="by-x")["Items"]
    assert sorted(int(item["pk"]["S"]) for item in found) == [1024, 1025, 2048]
    # What is not in the index can still be changed and removed, and comes in when it fits.
    dynamodb.update_item(TableName="filled", Key={"pk": {"S": "2049"}}, UpdateExpression="SET x = :short",
                         ExpressionAttributeValues={":short": {"S": "b"}})
    assert dynamodb.scan(TableName="filled", IndexName="by-x", Select="COUNT")["Count"] == 4


def test_a_request_may_come_compressed(server, dynamodb):
    make_table(dynamodb, "compressed")
    body = json.dumps({"TableName": "compressed", "Item": {"pk": {"S": "z" * 1000}}}).encode()

    def put(payload, coding):
        request = AWSRequest("POST", server.url, data=payload, headers={
            "X-Amz-Target": "DynamoDB_20120810.PutItem", "Content-Type": "application/x-amz-json-1.0"})
        SigV4Auth(dynamodb._request_signer._credentials, "dynamodb", "us-east-1").add_auth(request)
        asked = urllib.request.Request(server.url, payload, {**dict(request.headers), "Content-Encoding": coding})
        try:
            with urllib.request.urlopen(asked) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    assert put(gzip.compress(body), "gzip") == 200
    assert put(zlib.compress(body), "deflate") == 200
    assert put(gzip.compress(body)[:-1], "gzip") == 500  # as DynamoDB says it
    assert put(body, "br") == 500
    assert put(gzip.compress(body[:-1] + b" " * (20 << 20) + b"}"), "gzip") == 413


def test_what_is_deleted_is_described_in_brief(dynamodb):
    make_table(dynamodb, "brief")
    said = dynamodb.delete_table(TableName="brief")["TableDescription"]
    assert said["TableStatus"] == "DELETING" and "TableId" in said
    assert not {"KeySchema", "AttributeDefinitions", "CreationDateTime"} & set(said)
