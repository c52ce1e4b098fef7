"""Single items in and out: return values, conditions, sizes, capacity, batches; by boto3, the AWS CLI and Node's SDK."""

import decimal
import json
import urllib.error
import urllib.request
import zlib

import pytest
from botocore.exceptions import ClientError

from support.patience import patient


def make_table(dynamodb, name, sort=None, **more):
    keys = [("pk", "HASH")] + ([("sk", "RANGE")] if sort else [])
    attributes = {"pk": "S", **({"sk": sort} if sort else {}), **more.pop("attributes", {})}
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys],
                          AttributeDefinitions=[{"AttributeName": each, "AttributeType": type_} for each, type_ in attributes.items()],
                          **more)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name


@pytest.fixture(scope="module")
def table(dynamodb):
    return make_table(dynamodb, "items")


@pytest.fixture(scope="module")
def indexed(dynamodb):
    return make_table(dynamodb, "indexed", "S", attributes={"g": "S", "l": "S"},
                      GlobalSecondaryIndexes=[{"IndexName": "by_g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                                               "Projection": {"ProjectionType": "KEYS_ONLY"}}],
                      LocalSecondaryIndexes=[{"IndexName": "by_l", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                                                                                {"AttributeName": "l", "KeyType": "RANGE"}],
                                              "Projection": {"ProjectionType": "ALL"}}])


def refusal(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def key(name):
    return {"pk": {"S": name}}


def test_every_type_comes_back_as_it_went_in(dynamodb, table):
    item = {"pk": {"S": "types"}, "n": {"N": "-12.5"}, "b": {"B": b"\x00\xff"}, "t": {"BOOL": True}, "nothing": {"NULL": True},
            "m": {"M": {"é": {"L": [{"S": ""}, {"N": "0"}]}}}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]},
            "bs": {"BS": [b"x", b"y"]}}
    dynamodb.put_item(TableName=table, Item=item)
    assert dynamodb.get_item(TableName=table, Key=key("types"))["Item"] == item
    some = dynamodb.get_item(TableName=table, Key=key("types"), ProjectionExpression="m.#e[1], n",
                             ExpressionAttributeNames={"#e": "é"})["Item"]
    assert some == {"n": {"N": "-12.5"}, "m": {"M": {"é": {"L": [{"N": "0"}]}}}}
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key("absent"))


def test_update_answers_with_each_kind_of_return_values(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**key("returns"), "a": {"N": "1"}, "keep": {"S": "k"}})

    def update(values):
        return dynamodb.update_item(TableName=table, Key=key("returns"), UpdateExpression="SET a = a + :one REMOVE gone",
                                    ExpressionAttributeValues={":one": {"N": "1"}}, ReturnValues=values).get("Attributes")

    assert update("NONE") is None
    assert update("UPDATED_OLD") == {"a": {"N": "2"}}
    assert update("UPDATED_NEW") == {"a": {"N": "4"}}
    assert update("ALL_OLD") == {**key("returns"), "a": {"N": "4"}, "keep": {"S": "k"}}
    assert update("ALL_NEW") == {**key("returns"), "a": {"N": "6"}, "keep": {"S": "k"}}
    old = dynamodb.delete_item(TableName=table, Key=key("returns"), ReturnValues="ALL_OLD")["Attributes"]
    assert old["a"] == {"N": "6"}
    made = dynamodb.update_item(TableName=table, Key=key("returns"), ReturnValues="ALL_NEW")["Attributes"]
    assert made == key("returns")


def test_a_failed_condition_changes_nothing_and_shows_the_item_where_asked(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**key("once"), "v": {"S": "first"}})
    with pytest.raises(ClientError) as caught:
        dynamodb.put_item(TableName=table, Item={**key("once"), "v": {"S": "second"}},
                          ConditionExpression="attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Error"] == {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
    assert caught.value.response["Item"]["v"] == {"S": "first"}
    assert dynamodb.get_item(TableName=table, Key=key("once"))["Item"]["v"] == {"S": "first"}


def test_refusals_are_aws_word_for_word(dynamodb, table, indexed):
    put, get = dynamodb.put_item, dynamodb.get_item
    assert refusal(put, TableName="nowhere", Item=key("a")) == "ResourceNotFoundException: Requested resource not found"
    invalid = "ValidationException: One or more parameter values were invalid: "
    assert refusal(put, TableName=table, Item={"x": {"S": "y"}}) == invalid + "Missing the key pk in the item"
    assert refusal(put, TableName=table, Item={"pk": {"N": "1"}}) == invalid + "Type mismatch for key pk expected: S actual: N"
    assert refusal(put, TableName=indexed, Item={**key("a"), "sk": {"S": "b"}, "g": {"N": "1"}}) == (
        invalid + "Type mismatch for Index Key g Expected: S Actual: N IndexName: by_g")
    assert refusal(put, TableName=table, Item={**key("a"), "x": {"S": "x" * 410_000}}) == (
        "ValidationException: Item size has exceeded the maximum allowed size")
    assert refusal(get, TableName=table, Key={**key("a"), "more": {"S": "x"}}) == (
        "ValidationException: The provided key element does not match the schema")
    assert refusal(dynamodb.update_item, TableName=table, Key=key("a"), UpdateExpression="SET pk = :v",
                   ExpressionAttributeValues={":v": {"S": "b"}}) == (
        invalid + "Cannot update attribute pk. This attribute is part of the key")
    assert refusal(get, TableName=table, Key=key("a"), ProjectionExpression="a", ExpressionAttributeNames={"#x": "y"}) == (
        "ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}")


def test_a_table_may_be_named_by_its_arn(dynamodb, table):
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    dynamodb.put_item(TableName=arn, Item=key("by-arn"))
    assert dynamodb.get_item(TableName=arn, Key=key("by-arn"))["Item"] == key("by-arn")


def test_capacity_is_counted_as_documented(dynamodb, table, indexed):
    item = {**key("units"), "data": {"B": b"x" * 3000}}
    assert dynamodb.put_item(TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"] == {
        "TableName": table, "CapacityUnits": 3.0}
    read = dynamodb.get_item(TableName=table, Key=key("units"), ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert read == {"TableName": table, "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}}
    assert dynamodb.get_item(TableName=table, Key=key("units"), ConsistentRead=True,
                             ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"] == 1.0
    row = {**key("units"), "sk": {"S": "s"}, "g": {"S": "g1"}, "l": {"S": "l1"}}

    def write(**changes):
        return dynamodb.put_item(TableName=indexed, Item={**row, **changes}, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]

    first = write()
    assert (first["CapacityUnits"], first["GlobalSecondaryIndexes"], first["LocalSecondaryIndexes"]) == (
        3.0, {"by_g": {"CapacityUnits": 1.0}}, {"by_l": {"CapacityUnits": 1.0}})
    moved = write(g={"S": "g2"})
    assert moved["GlobalSecondaryIndexes"] == {"by_g": {"CapacityUnits": 2.0}}, "taken out and put in"
    assert "GlobalSecondaryIndexes" not in write(g={"S": "g2"}, other={"S": "x"}), "the entry did not change"
    metrics = dynamodb.put_item(TableName=indexed, Item=row, ReturnItemCollectionMetrics="SIZE")["ItemCollectionMetrics"]
    assert metrics == {"ItemCollectionKey": key("units"), "SizeEstimateRangeGB": [0.0, 1.0]}


def test_batches_write_and_read_over_tables(dynamodb, table, indexed):
    writes = {table: [{"PutRequest": {"Item": {**key(f"batch-{n}"), "n": {"N": str(n)}}}} for n in range(20)],
              indexed: [{"PutRequest": {"Item": {**key("batch"), "sk": {"S": str(n)}}}} for n in range(5)]}
    assert dynamodb.batch_write_item(RequestItems=writes)["UnprocessedItems"] == {}
    got = dynamodb.batch_get_item(RequestItems={
        table: {"Keys": [key(f"batch-{n}") for n in range(25)], "ProjectionExpression": "n"},
        indexed: {"Keys": [{**key("batch"), "sk": {"S": "3"}}]}}, ReturnConsumedCapacity="TOTAL")
    assert sorted(int(item["n"]["N"]) for item in got["Responses"][table]) == list(range(20))
    assert got["Responses"][indexed] == [{**key("batch"), "sk": {"S": "3"}}]
    assert {each["TableName"]: each["CapacityUnits"] for each in got["ConsumedCapacity"]} == {table: 12.5, indexed: 0.5}
    twice = [{"PutRequest": {"Item": key("x")}}, {"DeleteRequest": {"Key": key("x")}}]
    assert refusal(dynamodb.batch_write_item, RequestItems={table: twice}) == (
        "ValidationException: Provided list of item keys contains duplicates")
    wrong = [{"PutRequest": {"Item": key("right")}}, {"PutRequest": {"Item": {"other": {"S": "x"}}}}]
    assert refusal(dynamodb.batch_write_item, RequestItems={table: wrong}).startswith("ValidationException")
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key("right")), "one wrong request refuses the batch"


def test_a_batch_that_names_very_many_tables_takes_bounded_memory(server_factory):
    server = server_factory(auth="off")
    body = '{"RequestItems":{' + ",".join(f'"{n}":[{{}}]' for n in range(500_000)) + "}}"
    request = urllib.request.Request(server.url, body.encode(), {"X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
                                                                 "Content-Type": "application/x-amz-json-1.0"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 400 and b"Map keys must satisfy constraint" in refused.value.read()
    assert server.resident_bytes("VmHWM") < patient(600 << 20)


def test_a_batch_get_stops_at_sixteen_megabytes_and_says_what_is_left(dynamodb, table):
    keys = [key(f"big-{n}") for n in range(50)]
    for each in keys:
        dynamodb.put_item(TableName=table, Item={**each, "data": {"B": b"x" * 380_000}})
    got = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ProjectionExpression": "pk"}})
    left = got["UnprocessedKeys"][table]
    assert left["ProjectionExpression"] == "pk" and len(left["Keys"]) + len(got["Responses"][table]) == 50
    rest = dynamodb.batch_get_item(RequestItems=got["UnprocessedKeys"])
    found = got["Responses"][table] + rest["Responses"][table]
    assert sorted(item["pk"]["S"] for item in found) == sorted(each["pk"]["S"] for each in keys)


def test_answers_carry_the_checksum_of_their_body(dynamodb, table):
    seen = []
    dynamodb.meta.events.register("response-received.dynamodb", lambda response_dict, **_: seen.append(response_dict))
    dynamodb.put_item(TableName=table, Item=key("checked"))
    dynamodb.get_item(TableName=table, Key=key("checked"))
    assert len(seen) == 2
    for response in seen:
        assert int(response["headers"]["x-amz-crc32"]) == zlib.crc32(response["body"])


def test_numbers_of_38_digits(dynamodb, table):
    number = "1234567890123456789012345678901234567.8"
    dynamodb.put_item(TableName=table, Item={**key("digits"), "n": {"N": number}})
    assert decimal.Decimal(dynamodb.get_item(TableName=table, Key=key("digits"))["Item"]["n"]["N"]) == decimal.Decimal(number)


def test_the_aws_cli_writes_and_reads(aws_cli, dynamodb, table):
    aws_cli("dynamodb", "put-item", "--table-name", table, "--item", json.dumps({**key("cli"), "n": {"N": "7"}}))
    got = aws_cli("dynamodb", "get-item", "--table-name", table, "--key", json.dumps(key("cli")))
    assert got["Item"] == {**key("cli"), "n": {"N": "7"}}


def test_the_javascript_sdk_and_its_document_client(node, dynamodb, table):
    script = """
const { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } = require("@aws-sdk/client-dynamodb");
const { DynamoDBDocumentClient, GetCommand, UpdateCommand, BatchWriteCommand } = require("@aws-sdk/lib-dynamodb");
const client = new DynamoDBClient({ endpoint });
const documents = DynamoDBDocumentClient.from(client);
await client.send(new PutItemCommand({ TableName: argument, Item: { pk: { S: "js" }, n: { N: "1" } } }));
await documents.send(new UpdateCommand({ TableName: argument, Key: { pk: "js" }, UpdateExpression: "SET n = n + :one, tags = :tags",
  ExpressionAttributeValues: { ":one": 1, ":tags": ["a", { b: true }] } }));
await documents.send(new BatchWriteCommand({ RequestItems: { [argument]: [{ PutRequest: { Item: { pk: "js-2", raw: new Uint8Array([0, 255]) } } }] } }));
let reasons;
try {
  await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: argument, Item: { pk: { S: "js" } },
    ConditionExpression: "attribute_not_exists(pk)" } }] }));
} catch (error) {
  reasons = [error.name, error.message, error.CancellationReasons.map((reason) => reason.Code)];
}
const got = await documents.send(new GetCommand({ TableName: argument, Key: { pk: "js" } }));
return { item: got.Item, reasons };
"""
    got = node(script, table)
    assert got["item"] == {"pk": "js", "n": 2, "tags": ["a", {"b": True}]}
    assert got["reasons"] == ["TransactionCanceledException",
                              "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed]",
                              ["ConditionalCheckFailed"]]
    assert dynamodb.get_item(TableName=table, Key=key("js-2"))["Item"]["raw"] == {"B": b"\x00\xff"}
