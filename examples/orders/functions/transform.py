"""Firehose's transformers: each makes an order into a row of its table and says which partition it belongs to."""

import base64
import json


def total(order):
    return sum(product["quantity"] * product["price_cents"] for product in order["products"])


def month_of(order):
    return {"year": order["ordered_at"][:4], "month": order["ordered_at"][5:7]}


def each(event, shape):
    answers = []
    for record in event["records"]:
        try:
            row, keys = shape(json.loads(base64.b64decode(record["data"])))
        except (ValueError, KeyError, TypeError) as error:
            print("ERROR not an order:", error)
            answers.append({"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]})
            continue
        answers.append({"recordId": record["recordId"], "result": "Ok", "metadata": {"partitionKeys": keys},
                        "data": base64.b64encode(json.dumps(row).encode() + b"\n").decode()})
    return {"records": answers}


def orders(event, context):
    return each(event, lambda order: (
        {"order_id": order["order_id"], "ordered_at": order["ordered_at"], "total_cents": total(order)},
        {"customer_id": order["customer_id"]}))


def baskets(event, context):
    return each(event, lambda order: (
        {"order_id": order["order_id"], "products": order["products"]}, month_of(order)))


def addresses(event, context):
    return each(event, lambda order: (
        {"order_id": order["order_id"], "street": order["address"]["street"], "city": order["address"]["city"]},
        {"country": order["address"]["country"]}))


def sales(event, context):
    return each(event, lambda order: (
        {"order_id": order["order_id"], "total_cents": total(order)},
        {"country": order["address"]["country"], **month_of(order)}))
