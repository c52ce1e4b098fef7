"""./dev bench api: records and lookups through REST APIs, against what they cost without one, and against what a user
would write instead."""

import json
import os
import socket

import botocore.exceptions

import peers
import prepare
from common import RECORD_BYTES, load

STREAM = "bench"
CONNECTIONS = 64
IDLE_CONNECTIONS = 10_000
GET_RATE = 5_000
EVENT_ENTRIES = 10

PUT_TEMPLATE = """#set($order = $input.path('$'))
{"StreamName": "bench", "PartitionKey": "$order.id", "Data": "$util.base64Encode($input.json('$'))"}"""
PUT_ANSWER = """{"sequence": "$input.path('$.SequenceNumber')"}"""
GET_TEMPLATE = """{"TableName": "Invoices", "Key": {"number": {"S": "$input.params('number')"}}}"""
GET_ANSWER = """#set($item = $input.path('$.Item'))
{"number": "$item.number.S", "customer": "$item.customer.S", "total": $item.total.N, "lines": [
#foreach($line in $item.lines.L){"sku": "$line.M.sku.S", "n": $line.M.n.N}#if($foreach.hasNext),#end#end]}"""


def order(number):
    """A body of RECORD_BYTES as a shop would post it."""
    body = {"id": os.urandom(8).hex(), "customer": f"c-{number:06}", "currency": "EUR",
            "lines": [{"sku": os.urandom(4).hex(), "quantity": n + 1, "price": 9.99 + n} for n in range(10)], "note": ""}
    body["note"] = "x" * (RECORD_BYTES - len(json.dumps(body, separators=(",", ":"))))
    return json.dumps(body, separators=(",", ":"))


def post(port, path, body):
    return (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def deploy(server):
    """The API that is measured; returns its id."""
    api = server.client("apigateway")
    made = api.create_rest_api(name="bench")["id"]
    root = api.get_resources(restApiId=made)["items"][0]["id"]

    def method(parent, part, verb, action, template, answer):
        resource = api.create_resource(restApiId=made, parentId=parent, pathPart=part)["id"]
        where = {"restApiId": made, "resourceId": resource, "httpMethod": verb}
        api.put_method(**where, authorizationType="NONE")
        api.put_integration(**where, type="AWS", integrationHttpMethod="POST",
                            uri=f"arn:aws:apigateway:{prepare.REGION}:{action}",
                            requestTemplates={"application/json": template})
        api.put_method_response(**where, statusCode="200")
        api.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": answer})
        return resource

    method(root, "orders", "POST", "kinesis:action/PutRecord", PUT_TEMPLATE, PUT_ANSWER)
    invoices = api.create_resource(restApiId=made, parentId=root, pathPart="invoices")["id"]
    method(invoices, "{number}", "GET", "dynamodb:action/GetItem", GET_TEMPLATE, GET_ANSWER)
    api.create_deployment(restApiId=made, stageName="prod")
    return made


def fill_invoices(server):
    dynamodb = server.client("dynamodb")
    dynamodb.create_table(TableName="Invoices", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "S"}])
    for number in range(64):
        lines = [{"M": {"sku": {"S": os.urandom(4).hex()}, "n": {"N": str(n)}}} for n in range(10)]
        dynamodb.put_item(TableName="Invoices", Item={"number": {"S": str(number)}, "customer": {"S": f"c-{number}"},
                                                      "total": {"N": "12.5"}, "lines": {"L": lines}})


def events_row(work, server, seconds):
    """PutEvents of ten entries of RECORD_BYTES, with a rule that sends all of them to one stream."""
    events = server.client("events")
    arn = f"arn:aws:kinesis:{prepare.REGION}:000000000000:stream/{STREAM}"
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["bench"]}))
    events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/events"}])
    entries = [{"Source": "bench", "DetailType": "order", "Detail": order(n)} for n in range(EVENT_ENTRIES)]
    files = prepare.write_all(work, "put-events", [prepare.json_request(
        server.port, "events", "1.1", "AWSEvents.PutEvents", {"Entries": entries}, None)])
    return load(server.port, files, connections=16, seconds=seconds, records=EVENT_ENTRIES,
                expect='"FailedEntryCount":0')


def idle_megabytes(port, pid, path):
    """Resident with IDLE_CONNECTIONS open, each of which has asked once. A descriptor each: `ulimit -n` permitting."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    held = []
    try:
        for number in range(IDLE_CONNECTIONS - 16):
            # Addresses of loopback's own, for one address has not ports enough for everybody on a machine.
            held.append(socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.1.{number % 8 + 1}", 0)))
            held[-1].sendall(request)
            if not held[-1].recv(65536).startswith(b"HTTP/1.1 200"):
                raise SystemExit("an idle connection's request was not answered")
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            resident = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))
        return len(held), resident
    finally:
        for each in held:
            each.close()


def millrace_rows(work, seconds):
    # AWS's throttle of an account is the default, 10 thousand a second: it would be what is measured.
    with peers.Millrace(work / "millrace", "off") as running:
        server = running.server
        server.client("kinesis").create_stream(StreamName=STREAM, ShardCount=peers.SHARDS)
        fill_invoices(server)
        api = deploy(server)
        base = f"/restapis/{api}/prod/_user_request_"
        rows = []
        puts = prepare.put_record(work, server.port, STREAM, RECORD_BYTES, None)
        direct = load(server.port, puts, connections=CONNECTIONS, seconds=seconds, expect='"SequenceNumber"')
        posts = prepare.write_all(work, "posts", (post(server.port, f"{base}/orders", order(n)) for n in range(8)))
        through = load(server.port, posts, connections=CONNECTIONS, seconds=seconds, expect='"sequence"')
        rows.append(("Millrace: POST, mapping template, PutRecord, fsync", CONNECTIONS, through))
        rows.append(("Millrace: PutRecord itself, fsync", CONNECTIONS, direct))
        gets = prepare.write_all(work, "gets", (prepare.plain_get(server.port, f"{base}/invoices/{n}") for n in range(64)))
        rows.append((f"Millrace: GET, GetItem, response template, at {GET_RATE:,}/s", CONNECTIONS,
                     load(server.port, gets, connections=CONNECTIONS, seconds=seconds, rate=GET_RATE, expect='"lines"')))
        rows.append(("Millrace: GET, GetItem, response template, as fast as it goes", CONNECTIONS,
                     load(server.port, gets, connections=CONNECTIONS, seconds=seconds, expect='"lines"')))
        try:
            rows.append((f"Millrace: PutEvents x{EVENT_ENTRIES}, a rule to one stream (events/s)", 16,
                         events_row(work, server, seconds)))
        except botocore.exceptions.ClientError as missing:
            print(f"left out: PutEvents ({missing})")
        idle = idle_megabytes(server.port, server.process.pid, f"{base}/invoices/1")
        rows += express_rows(work, server, seconds)
    return rows, direct, through, idle


def express_rows(work, server, seconds):
    with peers.Express(work / "express", server.url) as peer:
        posts = prepare.write_all(work, "express", (post(peer.port, "/orders", order(n)) for n in range(8)))
        figures = load(peer.port, posts, connections=CONNECTIONS, seconds=seconds, expect='"sequence"')
    return [("Express and the AWS SDK (npm), PutRecord to the same Millrace", CONNECTIONS, figures)]


def nginx_rows(work, seconds):
    with peers.Nginx(work / "nginx") as peer:
        posts = prepare.write_all(work, "nginx", (post(peer.port, "/orders", order(n)) for n in range(8)))
        figures = load(peer.port, posts, connections=CONNECTIONS, seconds=seconds, expect='"sequence"')
    return [("nginx answering 200 to the same POST: the limit", CONNECTIONS, figures)]


def run(work, seconds):
    rows, direct, through, (held, idle_mb) = millrace_rows(work, seconds)
    rows += nginx_rows(work, seconds)
    lines = [
        f"Bodies of {RECORD_BYTES} bytes, {peers.SHARDS} shards, {seconds} s a row after 1 s of warm-up, client on the same "
        "cores, requests unsigned.",
        "",
        "| what | connections | requests/s | p50 ms | p99 ms |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [f"| {what} | {connections} | {figures['records_per_s']:,.0f} | {figures['p50_ms']:.2f} | "
              f"{figures['p99_ms']:.2f} |" for what, connections, figures in rows]
    lines += ["", f"A POST through the API costs {direct['requests_per_s'] / through['requests_per_s']:.2f} times a PutRecord. "
                  f"{held:,} idle connections: {idle_mb:.0f} MB resident."]
    return lines
