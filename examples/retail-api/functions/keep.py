"""Rows of the stream into the tables; what can not be kept goes to the dead letters with the reason. It never raises
for a row: one that is broken must not hold up its shard. Everything is keyed by the row, so a repeat changes nothing."""

import base64
import decimal
import json
import os

import boto3

tables = boto3.resource("dynamodb")
invoices = tables.Table(os.environ["INVOICES"])
customers = tables.Table(os.environ["CUSTOMERS"])
firehose = boto3.client("firehose")


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
    return {"invoice": row["InvoiceNo"], "line": f"{row['Row']:09}", "customer": row["CustomerID"],
            "date": row["InvoiceDate"], "stock_code": row["StockCode"], "description": row["Description"],
            "quantity": quantity, "cents": cents}


def handler(event, context):
    lines, people, dead = [], {}, []
    for record in event["Records"]:
        row = json.loads(base64.b64decode(record["kinesis"]["data"]))
        try:
            lines.append(line_of(row))
            people[row["CustomerID"]] = row["Country"]
        except (ValueError, KeyError, TypeError) as problem:
            dead.append({"reason": str(problem), "row": row})
    with invoices.batch_writer(overwrite_by_pkeys=["invoice", "line"]) as batch:
        for line in lines:
            batch.put_item(line)
    with customers.batch_writer() as batch:
        for customer, country in people.items():
            batch.put_item({"customer": customer, "country": country})
    for start in range(0, len(dead), 500):
        records = [{"Data": json.dumps(letter).encode() + b"\n"} for letter in dead[start:start + 500]]
        while records:
            told = firehose.put_record_batch(DeliveryStreamName=os.environ["DEAD"], Records=records)["RequestResponses"]
            records = [record for record, one in zip(records, told) if "ErrorCode" in one]
    print(f"{len(lines)} lines, {len(dead)} dead letters")
