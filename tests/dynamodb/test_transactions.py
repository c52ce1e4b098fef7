"""Transactions: all or none, why not, tokens, one view of many items."""

import concurrent.futures

import pytest
from botocore.exceptions import ClientError
from support.dynamodb import failure_of, make_table


@pytest.fixture(scope="module")
def dynamodb(server):
    client = server.client("dynamodb")
    make_table(client, "accounts")
    make_table(client, "ledger", "pk", "sk")
    return client


def put(name, table="accounts", **more):
    return {"Put": {"TableName": table, "Item": {"pk": {"S": name}, **more.pop("attributes", {})}, **more}}


def value(dynamodb, name):
    item = dynamodb.get_item(TableName="accounts", Key={"pk": {"S": name}}).get("Item")
    return item and item.get("v", {}).get("N")


def cancelled(dynamodb, *actions, **more):
    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(TransactItems=list(actions), **more)
    assert caught.value.response["Error"]["Code"] == "TransactionCanceledException", caught.value
    return caught.value.response


def test_one_condition_that_fails_takes_all_back_and_says_which(dynamodb):
    dynamodb.put_item(TableName="accounts", Item={"pk": {"S": "taken"}, "v": {"N": "1"}})
    answer = cancelled(dynamodb, put("fresh"),
                       put("taken", ConditionExpression="attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure="ALL_OLD"),
                       {"ConditionCheck": {"TableName": "accounts", "Key": {"pk": {"S": "absent"}}, "ConditionExpression": "attribute_exists(pk)"}})
    assert answer["Error"]["Message"] == ("Transaction cancelled, please refer cancellation reasons for specific reasons "
                                          "[None, ConditionalCheckFailed, ConditionalCheckFailed]")
    failed = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    assert answer["CancellationReasons"] == [{"Code": "None"}, {**failed, "Item": {"pk": {"S": "taken"}, "v": {"N": "1"}}}, failed]
    assert "Item" not in dynamodb.get_item(TableName="accounts", Key={"pk": {"S": "fresh"}})


def test_what_does_not_fit_is_a_reason_too(dynamodb):
    dynamodb.put_item(TableName="accounts", Item={"pk": {"S": "text"}, "v": {"S": "x"}})
    add = {"Update": {"TableName": "accounts", "Key": {"pk": {"S": "text"}}, "UpdateExpression": "SET v = v + :one",
                      "ExpressionAttributeValues": {":one": {"N": "1"}}}}
    reasons = cancelled(dynamodb, put("other"), add)["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ValidationError"]
    assert reasons[1]["Message"] == "An operand in the update expression has an incorrect data type"
    wrong_key = {"Delete": {"TableName": "ledger", "Key": {"pk": {"S": "a"}}}}
    reasons = cancelled(dynamodb, wrong_key)["CancellationReasons"]
    assert reasons == [{"Code": "ValidationError", "Message": "The provided key element does not match the schema"}]


def test_refusals_are_aws_word_for_word(dynamodb):
    write = dynamodb.transact_write_items
    assert failure_of(write, TransactItems=[put("a"), put("a")])[1] == (
        "Transaction request cannot include multiple operations on one item")
    assert failure_of(write, TransactItems=[{**put("a"), "Delete": {"TableName": "accounts", "Key": {"pk": {"S": "b"}}}}])[1] == (
        "TransactItems can only contain one of Check, Put, Update or Delete")
    assert failure_of(write, TransactItems=[put("a", table="nowhere")]) == ("ResourceNotFoundException", "Requested resource not found")


def test_a_token_makes_a_repeat_harmless_and_another_request_an_error(dynamodb):
    add = {"Update": {"TableName": "accounts", "Key": {"pk": {"S": "counted"}}, "UpdateExpression": "ADD v :one",
                      "ExpressionAttributeValues": {":one": {"N": "1"}}}}
    for _ in range(3):
        dynamodb.transact_write_items(TransactItems=[add], ClientRequestToken="once")
    assert value(dynamodb, "counted") == "1"
    assert failure_of(dynamodb.transact_write_items, TransactItems=[put("counted")], ClientRequestToken="once")[0] == (
        "IdempotentParameterMismatchException")
    assert value(dynamodb, "counted") == "1"


def test_money_is_neither_made_nor_lost_while_readers_look(dynamodb):
    names = [f"account-{n}" for n in range(4)]
    for name in names:
        dynamodb.put_item(TableName="accounts", Item={"pk": {"S": name}, "v": {"N": "100"}})

    def move(n):
        source, target = names[n % 4], names[(n * 3 + 1) % 4]
        if source == target:
            return
        def update(name, sign, **more):
            return {"Update": {"TableName": "accounts", "Key": {"pk": {"S": name}}, "UpdateExpression": f"SET v = v {sign} :n", **more,
                               "ExpressionAttributeValues": {":n": {"N": str(n % 7)}}}}
        dynamodb.transact_write_items(TransactItems=[update(source, "-"), update(target, "+")])

    def total(_):
        got = dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": "accounts", "Key": {"pk": {"S": name}}}} for name in names])
        return sum(int(each["Item"]["v"]["N"]) for each in got["Responses"])

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        moves = [pool.submit(move, n) for n in range(200)]
        totals = list(pool.map(total, range(50)))
        for each in moves:
            each.result()
    assert set(totals) == {400}


def test_transactions_count_double(dynamodb):
    written = dynamodb.transact_write_items(TransactItems=[put("units"), put("units", table="ledger", attributes={"sk": {"S": "s"}})],
                                            ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
    assert written == [{"TableName": "accounts", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
                       {"TableName": "ledger", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]
    read = dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": "accounts", "Key": {"pk": {"S": "units"}}}},
                                                      {"Get": {"TableName": "accounts", "Key": {"pk": {"S": "nobody"}}}}],
                                       ReturnConsumedCapacity="TOTAL")
    assert read["Responses"] == [{"Item": {"pk": {"S": "units"}}}, {}]
    assert read["ConsumedCapacity"] == [{"TableName": "accounts", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]
