"""Between the bus and the archive: what was seen before is dropped, by a conditional put that only the first one wins.

A put is the record's own where it carries the record's id: a call that is repeated (it timed out, its answer was lost)
finds its own puts and does not drop what it has not handed on.
"""

import base64
import json
import os
import time

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TABLE"]
REMEMBER_SECONDS = int(os.environ["REMEMBER_SECONDS"])


def is_first(name, record):
    try:
        dynamodb.put_item(
            TableName=TABLE,
            Item={"hash": {"S": name}, "record": {"S": record},
                  "expires": {"N": str(int(time.time()) + REMEMBER_SECONDS)}},
            ConditionExpression="attribute_not_exists(#hash) OR #record = :record",
            ExpressionAttributeNames={"#hash": "hash", "#record": "record"},
            ExpressionAttributeValues={":record": {"S": record}})
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False


def handler(event, _):
    answers = []
    for record in event["records"]:
        transaction = json.loads(base64.b64decode(record["data"]))
        line = json.dumps(transaction, separators=(",", ":")) + "\n"
        answers.append({"recordId": record["recordId"],
                        "result": "Ok" if is_first(transaction["hash"], record["recordId"]) else "Dropped",
                        "data": base64.b64encode(line.encode()).decode()})
    dynamodb.update_item(TableName=TABLE, Key={"hash": {"S": "#passed"}}, UpdateExpression="ADD #count :more",
                         ExpressionAttributeNames={"#count": "count"},
                         ExpressionAttributeValues={":more": {"N": str(len(answers))}})
    return {"records": answers}
