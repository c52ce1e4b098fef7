"""Global indexes whose partition and sort keys have several attributes each: made, filled, queried, kept."""

import itertools
import json
import re

import pytest
from support.dynamodb import failure_of, items_of, key
from support.waiting import eventually

INVALID = "One or more parameter values were invalid: "
TYPES = {"pk": "S", "region": "S", "year": "N", "round": "S", "score": "N", "seal": "B"}


def schema(partition, sort=()):
    return [{"AttributeName": name, "KeyType": "HASH"} for name in partition] + \
           [{"AttributeName": name, "KeyType": "RANGE"} for name in sort]


def index(name, partition, sort=(), projection="ALL"):
    return {"IndexName": name, "KeySchema": schema(partition, sort), "Projection": {"ProjectionType": projection}}


def defined(*names):
    return [{"AttributeName": name, "AttributeType": TYPES.get(name, "S")} for name in names]


MATCHES = index("matches", ["region", "year"], ["round", "score", "seal"])


def make(dynamodb, name, *indexes, **more):
    names = {"pk"} | {element["AttributeName"] for each in indexes for element in each["KeySchema"]}
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=defined(*sorted(names)),
                          KeySchema=schema(["pk"]), GlobalSecondaryIndexes=list(indexes), **more)
    return dynamodb.describe_table(TableName=name)["Table"]


def match(number, region="eu", year=2025, round_="final", score=1, seal=b"\x00", /, **changed):
    """An item; `changed` are attributes as they go over the wire, or None where they are absent."""
    item = {"pk": {"S": f"m{number}"}, "region": {"S": region}, "year": {"N": str(year)}, "round": {"S": round_},
            "score": {"N": str(score)}, "seal": {"B": seal}, "note": {"S": f"n{number}"}}
    return {name: value for name, value in {**item, **changed}.items() if value is not None}


@pytest.fixture(scope="module")
def matches(dynamodb):
    """Two of each region, year, round and score: 48 matches."""
    make(dynamodb, "matches", MATCHES)
    combinations = itertools.product(("eu", "us"), (2024, 2025), ("final", "semi"), (-2, 1, 10), (b"\x00", b"\x00\xff"))
    items = [match(n, *each) for n, each in enumerate(combinations)]
    for at in range(0, len(items), 25):
        dynamodb.batch_write_item(RequestItems={"matches": [{"PutRequest": {"Item": item}} for item in items[at:at + 25]]})
    return items


VALUES = {":eu": {"S": "eu"}, ":year": {"N": "2025"}, ":final": {"S": "final"}, ":one": {"N": "1"}, ":ten": {"N": "10.0"},
          ":zero": {"B": b"\x00"}, ":f": {"S": "f"}}
PARTITION = "#region = :eu AND #year = :year"


def conditioned(text):
    return {"IndexName": "matches", "KeyConditionExpression": text,
            "ExpressionAttributeNames": {name: name[1:] for name in re.findall(r"#\w+", text)},
            "ExpressionAttributeValues": {name: VALUES[name] for name in re.findall(r":\w+", text)}}


def query(dynamodb, condition="", table="matches", **more):
    return dynamodb.query(**{"TableName": table, **conditioned(PARTITION + condition), **more})


def in_order(items):
    return sorted(items, key=lambda i: (i["round"]["S"], float(i["score"]["N"]), i["seal"]["B"], i["pk"]["S"]))


def of_partition(items, chosen=lambda item: True):
    return [item for item in in_order(items) if item["region"]["S"] == "eu" and item["year"]["N"] == "2025" and chosen(item)]


def test_a_description_has_the_key_in_its_order(dynamodb, matches):
    table = dynamodb.describe_table(TableName="matches")["Table"]
    described = table["GlobalSecondaryIndexes"][0]
    assert described["KeySchema"] == MATCHES["KeySchema"] and described["IndexStatus"] == "ACTIVE"
    assert described["ItemCount"] == 48
    assert {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]} == TYPES


@pytest.mark.parametrize("condition, chosen", [
    ("", lambda i: True),
    (" AND #round = :final", lambda i: i["round"]["S"] == "final"),
    (" AND begins_with(#round, :f)", lambda i: i["round"]["S"] == "final"),
    (" AND #round > :final", lambda i: i["round"]["S"] == "semi"),
    (" AND #score >= :one AND #round = :final", lambda i: i["round"]["S"] == "final" and i["score"]["N"] != "-2"),
    (" AND #score BETWEEN :one AND :ten AND #round = :final", lambda i: i["round"]["S"] == "final" and i["score"]["N"] != "-2"),
    (" AND #round = :final AND :one > #score", lambda i: i["round"]["S"] == "final" and i["score"]["N"] == "-2"),
    (" AND #seal > :zero AND #score = :ten AND #round = :final",
     lambda i: i["round"]["S"] == "final" and i["score"]["N"] == "10" and i["seal"]["B"] != b"\x00"),
    (" AND begins_with(#seal, :zero) AND #score = :ten AND #round = :final",
     lambda i: i["round"]["S"] == "final" and i["score"]["N"] == "10"),
])
@pytest.mark.parametrize("forward", [True, False])
def test_sort_attributes_are_bounded_from_left_to_right(dynamodb, matches, condition, chosen, forward):
    expected = of_partition(matches, chosen)
    assert 0 < len(expected) <= 12
    assert query(dynamodb, condition, ScanIndexForward=forward)["Items"] == (expected if forward else expected[::-1])


def of_the_others(name, because=None):
    return f"{'RANGE' if because else 'HASH'} key attributes {name} must have equality conditions specified in the query" + \
        (f" because a condition is present on key attribute {because}" if because else "")


@pytest.mark.parametrize("condition, message", [
    ("#region = :eu", of_the_others("year")),
    ("#region = :eu AND #year > :year", of_the_others("year")),
    ("#year = :year AND #round = :final", of_the_others("region")),
    (PARTITION + " AND #score = :one", of_the_others("round", "score")),
    (PARTITION + " AND #round = :final AND #seal = :zero", of_the_others("score", "seal")),
    (PARTITION + " AND #round > :final AND #score = :one", of_the_others("round", "score")),
    (PARTITION + " AND begins_with(#round, :final) AND #score < :one", of_the_others("round", "score")),
    ("#region = :one AND #year = :year", INVALID + "Condition parameter type does not match schema type"),
    (PARTITION + " AND #round = :one", INVALID + "Condition parameter type does not match schema type"),
])
def test_conditions_that_skip_an_attribute_are_refused(dynamodb, matches, condition, message):
    assert failure_of(dynamodb.query, TableName="matches", **conditioned(condition)) == ("ValidationException", message)


def test_the_parameters_from_before_expressions_say_the_same(dynamodb, matches):
    def legacy(**conditions):
        return {"TableName": "matches", "IndexName": "matches", "KeyConditions": {
            name: {"ComparisonOperator": operator, "AttributeValueList": values} for name, (operator, *values) in conditions.items()}}

    whole = dict(region=("EQ", VALUES[":eu"]), year=("EQ", VALUES[":year"]), round=("EQ", VALUES[":final"]))
    answer = dynamodb.query(**legacy(**whole, score=("BETWEEN", VALUES[":one"], VALUES[":ten"])))
    assert answer["Items"] == of_partition(matches, lambda i: i["round"]["S"] == "final" and i["score"]["N"] != "-2")
    assert failure_of(dynamodb.query, **legacy(**whole, seal=("EQ", VALUES[":zero"])))[1] == of_the_others("score", "seal")


@pytest.mark.parametrize("forward", [True, False])
def test_pages_go_on_after_all_attributes_of_both_keys(dynamodb, matches, forward):
    seen, start = [], {}
    while True:
        page = query(dynamodb, " AND #round = :final", Limit=4, ScanIndexForward=forward, **start)
        seen += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        assert page["LastEvaluatedKey"] == {name: value for name, value in seen[-1].items() if name != "note"}
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    expected = of_partition(matches, lambda i: i["round"]["S"] == "final")
    assert seen == (expected if forward else expected[::-1])


def test_a_start_key_that_does_not_fit_is_refused(dynamodb, matches):
    start = {name: value for name, value in match(1).items() if name != "note"}
    condition = " AND #round = :final AND #score >= :one"
    query(dynamodb, condition, ExclusiveStartKey=start)

    def refused(**changes):
        changed = {name: value for name, value in {**start, **changes}.items() if value is not None}
        return failure_of(query, dynamodb=dynamodb, condition=condition, ExclusiveStartKey=changed)[1]

    assert refused(year=None) == refused(seal=None) == refused(note={"S": "x"}) == "The provided starting key is invalid"
    assert refused(seal={"S": "x"}) == "The provided key element does not match the schema"
    assert refused(year={"N": "2024"}) == "The provided starting key is outside query boundaries based on provided conditions"
    for outside in (dict(round={"S": "semi"}), dict(score={"N": "0"})):
        assert refused(**outside) == "The provided starting key does not match the range key predicate"


def test_a_scan_of_the_index_is_segmented_and_paged(dynamodb, matches):
    found = []
    for segment in range(3):
        for page in dynamodb.get_paginator("scan").paginate(TableName="matches", IndexName="matches", Segment=segment,
                                                            TotalSegments=3, PaginationConfig={"PageSize": 5}):
            found += page["Items"]
    assert in_order(found) == in_order(matches)


def test_filters_leave_the_keys_attributes_to_the_key_condition(dynamodb, matches):
    values = {":eu": VALUES[":eu"], ":year": VALUES[":year"], ":v": {"S": "n30"}}
    assert query(dynamodb, FilterExpression="note = :v", ExpressionAttributeValues=values)["ScannedCount"] == 12
    for name in ("year", "seal"):
        names = {**{"#" + each: each for each in ("region", "year")}, "#f": name}
        assert failure_of(query, dynamodb=dynamodb, FilterExpression="#f <> :v", ExpressionAttributeNames=names,
                          ExpressionAttributeValues=values)[1] == (
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: " + name)
    assert failure_of(query, dynamodb=dynamodb, ConsistentRead=True)[1] == (
        "Consistent reads are not supported on global secondary indexes")


@pytest.mark.parametrize("statement, count", [
    ("\"region\" = 'eu' AND \"year\" = 2025", 12),
    ("\"region\" IN ['eu', 'us'] AND \"year\" = 2025 AND \"round\" = 'final' AND score > 0", 8),
    ("\"region\" = 'eu' AND \"year\" = 2025 AND score > 0", 8),  # the round is not named: score is a filter
    ("\"region\" = 'eu'", 24),                                    # a scan
])
def test_statements_read_the_index_by_its_key(dynamodb, matches, statement, count):
    answer = dynamodb.execute_statement(Statement=f'SELECT * FROM "matches"."matches" WHERE {statement}')
    assert len(answer["Items"]) == count


def test_statements_order_by_the_keys_attributes(dynamodb, matches):
    select = 'SELECT * FROM "matches"."matches" WHERE "region" = \'eu\' AND "year" IN [2025, 2024] ORDER BY '
    down = dynamodb.execute_statement(Statement=select + '"year" DESC, "round" DESC')["Items"]
    expected = of_partition(matches)[::-1]
    assert [i["pk"] for i in down[:12]] == [i["pk"] for i in expected] and down[12]["year"]["N"] == "2024"
    assert failure_of(dynamodb.execute_statement, Statement=select + '"year", score')[0] == "ValidationException"


def test_an_item_is_in_the_index_while_it_has_every_attribute(dynamodb):
    make(dynamodb, "sparse", MATCHES)
    whole = match(1)
    for name in ("region", "year", "round", "score", "seal"):
        dynamodb.put_item(TableName="sparse", Item={n: v for n, v in whole.items() if n != name})
        assert query(dynamodb, table="sparse")["Items"] == []
        dynamodb.update_item(TableName="sparse", Key={"pk": whole["pk"]}, UpdateExpression="SET #n = :v",
                             ExpressionAttributeNames={"#n": name}, ExpressionAttributeValues={":v": whole[name]})
        assert query(dynamodb, table="sparse")["Items"] == [whole]
        dynamodb.update_item(TableName="sparse", Key={"pk": whole["pk"]}, UpdateExpression="REMOVE #n",
                             ExpressionAttributeNames={"#n": name})
        assert query(dynamodb, table="sparse")["Items"] == []
    dynamodb.put_item(TableName="sparse", Item=whole)
    moved = dynamodb.update_item(TableName="sparse", Key={"pk": whole["pk"]}, UpdateExpression="SET score = score + :one",
                                 ExpressionAttributeValues={":one": {"N": "1"}}, ReturnConsumedCapacity="INDEXES")
    assert moved["ConsumedCapacity"]["GlobalSecondaryIndexes"]["matches"]["CapacityUnits"] == 2  # taken out, put in
    assert [item["score"]["N"] for item in query(dynamodb, table="sparse")["Items"]] == ["2"]
    dynamodb.delete_item(TableName="sparse", Key={"pk": whole["pk"]})
    assert query(dynamodb, table="sparse")["Count"] == 0


@pytest.mark.parametrize("name, wrong, message", [
    ("year", {"S": "x"}, INVALID + "Type mismatch for Index Key year Expected: N Actual: S IndexName: matches"),
    ("seal", {"S": "x"}, INVALID + "Type mismatch for Index Key seal Expected: B Actual: S IndexName: matches"),
    ("region", {"S": ""}, "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
     "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: matches, IndexKey: region"),
    ("seal", {"B": b""}, "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
     "The AttributeValue for a key attribute cannot contain an empty binary value. IndexName: matches, IndexKey: seal"),
    ("region", {"S": "x" * 2049}, INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ("seal", {"B": b"x" * 1020}, INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"),
])
def test_every_attribute_of_the_key_is_checked_when_it_is_written(dynamodb, matches, name, wrong, message):
    assert failure_of(dynamodb.put_item, TableName="matches", Item=match("wrong", **{name: wrong})) == (
        "ValidationException", message)
    assert failure_of(dynamodb.batch_write_item, RequestItems={"matches": [
        {"PutRequest": {"Item": match("wrong", **{name: wrong})}}]})[0] == "ValidationException"
    assert failure_of(dynamodb.update_item, TableName="matches", Key={"pk": {"S": "m1"}}, UpdateExpression="SET #n = :v",
                      ExpressionAttributeNames={"#n": name}, ExpressionAttributeValues={":v": wrong})[0] == "ValidationException"


def test_every_attribute_of_the_key_is_projected(dynamodb):
    make(dynamodb, "keys_only", index("matches", ["region", "year"], ["round", "score"], "KEYS_ONLY"))
    dynamodb.put_item(TableName="keys_only", Item=match(1))
    kept = {name: value for name, value in match(1).items() if name not in ("seal", "note")}
    assert query(dynamodb, table="keys_only")["Items"] == [kept]
    assert failure_of(query, dynamodb=dynamodb, table="keys_only", Select="ALL_ATTRIBUTES")[0] == "ValidationException"
    values = {name: VALUES[name] for name in (":eu", ":year")}
    some = query(dynamodb, table="keys_only", ProjectionExpression="score", ExpressionAttributeValues=values)
    assert some["Items"] == [{"score": {"N": "1"}}]
    assert "does not project [note]" in failure_of(query, dynamodb=dynamodb, table="keys_only", ProjectionExpression="note")[1]


def test_eight_attributes_are_the_most(dynamodb):
    hashes, ranges = [f"h{i}" for i in range(5)], [f"r{i}" for i in range(5)]
    table = make(dynamodb, "eight", index("most", hashes[:4], ranges[:4]))
    assert table["GlobalSecondaryIndexes"][0]["KeySchema"] == schema(hashes[:4], ranges[:4])
    names = hashes[:4] + ranges[:4]
    item = {name: {"S": name} for name in ["pk"] + names}
    dynamodb.put_item(TableName="eight", Item=item)
    assert dynamodb.query(TableName="eight", IndexName="most", ExpressionAttributeValues={f":{n}": {"S": n} for n in names},
                          KeyConditionExpression=" AND ".join(f"{n} = :{n}" for n in reversed(names)))["Items"] == [item]


WRONG = [
    (schema([f"h{i}" for i in range(5)]), INVALID + "The KeySchema exceeds the maximum allowed number of HASH key attributes"),
    (schema(["h0"], [f"r{i}" for i in range(5)]),
     INVALID + "The KeySchema exceeds the maximum allowed number of RANGE key attributes"),
    (schema(["h0"], ["r0"]) + schema(["h1"]), INVALID + "All HASH key attributes must precede RANGE key attributes in the KeySchema"),
    (schema(["h0", "h0"]), "The KeySchema contains multiple key attributes with the same name"),
    (schema(["h0", "h1"], ["h0"]), "The KeySchema contains multiple key attributes with the same name"),
    (schema([], ["r0", "r1", "r2"]), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
]


@pytest.mark.parametrize("wrong, message", WRONG)
def test_key_schemas_that_are_none_are_refused(dynamodb, wrong, message):
    names = sorted({element["AttributeName"] for element in wrong})
    made = {"IndexName": "wrong", "KeySchema": wrong, "Projection": {"ProjectionType": "ALL"}}
    assert failure_of(dynamodb.create_table, TableName="wrong", BillingMode="PAY_PER_REQUEST", KeySchema=schema(["pk"]),
                      AttributeDefinitions=defined("pk", *names), GlobalSecondaryIndexes=[made]) == ("ValidationException", message)
    if "plain" not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(TableName="plain", BillingMode="PAY_PER_REQUEST", **key("pk"))
    assert failure_of(dynamodb.update_table, TableName="plain", AttributeDefinitions=defined(*names),
                      GlobalSecondaryIndexUpdates=[{"Create": made}]) == ("ValidationException", message)


def test_tables_and_local_indexes_keep_one_attribute_a_part(dynamodb):
    three = schema(["pk", "h0"], ["r0"])
    assert "Member must have length less than or equal to 2" in failure_of(
        dynamodb.create_table, TableName="wrong", BillingMode="PAY_PER_REQUEST", KeySchema=three,
        AttributeDefinitions=defined("pk", "h0", "r0"))[1]
    assert failure_of(dynamodb.create_table, TableName="wrong", BillingMode="PAY_PER_REQUEST", KeySchema=three[:2],
                      AttributeDefinitions=defined("pk", "h0"))[1] == (
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    local = {"IndexName": "local", "KeySchema": schema(["pk"], ["r0", "r1"]), "Projection": {"ProjectionType": "ALL"}}
    assert "Member must have length less than or equal to 2" in failure_of(
        dynamodb.create_table, TableName="wrong", BillingMode="PAY_PER_REQUEST", KeySchema=schema(["pk"], ["sk"]),
        AttributeDefinitions=defined("pk", "sk", "r0", "r1"), LocalSecondaryIndexes=[local])[1]
    assert failure_of(dynamodb.create_table, TableName="wrong", BillingMode="PAY_PER_REQUEST", KeySchema=schema(["pk"]),
                      AttributeDefinitions=defined("pk", "region"), GlobalSecondaryIndexes=[MATCHES])[1].startswith(
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [region, year, round, score, seal]")


def active_index(dynamodb, table):
    return eventually(lambda: (seen := dynamodb.describe_table(TableName=table)["Table"])["GlobalSecondaryIndexes"][0][
        "IndexStatus"] == "ACTIVE" and seen["GlobalSecondaryIndexes"][0])


def test_an_index_made_later_is_filled_survives_a_kill_and_is_restored(server_factory):
    server = server_factory()
    dynamodb = server.client("dynamodb")
    dynamodb.create_table(TableName="later", BillingMode="PAY_PER_REQUEST", **key("pk"))
    items = [match(n, score={"N": str(n % 7)}) for n in range(50)] + [match("x", seal=None)]
    items[0]["year"] = {"S": "older than the index, and of another type"}
    for at in range(0, len(items), 25):
        dynamodb.batch_write_item(RequestItems={"later": [{"PutRequest": {"Item": item}} for item in items[at:at + 25]]})
    dynamodb.update_table(TableName="later", AttributeDefinitions=defined("region", "year", "round", "score", "seal"),
                          GlobalSecondaryIndexUpdates=[{"Create": MATCHES}])
    assert active_index(dynamodb, "later")["ItemCount"] == 49
    backup = dynamodb.create_backup(TableName="later", BackupName="multi")["BackupDetails"]["BackupArn"]
    described = eventually(lambda: (seen := dynamodb.describe_backup(BackupArn=backup)["BackupDescription"])["BackupDetails"][
        "BackupStatus"] == "AVAILABLE" and seen)
    assert described["SourceTableFeatureDetails"]["GlobalSecondaryIndexes"][0]["KeySchema"] == MATCHES["KeySchema"]
    server.kill()
    server.restart()
    dynamodb = server.client("dynamodb")
    expected = in_order(items[1:50])
    assert active_index(dynamodb, "later")["KeySchema"] == MATCHES["KeySchema"]
    assert query(dynamodb, table="later")["Items"] == expected
    dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=backup)
    eventually(lambda: dynamodb.describe_table(TableName="restored")["Table"]["TableStatus"] == "ACTIVE")
    assert active_index(dynamodb, "restored")["KeySchema"] == MATCHES["KeySchema"]
    assert query(dynamodb, table="restored")["Items"] == expected
    assert len(items_of(dynamodb, "restored")) == 51
    dynamodb.update_table(TableName="later", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "matches"}}])
    eventually(lambda: "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName="later")["Table"])
    dynamodb.put_item(TableName="later", Item=match(1, round={"N": "7"}))  # no index says any more what it has to be


def test_an_import_makes_and_fills_the_index(server, dynamodb):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="multi-import")
    lines = [{name: {kind: "AA==" if kind == "B" else text for kind, text in value.items()} for name, value in match(n).items()}
             for n in range(10)]
    lines.append({**lines[0], "pk": {"S": "wrong"}, "score": {"S": "not a number"}})
    s3.put_object(Bucket="multi-import", Key="lines", Body="".join(json.dumps({"Item": item}) + "\n" for item in lines).encode())
    arn = dynamodb.import_table(S3BucketSource={"S3Bucket": "multi-import"}, InputFormat="DYNAMODB_JSON", TableCreationParameters={
        "TableName": "imported", "BillingMode": "PAY_PER_REQUEST", "KeySchema": schema(["pk"]),
        "AttributeDefinitions": defined(*TYPES), "GlobalSecondaryIndexes": [MATCHES]})["ImportTableDescription"]["ImportArn"]
    done = eventually(lambda: (seen := dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"])[
        "ImportStatus"] != "IN_PROGRESS" and seen)
    assert (done["ImportStatus"], done["ImportedItemCount"], done["ErrorCount"]) == ("FAILED", 10, 1)
    assert query(dynamodb, table="imported")["Count"] == 10
