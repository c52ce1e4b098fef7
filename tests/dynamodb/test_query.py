"""Query and Scan: order, ranges, pages, indexes, what is selected, segments."""

import pytest
from support.dynamodb import failure_of, make_table


@pytest.fixture(scope="module")
def orders(dynamodb):
    """40 orders of each of three customers; every fourth is open and so in the global index."""
    attributes = [{"AttributeName": name, "AttributeType": type_}
                  for name, type_ in (("pk", "S"), ("sk", "N"), ("state", "S"), ("price", "N"))]
    dynamodb.create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=attributes,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{"IndexName": "by_state", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]},
                                 "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}, {"AttributeName": "price", "KeyType": "RANGE"}]}],
        LocalSecondaryIndexes=[{"IndexName": "by_price", "Projection": {"ProjectionType": "KEYS_ONLY"},
                                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "price", "KeyType": "RANGE"}]}])
    dynamodb.get_waiter("table_exists").wait(TableName="orders", WaiterConfig={"Delay": 1})
    items = [{"pk": {"S": customer}, "sk": {"N": str(n)}, "price": {"N": str(100 - n)}, "note": {"S": f"note {n}"}, "text": {"S": "t"},
              **({"state": {"S": "open"}} if n % 4 == 0 else {})} for customer in "abc" for n in range(-20, 20)]
    for at in range(0, len(items), 25):
        dynamodb.batch_write_item(RequestItems={"orders": [{"PutRequest": {"Item": item}} for item in items[at:at + 25]]})
    return "orders"


def query(dynamodb, condition="pk = :pk", values=None, **more):
    return dynamodb.query(TableName="orders", KeyConditionExpression=condition,
                          ExpressionAttributeValues={":pk": {"S": "b"}, **(values or {})}, **more)


def numbers(answer):
    return [int(item["sk"]["N"]) for item in answer["Items"]]


def test_items_come_in_the_order_of_their_sort_key_and_back(dynamodb, orders):
    assert numbers(query(dynamodb)) == list(range(-20, 20))
    assert numbers(query(dynamodb, ScanIndexForward=False, Limit=3)) == [19, 18, 17]


@pytest.mark.parametrize("condition, expected", [
    ("sk = :a", [-3]), ("sk < :a", range(-20, -3)), ("sk <= :a", range(-20, -2)), ("sk > :b", range(8, 20)),
    ("sk >= :b", range(7, 20)), ("sk BETWEEN :a AND :b", range(-3, 8))])
def test_ranges_of_the_sort_key(dynamodb, orders, condition, expected):
    values = {name: {"N": n} for name, n in ((":a", "-3"), (":b", "7")) if name in condition}
    assert numbers(query(dynamodb, f"pk = :pk AND {condition}", values)) == list(expected)


@pytest.mark.parametrize("forward", [True, False])
def test_pages_join_to_the_whole(dynamodb, orders, forward):
    seen, start, pages = [], {}, 0
    while True:
        page = query(dynamodb, Limit=7, ScanIndexForward=forward, **start)
        assert page["Count"] == page["ScannedCount"] == len(page["Items"])
        seen += numbers(page)
        pages += 1
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert seen == sorted(range(-20, 20), reverse=not forward) and pages == 6


def test_a_filter_counts_what_it_looked_at(dynamodb, orders):
    answer = query(dynamodb, values={":v": {"S": "open"}}, FilterExpression="#s = :v", ExpressionAttributeNames={"#s": "state"})
    assert (answer["Count"], answer["ScannedCount"]) == (10, 40)
    counted = query(dynamodb, Select="COUNT")
    assert counted["Count"] == 40 and "Items" not in counted


def test_a_global_index_has_its_own_order_and_projection(dynamodb, orders):
    def by_state(**more):
        return dynamodb.query(TableName="orders", IndexName="by_state", KeyConditionExpression="#s = :open",
                              ExpressionAttributeNames={"#s": "state"}, ExpressionAttributeValues={":open": {"S": "open"}}, **more)

    answer = by_state()
    assert answer["Count"] == 30
    prices = [int(item["price"]["N"]) for item in answer["Items"]]
    assert prices == sorted(prices)
    assert set(answer["Items"][0]) == {"pk", "sk", "state", "price", "note"}
    seen, start = [], {}
    while start is not None:
        page = by_state(Limit=11, **start)
        seen += [(item["pk"]["S"], item["sk"]["N"]) for item in page["Items"]]
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else None
    assert len(set(seen)) == len(seen) == 30, "equal prices of several customers: none twice, none left out"
    assert failure_of(by_state, Select="ALL_ATTRIBUTES")[1].endswith("because its projection type is not ALL")
    assert failure_of(by_state, ConsistentRead=True)[1] == "Consistent reads are not supported on global secondary indexes"


def test_a_local_index_fetches_what_it_lacks(dynamodb, orders):
    narrow = query(dynamodb, IndexName="by_price", Limit=1)["Items"][0]
    assert set(narrow) == {"pk", "sk", "price"}
    whole = query(dynamodb, IndexName="by_price", Limit=1, Select="ALL_ATTRIBUTES", ConsistentRead=True)["Items"][0]
    assert whole["text"] == {"S": "t"} and whole["sk"] == {"N": "19"}
    some = query(dynamodb, IndexName="by_price", Limit=1, ProjectionExpression="note")["Items"]
    assert some == [{"note": {"S": "note 19"}}]
    scanned = dynamodb.scan(TableName="orders", IndexName="by_price", Select="ALL_ATTRIBUTES")["Items"]
    assert len(scanned) == 120 and all("text" in item for item in scanned)


@pytest.mark.parametrize("consistent, unit", [(False, 0.5), (True, 1.0)])
def test_what_a_local_index_fetches_counts_as_the_tables(dynamodb, orders, consistent, unit):
    def units(**more):
        return query(dynamodb, IndexName="by_price", Limit=3, ConsistentRead=consistent, ReturnConsumedCapacity="INDEXES", **more)["ConsumedCapacity"]
    assert units(Select="ALL_ATTRIBUTES") == {
        "TableName": "orders", "CapacityUnits": 4 * unit, "Table": {"CapacityUnits": 3 * unit},
        "LocalSecondaryIndexes": {"by_price": {"CapacityUnits": unit}}}, "a unit of the index, and one each of its three items"
    assert units()["Table"] == {"CapacityUnits": 0.0}


@pytest.mark.parametrize("index, condition, value", [("by_price", "pk = :k", "b"), ("by_state", "#s = :k", "open")])
def test_a_query_of_an_index_filters_by_what_it_projects_alone(dynamodb, orders, index, condition, value):
    request = {"TableName": "orders", "IndexName": index, "FilterExpression": "#t = :t", "ExpressionAttributeNames": {"#t": "text"},
               "ExpressionAttributeValues": {":t": {"S": "t"}}}
    keyed = {**request, "KeyConditionExpression": condition, "ExpressionAttributeValues": {":t": {"S": "t"}, ":k": {"S": value}},
             "ExpressionAttributeNames": {"#t": "text", **({"#s": "state"} if "#s" in condition else {})}}
    assert failure_of(dynamodb.query, **keyed)[1] == (
        f"One or more parameter values were invalid: Secondary index {index} does not project one or more filter attributes: [text]")
    assert dynamodb.scan(**request)["Count"] == 0, "to a scan it is absent from every entry"
    del request["ExpressionAttributeValues"]
    scanned = dynamodb.scan(**{**request, "FilterExpression": "attribute_not_exists(#t)"})["Items"]
    assert scanned and all("text" not in item for item in scanned)


def test_segments_of_a_scan_make_the_whole_once(dynamodb, orders):
    seen = []
    for segment in range(4):
        start = {}
        while start is not None:
            page = dynamodb.scan(TableName="orders", Segment=segment, TotalSegments=4, Limit=9, **start)
            seen += [(item["pk"]["S"], item["sk"]["N"]) for item in page["Items"]]
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else None
    assert len(seen) == 120 and len(set(seen)) == 120


def test_a_page_ends_at_a_megabyte(dynamodb):
    make_table(dynamodb, "large", "pk", "sk")
    for n in range(9):
        dynamodb.put_item(TableName="large", Item={"pk": {"S": "p"}, "sk": {"S": str(n)}, "data": {"B": b"x" * 300_000}})
    pages = list(dynamodb.get_paginator("query").paginate(
        TableName="large", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}, ReturnConsumedCapacity="TOTAL"))
    assert [page["Count"] for page in pages] == [4, 4, 1]
    assert pages[0]["ConsumedCapacity"]["CapacityUnits"] == 146.5  # 4 x 300,000 bytes in halves of 4 KB


def test_refusals_are_aws_word_for_word(dynamodb, orders):
    key = {"pk": {"S": "b"}, "sk": {"N": "1"}}
    assert failure_of(query, dynamodb=dynamodb, ExclusiveStartKey={**key, "pk": {"S": "a"}})[1] == (
        "The provided starting key is outside query boundaries based on provided conditions")
    assert failure_of(query, dynamodb=dynamodb, ExclusiveStartKey={"pk": {"S": "b"}})[1] == "The provided starting key is invalid"
    assert failure_of(query, dynamodb=dynamodb, values={":v": {"N": "1"}}, FilterExpression="sk = :v")[1] == (
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk")
    assert failure_of(query, dynamodb=dynamodb, IndexName="absent")[1] == "The table does not have the specified index: absent"
    assert failure_of(query, dynamodb=dynamodb, Select="SPECIFIC_ATTRIBUTES")[1] == (
        "One or more parameter values were invalid: Must specify the AttributesToGet or ProjectionExpression when choosing to "
        "get SPECIFIC_ATTRIBUTES")
    assert failure_of(dynamodb.query, TableName="orders")[1] == (
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
