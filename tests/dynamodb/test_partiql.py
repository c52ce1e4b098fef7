"""PartiQL through boto3: ExecuteStatement, BatchExecuteStatement, ExecuteTransaction."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def dynamodb(server):
    client = server.client("dynamodb")
    client.create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"},
                              {"AttributeName": "number", "AttributeType": "N"},
                              {"AttributeName": "state", "AttributeType": "S"},
                              {"AttributeName": "total", "AttributeType": "N"}],
        GlobalSecondaryIndexes=[{"IndexName": "by_state", "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
                                 "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]}}],
        LocalSecondaryIndexes=[{"IndexName": "by_total", "Projection": {"ProjectionType": "KEYS_ONLY"},
                                "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"},
                                              {"AttributeName": "total", "KeyType": "RANGE"}]}])
    client.get_waiter("table_exists").wait(TableName="orders", WaiterConfig={"Delay": 1})
    return client


@pytest.fixture
def run(dynamodb):
    def execute(statement, *parameters, **more):
        if parameters:
            more["Parameters"] = list(parameters)
        return dynamodb.execute_statement(Statement=statement, **more)
    return execute


def fill(run, customer, count=5):
    for number in range(count):
        run(f"""INSERT INTO orders VALUE {{'customer': '{customer}', 'number': {number}, 'total': {number * 10},
                'state': '{customer}-{'open' if number % 2 else 'done'}', 'lines': [{{'sku': 'a', 'n': {number}}}],
                'tags': <<'x', 'y'>>}}""")


def numbers(answer):
    return [int(item["number"]["N"]) for item in answer["Items"]]


def failure(call, *arguments, **more):
    with pytest.raises(ClientError) as caught:
        call(*arguments, **more)
    return caught.value.response


def refusal(call, *arguments, **more):
    error = failure(call, *arguments, **more)["Error"]
    return error["Code"], error["Message"]


def test_an_item_goes_in_comes_out_changes_and_goes(run, dynamodb):
    assert run("INSERT INTO orders VALUE {'customer': 'crud', 'number': 1, 'note': 'it''s'}")["Items"] == []
    assert refusal(run, "INSERT INTO orders VALUE {'customer': 'crud', 'number': 1}") == (
        "DuplicateItemException", "Duplicate primary key exists in table")
    where = "WHERE customer = 'crud' AND number = 1"
    assert run(f"SELECT note FROM orders {where}")["Items"] == [{"note": {"S": "it's"}}]
    answer = run(f"UPDATE orders SET n = 1 SET tags = set_add(tags, <<'a'>>) REMOVE note {where} RETURNING ALL NEW *")
    assert answer["Items"] == [{"customer": {"S": "crud"}, "number": {"N": "1"}, "n": {"N": "1"}, "tags": {"SS": ["a"]}}]
    assert run(f"FROM orders {where} SET n = n + 41 RETURNING MODIFIED NEW *")["Items"] == [{"n": {"N": "42"}}]
    assert run(f"UPDATE orders REMOVE n {where} RETURNING MODIFIED NEW *")["Items"] == []
    assert run(f"DELETE FROM orders {where} RETURNING ALL OLD *")["Items"][0]["tags"] == {"SS": ["a"]}
    assert run(f"DELETE FROM orders {where}")["Items"] == []
    assert "Item" not in dynamodb.get_item(TableName="orders", Key={"customer": {"S": "crud"}, "number": {"N": "1"}})


def test_parameters_of_every_type(run):
    value = {"M": {"l": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]}, "b": {"B": b"\x00\x01"},
                   "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"x"]}}}
    run("INSERT INTO orders VALUE {'customer': ?, 'number': ?, 'v': ?}", {"S": "types"}, {"N": "1"}, value)
    found = run("SELECT v FROM orders WHERE customer = ? AND number = ? AND v = ?", {"S": "types"}, {"N": "1"}, value)
    assert found["Items"] == [{"v": value}]
    assert refusal(run, "SELECT * FROM orders WHERE customer = ?") == (
        "ValidationException", "Number of parameters in request and statement don't match.")
    assert refusal(run, "SELECT * FROM orders WHERE customer = ?", {"N": "abc"}) == (
        "ValidationException", "The parameter cannot be converted to a numeric value: abc")


def test_updates_need_the_item_and_their_condition(run):
    fill(run, "cond", 1)
    where = "WHERE customer = 'cond' AND number = 0"
    assert refusal(run, "UPDATE orders SET a = 1 WHERE customer = 'nobody' AND number = 0")[0] == (
        "ConditionalCheckFailedException")
    assert run("SELECT * FROM orders WHERE customer = 'nobody'")["Items"] == []
    assert refusal(run, f"UPDATE orders SET a = 1 {where} AND total > 5")[0] == "ConditionalCheckFailedException"
    run(f"UPDATE orders SET a = 1 {where} AND total BETWEEN 0 AND 5 AND attribute_not_exists(a)")
    error = failure(run, f"DELETE FROM orders {where} AND a IS MISSING",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert error["Error"]["Code"] == "ConditionalCheckFailedException"
    assert error["Item"]["a"] == {"N": "1"}
    assert refusal(run, f"UPDATE orders SET number = 7 {where}") == (
        "ValidationException",
        "One or more parameter values were invalid: Cannot update attribute number. This attribute is part of the key")
    assert refusal(run, "UPDATE orders SET a = 1 WHERE customer = 'cond'") == (
        "ValidationException", "Where clause does not contain a mandatory equality on all key attributes")


def test_reads_by_key_by_filter_and_in_order(run):
    fill(run, "reads")
    fill(run, "reads2", 2)
    select = "SELECT * FROM orders WHERE"
    assert numbers(run(f"{select} customer = 'reads'")) == [0, 1, 2, 3, 4]
    assert numbers(run(f"{select} customer = 'reads' AND number > 2 ORDER BY number DESC")) == [4, 3]
    assert numbers(run(f"{select} customer = 'reads' AND number BETWEEN 1 AND 3 AND total <> 20")) == [1, 3]
    assert numbers(run(f"{select} customer = 'reads' AND number IN [4, 0, 9]")) == [4, 0]
    assert numbers(run(f"{select} customer IN ['reads', 'reads2'] AND number < 2")) == [0, 1, 0, 1]
    assert sorted(numbers(run(f"{select} customer = 'reads' AND number = 1 OR customer = 'reads2'"))) == [0, 1, 1]
    assert numbers(run(f"{select} begins_with(customer, 'reads') AND total = 40")) == [4]
    assert run("SELECT lines[0].sku, total FROM orders WHERE customer = 'reads' AND number = 3")["Items"] == [
        {"sku": {"S": "a"}, "total": {"N": "30"}}]
    assert numbers(run(f"{select} customer = 'reads' AND contains(tags, 'x') AND size(lines) = 1 AND NOT total >= 30")
                   ) == [0, 1, 2]


def test_pages_go_on_where_they_stopped(run):
    fill(run, "pages", 7)
    statement = "SELECT number FROM orders WHERE customer IN ['pages', 'pages-none'] AND number <> 3"
    seen, token, calls = [], {}, 0
    while True:
        answer = run(statement, Limit=2, **token)
        seen += numbers(answer)
        calls += 1
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert seen == [0, 1, 2, 4, 5, 6] and calls >= 4
    assert refusal(run, "SELECT * FROM orders WHERE customer = 'other'", **token) == (
        "ValidationException", "NextToken does not match request")
    assert refusal(run, statement, NextToken="rubbish") == ("ValidationException", "Invalid NextToken")


def test_reads_of_indexes(run):
    fill(run, "index")
    assert len(run("SELECT * FROM orders.by_state WHERE state = 'index-open'")["Items"]) == 2
    local = run("SELECT total, lines FROM \"orders\".\"by_total\" WHERE customer = 'index' AND total >= 30",
                ConsistentRead=True)
    assert [item["total"]["N"] for item in local["Items"]] == ["30", "40"]
    assert all("lines" in item for item in local["Items"])
    validation = "ValidationException"
    assert refusal(run, "SELECT * FROM orders.by_state WHERE state = 'x'", ConsistentRead=True) == (
        validation, "Strongly consistent read is not supported on Global Secondary Indexes")
    assert refusal(run, "SELECT lines FROM orders.by_state WHERE state = 'x'") == (
        validation, "One or more parameter values were invalid: Global secondary index by_state does not project [lines]")
    assert refusal(run, "SELECT * FROM orders.none") == (validation, "The table does not have the specified index")
    assert refusal(run, "SELECT * FROM nothing_here")[0] == "ResourceNotFoundException"
    assert refusal(run, "SLECT * FROM orders") == (
        validation, "Statement wasn't well formed, can't be processed: Expected data manipulation")


def test_a_delete_of_nothing_deletes_nothing(run):
    fill(run, "nothing", 1)
    for more in "", " AND a = 1", " AND a = 1 RETURNING ALL OLD *":
        assert run(f"DELETE FROM orders WHERE customer = 'nothing' AND number = 9{more}")["Items"] == []
    assert refusal(run, "DELETE FROM orders WHERE customer = 'nothing' AND number = 0 AND a = 1")[0] == "ConditionalCheckFailedException"


def batch(dynamodb, *statements, **more):
    return dynamodb.batch_execute_statement(Statements=[{"Statement": each} for each in statements], **more)


def test_a_batch_answers_each_statement_by_itself(run, dynamodb):
    fill(run, "batch", 2)
    where = "WHERE customer = 'batch' AND number"
    found, absent, no_key, no_table, nonsense = batch(
        dynamodb, f"SELECT total FROM orders {where} = 1", f"SELECT * FROM orders {where} = 9",
        "SELECT * FROM orders WHERE customer = 'batch'", "SELECT * FROM nothing_here WHERE pk = 'x'", "nonsense")["Responses"]
    assert found["Item"] == {"total": {"N": "10"}}
    assert "Item" not in absent and "Error" not in absent
    assert no_key["Error"]["Message"] == (
        "Select statements within BatchExecuteStatement must specify the primary key in the where clause.")
    assert no_table["Error"]["Code"] == "ResourceNotFound"
    assert nonsense["Error"]["Code"] == "ValidationError"

    run(f"UPDATE orders SET a = 2 {where} = 1")
    answer = dynamodb.batch_execute_statement(ReturnConsumedCapacity="TOTAL", Statements=[
        {"Statement": f"UPDATE orders SET a = 2 {where} = 0 RETURNING ALL NEW *"},
        {"Statement": f"DELETE FROM orders {where} = 1 AND a = 1", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
        {"Statement": "INSERT INTO orders VALUE {'customer': 'batch', 'number': 5}"},
        {"Statement": f"UPDATE orders SET a = 1 {where} = 6"}, {"Statement": "nonsense"}])
    updated, kept, made, nowhere, nonsense = answer["Responses"]
    assert updated["Item"]["a"] == {"N": "2"} and "Error" not in made
    assert kept["Error"]["Code"] == "ConditionalCheckFailed" and kept["Error"]["Item"]["a"] == {"N": "2"}
    assert nowhere["Error"]["Code"] == "ConditionalCheckFailed" and nonsense["Error"]["Code"] == "ValidationError"
    assert [entry["TableName"] for entry in answer["ConsumedCapacity"]] == ["orders"]
    again = batch(dynamodb, "INSERT INTO orders VALUE {'customer': 'batch', 'number': 5}")["Responses"][0]
    assert again["Error"]["Code"] == "DuplicateItem"


def test_a_batch_reads_or_writes_and_names_an_item_once(run, dynamodb):
    item = "customer = 'once' AND number = 1"
    read, insert = f"SELECT * FROM orders WHERE {item}", "INSERT INTO orders VALUE {'customer': 'once', 'number': 1}"
    assert refusal(batch, dynamodb, insert, "nonsense", read.replace("= 1", "= 2")) == (
        "ValidationException", "Read and write requests together in the same batch is not supported.")
    for twice in (read, f"SELECT number FROM orders WHERE {item}"), (insert, f"DELETE FROM orders WHERE {item}"):
        assert refusal(batch, dynamodb, *twice) == (
            "ValidationException", "Provided list of item keys contains duplicates")
    assert run(read)["Items"] == [], "nothing of a refused batch is done"


def transact(dynamodb, *statements, **more):
    return dynamodb.execute_transaction(TransactStatements=[{"Statement": each} for each in statements], **more)


def by_index(capacity):
    """(total, the table's, {index: its}) of a ConsumedCapacity"""
    indexes = {**capacity.get("GlobalSecondaryIndexes", {}), **capacity.get("LocalSecondaryIndexes", {})}
    return capacity["CapacityUnits"], capacity["Table"]["CapacityUnits"], {name: each["CapacityUnits"] for name, each in indexes.items()}


def test_capacity_of_writes_counts_the_indexes(run, dynamodb):
    def insert(number):
        return f"INSERT INTO orders VALUE {{'customer': 'units', 'number': {number}, 'state': 'new', 'total': 1}}"
    where, counted = "WHERE customer = 'units' AND number", {"ReturnConsumedCapacity": "INDEXES"}
    assert by_index(run(insert(1), **counted)["ConsumedCapacity"]) == (3, 1, {"by_state": 1, "by_total": 1})
    moved = run(f"UPDATE orders SET state = 'old' {where} = 1", **counted)
    assert by_index(moved["ConsumedCapacity"]) == (3, 1, {"by_state": 2}), "taken out and put in"
    several = batch(dynamodb, insert(2), insert(3), f"UPDATE orders SET note = 'n' {where} = 1", **counted)
    assert by_index(several["ConsumedCapacity"][0]) == (7, 3, {"by_state": 2, "by_total": 2})
    whole = transact(dynamodb, insert(4), f"DELETE FROM orders {where} = 1", **counted)
    assert by_index(whole["ConsumedCapacity"][0]) == (12, 4, {"by_state": 4, "by_total": 4})
    assert by_index(run(f"SELECT total, note FROM orders.by_total {where} > 1 AND customer = 'units'", **counted)["ConsumedCapacity"]) == (
        2, 1.5, {"by_total": 0.5}), "three items fetched"


def test_the_item_that_fails_a_condition_comes_where_it_is_asked_for(run, dynamodb):
    fill(run, "asked", 1)
    where = "WHERE customer = 'asked' AND number = 0 AND total = 7"
    for more in {"ReturnConsumedCapacity": "INDEXES"}, {}:
        error = failure(run, f"UPDATE orders SET a = 1 {where} RETURNING ALL OLD *", **more)
        assert error["Error"]["Code"] == "ConditionalCheckFailedException" and "Item" not in error
        assert "Item" not in batch(dynamodb, f"DELETE FROM orders {where} RETURNING ALL OLD *", **more)["Responses"][0]["Error"]
        reasons = failure(transact, dynamodb, f"DELETE FROM orders {where}", **more)["CancellationReasons"]
        assert reasons[0]["Code"] == "ConditionalCheckFailed" and "Item" not in reasons[0]
    asked = failure(run, f"DELETE FROM orders {where}", ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert asked["Item"]["total"] == {"N": "0"}


def test_a_transaction_is_whole_or_absent(run, dynamodb):
    fill(run, "whole", 2)
    insert = "INSERT INTO orders VALUE {'customer': 'whole', 'number': 7}"
    where = "WHERE customer = 'whole' AND number"
    assert transact(dynamodb, insert, f"UPDATE orders SET a = 1 {where} = 0",
                    f"EXISTS(SELECT * FROM orders {where} = 1 AND total = 10)")["Responses"] == []
    error = failure(transact, dynamodb, f"UPDATE orders SET a = 2 {where} = 0", insert,
                    f"EXISTS(SELECT * FROM orders {where} = 1 AND total = 11)")
    assert error["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in error["CancellationReasons"]] == [
        "None", "DuplicateItem", "ConditionalCheckFailed"]
    read = transact(dynamodb, f"SELECT a FROM orders {where} = 0", f"SELECT * FROM orders {where} = 99")
    assert read["Responses"] == [{"Item": {"a": {"N": "1"}}}, {}]


def test_a_transaction_is_not_repeated_under_its_token(run, dynamodb):
    fill(run, "token", 1)
    where = "WHERE customer = 'token' AND number = 0"
    add = f"UPDATE orders SET total = total + 1 {where}"
    for _ in range(3):
        transact(dynamodb, add, ClientRequestToken="once")
    assert run(f"SELECT total FROM orders {where}")["Items"] == [{"total": {"N": "1"}}]
    assert refusal(transact, dynamodb, add + " AND total = 1", ClientRequestToken="once")[0] == (
        "IdempotentParameterMismatchException")


def test_transactions_refuse_what_has_no_place_in_them(dynamodb):
    key = "WHERE customer = 'x' AND number = 1"
    prefix = "Validation failed in TransactStatements[0]: "
    for statement, message in {
            f"UPDATE orders SET a = 1 {key} RETURNING ALL NEW *":
                "RETURNING clause is not supported in ExecuteTransaction.",
            "SELECT * FROM orders.by_state WHERE state = 'x'":
                "Reads on indices are not supported within transactions.",
            "SELECT * FROM orders WHERE customer = 'x'":
                "Select statements within ExecuteTransaction must specify the primary key in the where clause.",
            f"EXISTS(SELECT * FROM orders {key})":
                "EXISTS() must contain a single item read with additional condition"}.items():
        assert refusal(transact, dynamodb, statement) == ("ValidationException", prefix + message)
    for twice in (f"DELETE FROM orders {key}", f"UPDATE orders SET a = 1 {key}"), (f"SELECT * FROM orders {key}", f"SELECT a FROM orders {key}"):
        assert refusal(transact, dynamodb, *twice) == (
            "ValidationException", "Transaction request cannot include multiple operations on one item")
