"""./dev bench tables: items of 1 KiB into a table and out again, against the servers a team would otherwise use."""

import base64
import os
import statistics

import boto3
import botocore.config

import peers
import prepare
from common import disk_limit, load

ITEM_BYTES = 1024
KEYS = 8192  # different items, so that neither caches nor one row's lock decide
VERSIONS = 2  # of each item, in turn: a put of what is there already changes nothing, and need not be written
BATCH_ITEMS = 25  # BatchWriteItem's limit
QUERY_ITEMS = 1000
TURNS = 9  # of what is compared with what


def item(number):
    return {"id": {"S": f"customer-{number:08}"}, "at": {"N": str(1_700_000_000 + number)},
            "data": {"B": base64.b64encode(os.urandom(ITEM_BYTES)).decode()}}


def key(number):
    return {"id": {"S": f"customer-{number:08}"}}


def puts(table):
    return ({"TableName": table, "Item": item(number)} for _ in range(VERSIONS) for number in range(KEYS))


def client(port, keys):
    return boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}", region_name=prepare.REGION,
                        aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
                        config=botocore.config.Config(retries={"max_attempts": 0}))


def create(dynamodb, name, sort=False, **more):
    keys = [("id", "S", "HASH")] + ([("at", "N", "RANGE")] if sort else [])
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": each, "KeyType": kind} for each, _, kind in keys],
                          AttributeDefinitions=[{"AttributeName": each, "AttributeType": type_} for each, type_, _ in keys],
                          **more)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def requests(work, port, name, operation, bodies, keys):
    made = (prepare.dynamodb_request(port, operation, body, keys) for body in bodies)
    return prepare.write_all(work, f"{name}-{operation}", made)


def rows_of(name, work, port, keys, sign, seconds, resident_mb, more=False):
    """Rows of one server. `keys` for setting up; requests carry a signature where `sign`."""
    dynamodb = client(port, keys)
    create(dynamodb, "bench")
    signed = keys if sign else None
    rows = []

    def measure(what, operation, bodies, connections, records=1):
        files = requests(work, port, what.replace(" ", "-"), operation, bodies, signed)
        figures = load(port, files, connections=connections, seconds=seconds, records=records)
        for file in files:
            file.unlink()
        rows.append((f"{name}, {what}", connections, figures, resident_mb()))

    measure("PutItem", "PutItem", puts("bench"), 64)
    measure("GetItem", "GetItem", ({"TableName": "bench", "Key": key(number), "ConsistentRead": True}
                                   for number in range(KEYS)), 64)
    measure(f"BatchWriteItem x{BATCH_ITEMS}", "BatchWriteItem", (
        {"RequestItems": {"bench": [{"PutRequest": {"Item": item(at * BATCH_ITEMS + number)}}
                                    for number in range(BATCH_ITEMS)]}}
        for _ in range(VERSIONS) for at in range(KEYS // BATCH_ITEMS)), 16, BATCH_ITEMS)
    create(dynamodb, "ordered", sort=True)
    for at in range(0, QUERY_ITEMS, BATCH_ITEMS):
        dynamodb.batch_write_item(RequestItems={"ordered": [{"PutRequest": {"Item": {
            "id": {"S": "one"}, "at": {"N": str(number)}, "data": {"S": "x" * 100}}}} for number in range(at, at + BATCH_ITEMS)]})
    measure(f"Query of {QUERY_ITEMS} items", "Query", [{
        "TableName": "ordered", "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "one"}}}], 1)
    if more:
        measure("UpdateItem, ADD and a condition", "UpdateItem", (
            {"TableName": "bench", "Key": key(number), "UpdateExpression": "ADD seen :one",
             "ConditionExpression": "attribute_exists(id)", "ExpressionAttributeValues": {":one": {"N": "1"}}}
            for number in range(KEYS)), 64)
    return rows


def stream_cost(name, work, server, seconds):
    """Two rows and a line: what a change stream costs a writer. A machine's speed drifts by more than that within a
    minute, so the two take short turns, each going first as often as the other."""
    keys = ("bench", "bench")
    dynamodb = client(server.port, keys)
    create(dynamodb, "plain")
    create(dynamodb, "streamed", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    tables = {table: requests(work, server.port, table, "PutItem", puts(table), None) for table in ("plain", "streamed")}
    turns = {table: [] for table in tables}
    for turn in range(TURNS):
        for table in sorted(tables, reverse=turn % 2 == 1):
            turns[table].append(load(server.port, tables[table], connections=64, seconds=seconds / 3, warmup=0.4))
    for file in (file for files in tables.values() for file in files):
        file.unlink()
    costs = [100 * (1 - streamed["records_per_s"] / plain["records_per_s"])
             for plain, streamed in zip(turns["plain"], turns["streamed"])]
    rows = [(f"{name}, {what}, median of {TURNS} turns", 64,
             {figure: statistics.median(each[figure] for each in turns[table])
              for figure in ("records_per_s", "p50_ms", "p99_ms")}, server.resident_mb())
            for table, what in (("plain", "PutItem"), ("streamed", "PutItem with a stream of both images"))]
    return rows, (f"A stream of both images costs {statistics.median(costs):.0f} % of the puts a second: median of {TURNS} "
                  f"pairs of turns of {seconds / 3:.1f} s, from {min(costs):.0f} to {max(costs):.0f} %.")


def run(work, seconds):
    rows = []
    for auth in ("off", "sign"):
        with peers.Millrace(work / f"millrace-{auth}", auth) as server:
            word = "signed" if auth == "sign" else "unsigned"
            rows += rows_of(f"Millrace, fsync, {word}", work, server.port, server.keys or ("bench", "bench"), auth == "sign",
                            seconds, server.resident_mb, more=auth == "off")
            if auth == "off":
                turns, cost = stream_cost(f"Millrace, fsync, {word}", work, server, seconds)
                rows += turns
    with peers.Dynalite(work / "dynalite") as peer:
        rows += rows_of(peer.name, work, peer.port, peer.keys, True, seconds, peer.resident_mb)
    if peers.DynamoDbLocal.available():
        with peers.DynamoDbLocal(work / "dynamodb-local") as peer:
            rows += rows_of(peer.name, work, peer.port, peer.keys, True, seconds, peer.resident_mb)
    else:
        print("DynamoDB Local is left out: Maven, Java or its packages can not be had here")
    limit = disk_limit(work, 64 * ITEM_BYTES, 3)
    lines = [
        f"Items of {ITEM_BYTES} bytes, {KEYS} keys, {seconds} s a row after 1 s of warm-up, client on the same cores.",
        "",
        "| what | connections | items/s | p50 ms | p99 ms | peak resident MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [f"| {what} | {connections} | {figures['records_per_s']:,.0f} | {figures['p50_ms']:.2f} | "
              f"{figures['p99_ms']:.2f} | {resident:.0f} |" for what, connections, figures, resident in rows]
    lines += [f"| the disk alone: O_DIRECT + fdatasync, 64 KB a write | - | {limit:,.0f} | | | |", "",
              f"{cost} Query rows count queries, not items."]
    return lines
