"""Orders through Kinesis into DynamoDB (by a Python function) and, by four Firehoses with Python transformers, into
Parquet that Athena joins. Every figure is checked against a count of the orders themselves.

Starts a server of its own on a fresh directory, unless --url (or AWS_ENDPOINT_URL) names one that runs.
"""

import argparse
import sys

import boto3
import boto3.dynamodb.conditions

import figures
import pipeline
import producer
from server import add_server_options, clients, command, sayer, wait_until


def stored(client):
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=pipeline.TABLE, Select="COUNT")
    return sum(page["Count"] for page in pages)


def complaints(client):
    """The newest errors that the functions printed."""
    events = []
    for group in client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        found = client("logs").filter_log_events(logGroupName=group["logGroupName"], filterPattern="ERROR")["events"]
        events += [f"{group['logGroupName']}: {event['message'].rstrip()}" for event in found[-1:]]
    return "\n".join(events)


def check(name, found, wanted):
    if found != wanted:
        sys.exit(f"orders: {name}: found {found}, counted {wanted}")


def run(client, count, seconds):
    say = sayer()
    pipeline.build(client)
    say("built: a stream, a table, five functions, four deliveries, four lake tables")
    orders = list(producer.make_orders(count))
    producer.post(client("kinesis"), pipeline.STREAM, orders)
    say(f"posted {count} orders")
    check_arrivals(client, orders, seconds, say)
    say("every figure agrees")


def check_arrivals(client, orders, seconds, say):
    """Everything that was posted is in the table and in the lake, once, and SQL counts it as we do."""
    count = len(orders)
    wait_until("all items", lambda: stored(client) >= count, seconds, why=lambda: complaints(client))
    check("items in the table", stored(client), count)
    customer = orders[0]["customer_id"]
    items = boto3_table(client).query(KeyConditionExpression=boto3.dynamodb.conditions.Key("customer_id").eq(customer))
    wanted = sorted(order["order_id"] for order in orders if order["customer_id"] == customer)
    check(f"orders of {customer}", [item["order_id"] for item in items["Items"]],
          wanted[:len(items["Items"])])  # one page of 1 MB
    say(f"the table holds {count} items, {len(items['Items'])} of them of {customer}, in order")

    athena = figures.Athena(client("athena"), pipeline.DATABASE, f"s3://{pipeline.BUCKET}/results/")

    def landed(name):
        athena.rows(f"MSCK REPAIR TABLE {name}")
        return int(athena.rows(f"SELECT count(*) FROM {name}")[0][0])

    for name, (_, keys) in pipeline.LAKE.items():
        wait_until(f"all rows of {name}", lambda name=name: landed(name) >= count, seconds)
        check(f"rows of {name}", landed(name), count)
        say(f"{name}: {count} rows of Parquet by {', '.join(keys)}")
    errors = client("s3").list_objects_v2(Bucket=pipeline.BUCKET, Prefix="errors/")["KeyCount"]
    check("failed records' objects", errors, 0)

    for (question, sql), wanted in zip(figures.QUESTIONS.items(), figures.counted(orders)):
        answer = athena.rows(sql)
        check(question, answer, wanted)
        say(f"{question}: {len(answer)} rows, all as counted")
        for row in answer[:4]:
            print("          ", "  ".join(row))


def boto3_table(client):
    meta = client("dynamodb").meta
    return boto3.resource("dynamodb", endpoint_url=meta.endpoint_url, config=meta.config).Table(pipeline.TABLE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=2000, help="how many (2000)")
    add_server_options(parser)
    parser.add_argument("--seconds", type=int, default=120, help="how long to wait for each arrival (120)")
    parser.add_argument("--again", action="store_true", help="first remove what an earlier run made on the server of --url")
    options = parser.parse_args()
    with clients(options) as (client, _):
        if options.again:
            pipeline.remove(client)
        run(client, options.orders, options.seconds)


if __name__ == "__main__":
    command(main)
