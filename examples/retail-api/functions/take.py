"""Behind POST /rows: a row of the file, or an array of rows, goes on the stream as it came. The answer is sent after
all of it is durable; what is no row refuses the whole request, and nothing of it is put."""

import base64
import json
import os

import boto3

kinesis = boto3.client("kinesis")
STREAM = os.environ["STREAM"]
TOGETHER = 500  # PutRecords takes no more


def answer(status, **body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def record(row):
    return {"PartitionKey": row["InvoiceNo"], "Data": json.dumps(row).encode() + b"\n"}


def put(records):
    """Sequence numbers, in the records' order. What the stream has no room for at once is put again."""
    if len(records) == 1:
        return [kinesis.put_record(StreamName=STREAM, **records[0])["SequenceNumber"]]
    sequences = [None] * len(records)
    left = list(range(len(records)))
    while left:
        told = kinesis.put_records(StreamName=STREAM, Records=[records[at] for at in left])["Records"]
        for at, one in zip(left, told):
            sequences[at] = one.get("SequenceNumber")
        left = [at for at in left if sequences[at] is None]
    return sequences


def handler(event, context):
    text = event["body"] or ""
    if event["isBase64Encoded"]:
        text = base64.b64decode(text).decode()
    try:
        rows = json.loads(text)
        records = [record(row) for row in (rows if isinstance(rows, list) else [rows])]
    except (ValueError, KeyError, TypeError):
        return answer(400, message="a row is a JSON object with an InvoiceNo")
    if not 1 <= len(records) <= TOGETHER:
        return answer(400, message=f"an array has from 1 to {TOGETHER} rows")
    sequences = put(records)
    return answer(200, sequences=sequences) if isinstance(rows, list) else answer(200, sequence=sequences[0])
