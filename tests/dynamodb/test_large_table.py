"""A table larger than the cache: plain writes do not read what they replace (src/table/engine/README.md), and nobody
sees a difference but in how exact DescribeTable is."""

COUNT = 3000
TEXT = "x" * 3000  # 9 MB in all; half of the 8 MiB of cache is where a table is large


def key(number):
    return {"pk": {"S": f"{number:06}"}}


def item(number, text):
    return {**key(number), "x": {"S": text}}


def write_all(dynamodb, requests):
    for at in range(0, len(requests), 25):
        assert not dynamodb.batch_write_item(RequestItems={"large": requests[at:at + 25]})["UnprocessedItems"]


def test_plain_writes_into_a_large_table(server_factory):
    server = server_factory(extra=["--tables-cache-bytes", "8MiB"])
    dynamodb = server.client("dynamodb")
    dynamodb.create_table(TableName="large", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    dynamodb.get_waiter("table_exists").wait(TableName="large", WaiterConfig={"Delay": 1})
    write_all(dynamodb, [{"PutRequest": {"Item": item(i, TEXT)}} for i in range(COUNT)])
    server.kill()
    server.start()  # what was in memory is in table files now, and not in the cache
    dynamodb = server.client("dynamodb")

    # Replaced: every third. Erased: every third. New: as many.
    write_all(dynamodb, [{"PutRequest": {"Item": item(i, "new")}} for i in range(0, COUNT, 3)])
    write_all(dynamodb, [{"DeleteRequest": {"Key": key(i)}} for i in range(1, COUNT, 3)])
    write_all(dynamodb, [{"PutRequest": {"Item": item(COUNT + i, "new")}} for i in range(0, COUNT, 3)])
    expected = {f"{i:06}": "new" if i % 3 == 0 or i >= COUNT else TEXT
                for i in [*range(COUNT), *range(COUNT, 2 * COUNT, 3)] if i >= COUNT or i % 3 != 1}
    pages = dynamodb.get_paginator("scan").paginate(TableName="large", ConsistentRead=True)
    assert {each["pk"]["S"]: each["x"]["S"] for page in pages for each in page["Items"]} == expected
    assert dynamodb.describe_table(TableName="large")["Table"]["ItemCount"] > COUNT / 2

    # Who asks is told exactly: the larger of both items is counted, the old one is returned, conditions hold.
    def units(answer):
        return answer["ConsumedCapacity"]["CapacityUnits"]

    assert units(dynamodb.put_item(TableName="large", Item=item(2, "small"), ReturnConsumedCapacity="TOTAL")) == 3
    assert units(dynamodb.put_item(TableName="large", Item=item(2, "small"), ReturnConsumedCapacity="TOTAL")) == 1
    old = dynamodb.put_item(TableName="large", Item=item(5, "small"), ReturnValues="ALL_OLD")["Attributes"]
    assert old == item(5, TEXT)
    assert "Attributes" not in dynamodb.delete_item(TableName="large", Key=key(1), ReturnValues="ALL_OLD")
    dynamodb.put_item(TableName="large", Item=item(8, "small"), ConditionExpression="size(x) = :n",
                      ExpressionAttributeValues={":n": {"N": str(len(TEXT))}})
