"""Behind POST /rows: a row of the file goes on the stream as it came. Its answer is sent after the record is durable."""

import base64
import json
import os

import boto3

kinesis = boto3.client("kinesis")


def answer(status, **body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def handler(event, context):
    text = event["body"] or ""
    if event["isBase64Encoded"]:
        text = base64.b64decode(text).decode()
    try:
        row = json.loads(text)
        key = row["InvoiceNo"]
    except (ValueError, KeyError, TypeError):
        return answer(400, message="a row is a JSON object with an InvoiceNo")
    put = kinesis.put_record(StreamName=os.environ["STREAM"], PartitionKey=key, Data=json.dumps(row).encode() + b"\n")
    return answer(200, sequence=put["SequenceNumber"])
