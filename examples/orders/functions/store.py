"""Kinesis to DynamoDB: each order becomes an item, once, however often it is delivered."""

import base64
import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    failed = []
    with table.batch_writer(overwrite_by_pkeys=["customer_id", "order_id"]) as batch:
        for record in event["Records"]:
            try:
                order = json.loads(base64.b64decode(record["kinesis"]["data"]))
                order["total_cents"] = sum(p["quantity"] * p["price_cents"] for p in order["products"])
                batch.put_item(Item=order)
            except (ValueError, KeyError) as error:
                print("ERROR not an order:", error)
                failed.append({"itemIdentifier": record["kinesis"]["sequenceNumber"]})
                break  # the mapping goes on from the first failure
    print(f"stored {len(event['Records']) - len(failed)} orders")
    return {"batchItemFailures": failed}
