"""Where a record's time in a Python function goes: the steps of its handler in this process, in front of a table that
answers at once. Processor time, the fastest of many rounds, so that what else runs does not count.

A program, so that its caller chooses its environment: the handler's source on standard input, the table's URL as its
argument; prints what measure() returns."""

import base64
import gc
import json
import sys
import time

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.serialize
import botocore.validate
import urllib3

ROUNDS, CALLS = 100, 4
ITEMS = 25  # of a BatchWriteItem, the most that it takes
RECORDS = 1000
KINESIS = {"kinesisSchemaVersion": "1.0", "partitionKey": "1234", "sequenceNumber": "4" * 56, "approximateArrivalTimestamp": 1.5}
RECORD = {"eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": "shardId-000000000000:" + "4" * 56,
          "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:aws:iam::000000000000:role/functions",
          "awsRegion": "us-east-1", "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/orders"}


def event():
    data = [base64.b64encode(json.dumps({"order": n, "customer": n % 1000, "city": "x" * 100}).encode()).decode()
            for n in range(RECORDS)]
    return json.dumps({"Records": [{"kinesis": {**KINESIS, "data": each}, **RECORD} for each in data]}).encode()


def fastest(steps):
    """{name: microseconds of one call}; in turns, so that all see the same machine."""
    best = dict.fromkeys(steps, float("inf"))
    gc.disable()
    for step in steps.values():
        step()
    for _ in range(ROUNDS):
        for name, step in steps.items():
            step()  # for the caches
            began = time.process_time()
            for _ in range(CALLS):
                step()
            best[name] = min(best[name], (time.process_time() - began) / CALLS)
        gc.collect(0)
    gc.enable()
    return {name: 1e6 * seconds for name, seconds in best.items()}


def measure(handler, url):
    """[(what, microseconds a record)]. `handler`: its source, with `puts_of(event)`; `url`: the table's."""
    scope = {}
    exec(handler, scope)
    text = event()
    parsed = json.loads(text)
    items = {"orders": scope["puts_of"](parsed)[:ITEMS]}
    client = boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1", aws_access_key_id="A" * 20,
                          aws_secret_access_key="x" * 40)
    operation = client.meta.service_model.operation_model("BatchWriteItem")
    validator, serializer = botocore.validate.ParamValidator(), botocore.serialize.create_serializer("json", False)
    request = serializer.serialize_to_request({"RequestItems": items}, operation)
    signer = botocore.auth.AUTH_TYPE_MAPS["v4"](botocore.credentials.Credentials("A" * 20, "x" * 40), "dynamodb", "us-east-1")

    pool = urllib3.PoolManager()

    def compose_agent():  # as often as a request does
        client._user_agent_creator.to_string()
        client._user_agent_creator.to_string()

    took = fastest({
        "event": lambda: json.loads(text),
        "puts": lambda: scope["puts_of"](parsed),
        "call": lambda: client.batch_write_item(RequestItems=items),
        "check": lambda: validator.validate({"RequestItems": items}, operation.input_shape),
        "serialize": lambda: serializer.serialize_to_request({"RequestItems": items}, operation),
        "agent": compose_agent,
        "sign": lambda: signer.add_auth(botocore.awsrequest.AWSRequest("POST", url, request["headers"], request["body"])),
        "http": lambda: pool.request("POST", url, body=request["body"], headers=request["headers"])})
    parts = {"boto3: checking parameters (`parameter_validation`)": took["check"],
             "boto3: writing the request's JSON": took["serialize"],
             "boto3: composing the User-Agent header (`user_agent`)": took["agent"],
             "boto3: signing": took["sign"],
             "urllib3: HTTP": took["http"]}
    rest = took["call"] - sum(parts.values())
    parts["boto3: the rest: endpoint rules, hooks, copies of headers, reading the answer"] = rest
    return [("the bootstrap: parsing the event", took["event"] / RECORDS),
            ("the handler: base64, JSON, composing items", took["puts"] / RECORDS),
            *((what, us / ITEMS) for what, us in parts.items())]


if __name__ == "__main__":
    json.dump(measure(sys.stdin.read(), sys.argv[1]), sys.stdout)
