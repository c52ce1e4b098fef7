"""What tests of tables share."""

import pytest
from botocore.exceptions import ClientError

from support.waiting import eventually


def key(*names, types="SS"):
    """KeySchema and AttributeDefinitions of a partition key and perhaps a sort key."""
    return {"KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ["HASH", "RANGE"])],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": t} for name, t in zip(names, types)]}


def make_table(dynamodb, name, *names, types="SS", **more):
    names = names or ("pk",)
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **key(*names, types=types), **more)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return dynamodb.describe_table(TableName=name)["Table"]


def failure_of(call, **arguments):
    """(code, message) of the call's error."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def items_of(dynamodb, table):
    found = []
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        found += page["Items"]
    return found


def finished_export(dynamodb, arn):
    return eventually(lambda: (seen := dynamodb.describe_export(ExportArn=arn)["ExportDescription"])[
        "ExportStatus"] != "IN_PROGRESS" and seen)
