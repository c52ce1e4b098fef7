"""Rows of the stream into the tables; what can not be kept goes to the dead letters with the reason. It never raises
for a row: one that is broken must not hold up its shard. Everything is keyed by the row, so a repeat changes nothing."""

import base64
import decimal
import json
import os

import boto3

dynamodb = boto3.client("dynamodb")
firehose = boto3.client("firehose")
TOGETHER = 25  # BatchWriteItem takes no more
kept = {}  # customers that this environment has put: most rows are of one that is there


def line_of(row):
    """The invoice's line that a row is; ValueError with the reason where it is none."""
    if row["InvoiceNo"].startswith("C"):
        raise ValueError("cancelled invoice")
    if not row["CustomerID"]:
        raise ValueError("no customer")
    try:
        cents = int(decimal.Decimal(row["UnitPrice"]) * 100)
        quantity = int(row["Quantity"])
    except (decimal.InvalidOperation, ValueError):
        raise ValueError("not a number") from None
    texts = {"invoice": row["InvoiceNo"], "line": f"{row['Row']:09}", "customer": row["CustomerID"],
             "date": row["InvoiceDate"], "stock_code": row["StockCode"], "description": row["Description"]}
    return {**{name: {"S": text} for name, text in texts.items()}, "quantity": {"N": str(quantity)}, "cents": {"N": str(cents)}}


def write(table, items):
    for start in range(0, len(items), TOGETHER):
        left = {table: [{"PutRequest": {"Item": item}} for item in items[start:start + TOGETHER]]}
        while left:
            left = dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]


def handler(event, context):
    lines, people, dead = {}, {}, []  # by their keys: a row may come twice, and a batch names an item once
    for record in event["Records"]:
        row = json.loads(base64.b64decode(record["kinesis"]["data"]))
        try:
            line = line_of(row)
            lines[row["Row"]] = line
            if kept.get(row["CustomerID"]) != row["Country"]:
                people[row["CustomerID"]] = row["Country"]
        except (ValueError, KeyError, TypeError) as problem:
            dead.append({"reason": str(problem), "row": row})
    write(os.environ["INVOICES"], list(lines.values()))
    write(os.environ["CUSTOMERS"], [{"customer": {"S": who}, "country": {"S": country}} for who, country in people.items()])
    kept.update(people)
    for start in range(0, len(dead), 500):
        records = [{"Data": json.dumps(letter).encode() + b"\n"} for letter in dead[start:start + 500]]
        while records:
            told = firehose.put_record_batch(DeliveryStreamName=os.environ["DEAD"], Records=records)["RequestResponses"]
            records = [record for record, one in zip(records, told) if "ErrorCode" in one]
    print(f"{len(lines)} lines, {len(dead)} dead letters")
