"""Behind GET /customers/{id}/orders: what a customer has ordered, invoice by invoice."""

import json
import os

import boto3
from boto3.dynamodb.conditions import Key

tables = boto3.resource("dynamodb")
invoices = tables.Table(os.environ["INVOICES"])
customers = tables.Table(os.environ["CUSTOMERS"])


def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def handler(event, context):
    customer = event["pathParameters"]["id"]
    known = customers.get_item(Key={"customer": customer}).get("Item")
    if not known:
        return answer(404, {"message": f"no customer {customer}"})
    orders = {}
    query = {"IndexName": "by-customer", "KeyConditionExpression": Key("customer").eq(customer)}
    while True:
        page = invoices.query(**query)
        for item in page["Items"]:
            order = orders.setdefault(item["invoice"], {"invoice": item["invoice"], "date": item["date"], "lines": 0, "cents": 0})
            order["lines"] += 1
            order["cents"] += int(item["quantity"] * item["cents"])
        if "LastEvaluatedKey" not in page:
            break
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    return answer(200, {"customer": customer, "country": known["country"],
                        "orders": sorted(orders.values(), key=lambda order: order["invoice"])})
