"""The parameters from before expressions mean what the expressions mean."""

import pytest
from support.dynamodb import failure_of, make_table


@pytest.fixture(scope="module")
def dynamodb(server):
    client = server.client("dynamodb")
    make_table(client, "legacy", "pk", "sk")
    for n, text in enumerate(["apple", "apricot", "banana"]):
        client.put_item(TableName="legacy", Item={"pk": {"S": "p"}, "sk": {"S": str(n)}, "t": {"S": text}, "n": {"N": str(n)},
                                                  "tags": {"SS": ["x", text]}, **({"last": {"BOOL": True}} if n == 2 else {})})
    return client


def condition(comparison, *values):
    return {"ComparisonOperator": comparison, **({"AttributeValueList": list(values)} if values else {})}


@pytest.mark.parametrize("attribute, made, expected", [
    ("t", condition("EQ", {"S": "apple"}), "0"), ("t", condition("NE", {"S": "apple"}), "12"),
    ("n", condition("LT", {"N": "1"}), "0"), ("n", condition("LE", {"N": "1"}), "01"),
    ("n", condition("GT", {"N": "1"}), "2"), ("n", condition("GE", {"N": "1"}), "12"),
    ("n", condition("BETWEEN", {"N": "1"}, {"N": "2"}), "12"), ("n", condition("IN", {"N": "0"}, {"N": "2"}), "02"),
    ("t", condition("BEGINS_WITH", {"S": "ap"}), "01"), ("t", condition("CONTAINS", {"S": "an"}), "2"),
    ("tags", condition("CONTAINS", {"S": "apple"}), "0"), ("tags", condition("NOT_CONTAINS", {"S": "apple"}), "12"),
    ("last", condition("NULL"), "01"), ("last", condition("NOT_NULL"), "2"), ("n", condition("EQ", {"S": "1"}), "")])
def test_filters_in_query_and_scan(dynamodb, attribute, made, expected):
    by_scan = dynamodb.scan(TableName="legacy", ScanFilter={attribute: made})["Items"]
    assert "".join(sorted(item["sk"]["S"] for item in by_scan)) == expected
    by_query = dynamodb.query(TableName="legacy", KeyConditions={"pk": condition("EQ", {"S": "p"})}, QueryFilter={attribute: made})["Items"]
    assert "".join(item["sk"]["S"] for item in by_query) == expected


def test_or_of_filters(dynamodb):
    found = dynamodb.scan(TableName="legacy", ConditionalOperator="OR",
                          ScanFilter={"n": condition("EQ", {"N": "0"}), "last": condition("NOT_NULL")})["Items"]
    assert sorted(item["sk"]["S"] for item in found) == ["0", "2"]


@pytest.mark.parametrize("made, expected", [
    (condition("EQ", {"S": "1"}), "1"), (condition("LT", {"S": "1"}), "0"), (condition("GE", {"S": "1"}), "12"),
    (condition("BETWEEN", {"S": "0"}, {"S": "1"}), "01"), (condition("BEGINS_WITH", {"S": "2"}), "2")])
def test_key_conditions(dynamodb, made, expected):
    found = dynamodb.query(TableName="legacy", KeyConditions={"pk": condition("EQ", {"S": "p"}), "sk": made}, AttributesToGet=["sk"])
    assert "".join(item["sk"]["S"] for item in found["Items"]) == expected
    assert all(set(item) == {"sk"} for item in found["Items"])


def test_attribute_updates(dynamodb):
    key = {"pk": {"S": "u"}, "sk": {"S": "0"}}

    def update(**updates):
        return dynamodb.update_item(TableName="legacy", Key=key, AttributeUpdates=updates, ReturnValues="ALL_NEW")["Attributes"]

    made = update(n={"Action": "ADD", "Value": {"N": "5"}}, s={"Value": {"SS": ["a", "b"]}}, gone={"Action": "PUT", "Value": {"S": "x"}})
    assert made == {**key, "n": {"N": "5"}, "s": {"SS": ["a", "b"]}, "gone": {"S": "x"}}
    made = update(n={"Action": "ADD", "Value": {"N": "-2"}}, s={"Action": "DELETE", "Value": {"SS": ["a"]}}, gone={"Action": "DELETE"})
    assert made == {**key, "n": {"N": "3"}, "s": {"SS": ["b"]}}
    updated = dynamodb.update_item(TableName="legacy", Key=key, AttributeUpdates={"n": {"Action": "ADD", "Value": {"N": "1"}}},
                                   ReturnValues="UPDATED_NEW")["Attributes"]
    assert updated == {"n": {"N": "4"}}


def test_expected(dynamodb):
    item = {"pk": {"S": "e"}, "sk": {"S": "0"}, "v": {"N": "1"}}
    dynamodb.put_item(TableName="legacy", Item=item, Expected={"pk": {"Exists": False}})
    assert failure_of(dynamodb.put_item, TableName="legacy", Item=item, Expected={"pk": {"Exists": False}})[0] == (
        "ConditionalCheckFailedException")
    dynamodb.put_item(TableName="legacy", Item=item, Expected={"v": {"Value": {"N": "1"}}})
    dynamodb.put_item(TableName="legacy", Item=item, ConditionalOperator="OR",
                      Expected={"v": condition("EQ", {"N": "7"}), "pk": condition("NOT_NULL")})
    assert failure_of(dynamodb.delete_item, TableName="legacy", Key={"pk": {"S": "e"}, "sk": {"S": "0"}},
                      Expected={"v": condition("GT", {"N": "1"})})[0] == "ConditionalCheckFailedException"


def test_refusals_are_aws_word_for_word(dynamodb):
    key = {"pk": {"S": "r"}, "sk": {"S": "0"}}
    update, invalid = dynamodb.update_item, "One or more parameter values were invalid: "
    assert failure_of(update, TableName="legacy", Key=key, AttributeUpdates={"a": {"Action": "PUT"}})[1] == (
        invalid + "Only DELETE action is allowed when no attribute value is specified")
    assert failure_of(update, TableName="legacy", Key=key, AttributeUpdates={"a": {"Action": "ADD", "Value": {"S": "x"}}})[1] == (
        invalid + "ADD action is not supported for the type S")
    assert failure_of(dynamodb.scan, TableName="legacy", ScanFilter={"a": condition("BETWEEN", {"N": "1"})})[1] == (
        invalid + "Invalid number of argument(s) for the BETWEEN ComparisonOperator")
    assert failure_of(dynamodb.put_item, TableName="legacy", Item=key, Expected={"a": {"Exists": True}})[1] == (
        invalid + "Value must be provided when Exists is true for Attribute: a")
    assert failure_of(dynamodb.query, TableName="legacy", KeyConditions={"pk": condition("GT", {"S": "p"})})[1] == (
        "Query key condition not supported")
    assert failure_of(dynamodb.put_item, TableName="legacy", Item=key, Expected={"a": {"Exists": False}},
                      ConditionExpression="attribute_exists(a)")[1] == (
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} "
        "Expression parameters: {ConditionExpression}")
