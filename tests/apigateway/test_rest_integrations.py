"""A request's way through a REST API: functions, AWS operations, URLs and mocks behind it."""

import http.server
import json
import select
import socket
import subprocess
import threading

import pytest

from support.functions import create
from support.rest_api import REGION, RestApi, ask, function_uri
from support.waiting import eventually


@pytest.fixture(scope="module")
def api(server):
    return RestApi(server)


@pytest.fixture
def fresh(server):
    return RestApi(server)


def service_uri(what):
    return f"arn:aws:apigateway:{REGION}:{what}"


# -- which API, which method ---------------------------------------------------------------------------------


def test_a_request_finds_its_method_by_path_host_and_domain(fresh):
    fresh.mock("GET", "/orders/{id}", '{"id": "$input.params(\'id\')", "path": "$context.path", '
                                      '"domain": "$context.domainName"}')
    fresh.mock("ANY", "/{proxy+}", '{"rest": "$input.params(\'proxy\')", "verb": "$context.httpMethod"}')
    fresh.deploy()
    by_path = fresh.json("GET", "/orders/a%20b")
    assert by_path == (200, {"id": "a b", "path": "/prod/orders/a%20b", "domain": "127.0.0.1"})
    status, by_host = fresh.json("GET", "/orders/7", way="host")
    assert (status, by_host["id"], by_host["domain"]) == (200, "7", f"{fresh.id}.execute-api.localhost")
    assert fresh.json("PUT", "/x/y/z") == (200, {"rest": "x/y/z", "verb": "PUT"})

    domain = f"api-{fresh.id}.example.com"
    fresh.client.create_domain_name(domainName=domain, regionalCertificateArn="arn:aws:acm:us-east-1:1:certificate/1",
                                    endpointConfiguration={"types": ["REGIONAL"]})
    fresh.client.create_base_path_mapping(domainName=domain, basePath="shop", restApiId=fresh.id, stage="prod")
    assert fresh.json("GET", "/shop/orders/9", way=domain)[1]["id"] == "9"
    assert fresh.json("GET", "/else/orders/9", way=domain) == (403, {"message": "Forbidden"})
    # Where its own endpoint is switched off, neither host nor path lead around the domain.
    fresh.client.update_rest_api(restApiId=fresh.id, patchOperations=[
        {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}])
    fresh.deploy()
    assert [fresh.ask("GET", "/orders/7", way=way)[0] for way in ("host", "path")] == [403, 403]
    assert fresh.ask("GET", "/shop/orders/9", way=domain)[0] == 200


def test_what_is_not_there_is_refused_in_aws_words(fresh):
    fresh.mock("POST", "/orders").deploy()
    port = fresh.server.port
    status, headers, body = ask(port, "GET", "/restapis/nosuchapi1/prod/_user_request_/orders")
    assert (status, json.loads(body)) == (403, {"message": "Forbidden"})
    assert headers["x-amzn-ErrorType"] == "ForbiddenException" and headers["x-amzn-RequestId"]
    assert ask(port, "GET", f"/restapis/{fresh.id}/nostage/_user_request_/orders")[0] == 403
    for verb, path in (("GET", "/orders"), ("POST", "/nothing"), ("GET", "/")):
        status, headers, body = fresh.ask(verb, path)
        assert (status, json.loads(body)) == (403, {"message": "Missing Authentication Token"}), (verb, path)
        assert headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


# -- functions -------------------------------------------------------------------------------------------------


def test_a_proxied_function_gets_the_whole_request(api, boto):
    create(boto("lambda"), "echo", "import json\ndef handler(event, context):\n"
                                   "    return {'statusCode': 200, 'body': json.dumps(event)}\n")
    api.proxy("ANY", "/echo/{id}", "echo").deploy(variables={"tier": "test"})
    status, event = api.json("POST", "/echo/a%2Fb?x=1&x=2&y=%C3%BC", "text body",
                             {"Content-Type": "text/plain", "X-Own": "v"})
    assert status == 200
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/echo/{id}", "/echo/a/b", "POST")
    assert event["queryStringParameters"] == {"x": "2", "y": "ü"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"], "y": ["ü"]}
    assert event["pathParameters"] == {"id": "a/b"} and event["stageVariables"] == {"tier": "test"}
    assert event["headers"]["X-Own"] == "v" and event["multiValueHeaders"]["Content-Type"] == ["text/plain"]
    assert event["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert (event["body"], event["isBase64Encoded"]) == ("text body", False)
    context = event["requestContext"]
    assert (context["stage"], context["apiId"], context["resourcePath"]) == ("prod", api.id, "/echo/{id}")
    assert context["identity"]["sourceIp"] == "127.0.0.1" and context["accountId"] == "000000000000"
    assert context["path"] == "/prod/echo/a%2Fb" and context["requestId"]
    status, event = api.json("GET", "/echo/1")
    assert event["queryStringParameters"] is None and event["body"] is None


ANSWERS = """
import base64, time
def handler(event, context):
    what = event['queryStringParameters']['what']
    if what == 'full':
        return {'statusCode': '201', 'headers': {'X-Made': 'yes', 'Content-Type': 'text/html'},
                'multiValueHeaders': {'Set-Cookie': ['a=1', 'b=2']}, 'body': '<p>'}
    if what == 'bytes':
        return {'statusCode': 200, 'headers': {'Content-Type': 'image/png'},
                'body': base64.b64encode(b'\\x00\\xff').decode(), 'isBase64Encoded': True}
    if what == 'raise':
        raise ValueError('no')
    if what == 'slow':
        time.sleep(3)
    if what == 'text':
        return 'hello'
    if what == 'odd':
        return {'statusCode': 200, 'body': {'a': 1}}
    return {'statusCode': 200}
"""


def test_what_a_proxied_function_answers(server, boto):
    api = RestApi(server, binaryMediaTypes=["image/png"])
    create(boto("lambda"), "answers", ANSWERS)
    api.method("GET", "/f", {"type": "AWS_PROXY", "uri": function_uri("answers")})
    api.method("GET", "/hurried", {"type": "AWS_PROXY", "uri": function_uri("answers"), "timeoutInMillis": 500}).deploy()
    status, headers, body = api.ask("GET", "/f?what=full")
    assert (status, headers["X-Made"], headers["Content-Type"], body) == (201, "yes", "text/html", b"<p>")
    assert headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert api.ask("GET", "/f?what=bytes", headers={"Accept": "image/png"})[2] == b"\x00\xff"
    assert api.ask("GET", "/f?what=none")[::2] == (200, b"")
    for what in ("raise", "text", "odd"):
        status, headers, body = api.ask("GET", f"/f?what={what}")
        assert (status, json.loads(body)) == (502, {"message": "Internal server error"}), what
        assert headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert api.json("GET", "/hurried?what=slow") == (504, {"message": "Endpoint request timed out"})


def test_a_function_behind_templates_and_selected_answers(fresh, boto):
    create(boto("lambda"), "priced", "def handler(event, context):\n"
                                     "    if event['n'] < 0:\n        raise ValueError('[BadRequest] n is negative\\nsee above')\n"
                                     "    return {'double': event['n'] * 2, 'event': event}\n")
    fresh.method("POST", "/double/{unit}", {
        "type": "AWS", "uri": function_uri("${stageVariables.function}"),
        "requestTemplates": {"application/json": '{"n": $input.json("$.n"), "unit": "$input.params(\'unit\')"}'},
    }, {
        "200": {"responseTemplates": {"application/json": '{"result": $input.json("$.double")}'},
                "responseParameters": {"method.response.header.X-Unit": "integration.response.body.event.unit"}},
        "400": {"selectionPattern": r"\[BadRequest\].*", "responseTemplates": {
            "application/json": '{"error": "$util.escapeJavaScript($input.path(\'$.errorMessage\'))"}'}},
    }).deploy(variables={"function": "priced"})
    status, headers, body = fresh.ask("POST", "/double/eur", {"n": 21})
    assert (status, json.loads(body), headers["X-Unit"]) == (200, {"result": 42}, "eur")
    assert fresh.json("POST", "/double/eur", {"n": -1}) == (400, {"error": "[BadRequest] n is negative\nsee above"})


# -- AWS operations --------------------------------------------------------------------------------------------


def test_a_posted_order_is_in_the_stream_when_it_is_answered(fresh, boto):
    kinesis = boto("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=1)
    fresh.method("POST", "/orders", {
        "type": "AWS", "uri": service_uri("kinesis:action/PutRecord"),
        "requestTemplates": {"application/json": """
#set($order = $input.path('$'))
{"StreamName": "orders", "PartitionKey": "$!order.id",
 "Data": "$util.base64Encode($input.json('$'))"}"""},
    }, {
        "202": {"selectionPattern": "200", "responseTemplates": {
            "application/json": '{"accepted": "$input.path(\'$.SequenceNumber\')"}'}},
        "500": {},
    }).deploy()
    order = {"id": "o-1", "items": [{"sku": "a/b \"c\"", "n": 2}], "note": "grün"}
    status, answer = fresh.json("POST", "/orders", order)
    assert status == 202
    shard = kinesis.list_shards(StreamName="orders")["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName="orders", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    record = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"][0]
    assert json.loads(record["Data"]) == order and record["PartitionKey"] == "o-1"
    assert record["SequenceNumber"] == answer["accepted"]
    assert fresh.json("POST", "/orders", "{no json", {"Content-Type": "application/json"}) == (
        400, {"message": "Could not parse request body into json"})
    large = {"id": "o-2", "note": "x" * 700_000}  # more than an I/O thread takes upon itself
    assert fresh.ask("POST", "/orders", large)[0] == 202
    status, body = fresh.json("POST", "/orders", {"items": []})  # an empty partition key: Kinesis refuses it
    assert status == 500 and body["__type"].endswith("ValidationException")


def test_what_was_answered_survives_kill_9(server_factory):
    server = server_factory(auth="off")
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=1)
    api = RestApi(server).method("POST", "/orders", {
        "type": "AWS", "uri": service_uri("kinesis:action/PutRecord"), "requestTemplates": {"application/json":
            '{"StreamName": "orders", "PartitionKey": "1", "Data": "$util.base64Encode($input.json(\'$.n\'))"}'},
    }, {"200": {}}).deploy()
    accepted = []

    def post(first):
        try:
            for number in range(first, 1_000_000):
                if api.ask("POST", "/orders", {"n": number})[0] == 200:
                    accepted.append(number)
        except OSError:
            return  # the server is gone

    posting = [threading.Thread(target=post, args=(each * 100_000,)) for each in range(4)]
    for each in posting:
        each.start()
    eventually(lambda: len(accepted) >= 100)
    server.kill()
    for each in posting:
        each.join()
    server.start()
    kinesis = server.client("kinesis")
    shard = kinesis.list_shards(StreamName="orders")["Shards"][0]["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName="orders", ShardId=shard,
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    kept = set()
    while True:
        page = kinesis.get_records(ShardIterator=iterator)
        kept.update(int(each["Data"]) for each in page["Records"])
        iterator = page["NextShardIterator"]
        if not page["Records"]:
            break
    assert accepted and kept.issuperset(accepted)
    api.server = server
    assert api.ask("POST", "/orders", {"n": -1})[0] == 200, "the API is there again, too"


def test_items_and_objects_without_a_function_between(fresh, boto):
    boto("dynamodb").create_table(TableName="Invoices", BillingMode="PAY_PER_REQUEST",
                                  KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
                                  AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "S"}])
    boto("dynamodb").put_item(TableName="Invoices", Item={
        "number": {"S": "536365"}, "total": {"N": "139.12"},
        "lines": {"L": [{"M": {"sku": {"S": "85123A"}, "n": {"N": "6"}}}, {"M": {"sku": {"S": "71053"}, "n": {"N": "2"}}}]}})
    template = """
#set($item = $input.path('$.Item'))
#if($item == '')
#set($context.responseOverride.status = 404)
{"message": "no such invoice"}
#else
{"number": "$item.number.S", "total": $item.total.N, "lines": [
#foreach($line in $item.lines.L){"sku": "$line.M.sku.S", "n": $line.M.n.N}#if($foreach.hasNext),#end
#end
]}
#end"""
    fresh.method("GET", "/invoices/{number}", {
        "type": "AWS", "uri": service_uri("dynamodb:action/GetItem"),
        "requestTemplates": {"application/json":
                             '{"TableName": "Invoices", "Key": {"number": {"S": "$input.params(\'number\')"}}}'},
    }, {"200": {"responseTemplates": {"application/json": template}}})
    boto("s3").create_bucket(Bucket="files")
    path = {"integration.request.path.key": "method.request.path.key",
            "integration.request.header.Content-Type": "method.request.header.Content-Type"}
    seen = {"method.request.path.key": True, "method.request.header.Content-Type": False}
    uri = service_uri("s3:path/files/{key}")
    headers = {"method.response.header.Content-Type": "integration.response.header.Content-Type",
               "method.response.header.ETag": "integration.response.header.ETag"}
    for verb in ("PUT", "GET"):
        fresh.method(verb, "/files/{key}", {"type": "AWS", "integrationHttpMethod": verb, "uri": uri,
                                            "requestParameters": path},
                     {"200": {"responseParameters": headers}, "404": {"selectionPattern": "404"}},
                     requestParameters=seen)
    fresh.deploy()
    assert fresh.json("GET", "/invoices/536365") == (200, {
        "number": "536365", "total": 139.12, "lines": [{"sku": "85123A", "n": 6}, {"sku": "71053", "n": 2}]})
    assert fresh.json("GET", "/invoices/1") == (404, {"message": "no such invoice"})
    assert fresh.ask("PUT", "/files/a%20b.txt", "hello", {"Content-Type": "text/plain"})[0] == 200
    assert boto("s3").get_object(Bucket="files", Key="a b.txt")["Body"].read() == b"hello"
    status, headers, body = fresh.ask("GET", "/files/a%20b.txt")
    assert (status, headers["Content-Type"], body) == (200, "text/plain", b"hello")
    assert fresh.ask("GET", "/files/none")[0] == 404


# -- URLs -----------------------------------------------------------------------------------------------------


@pytest.fixture
def upstream():
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith("/slow"):
                over.wait()
            said = json.dumps({"path": self.path, "verb": self.command, "body": body.decode(),
                               "headers": dict(self.headers)}).encode()
            self.send_response(418 if "teapot" in self.path else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Upstream", "yes")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_PUT = do_POST

        def log_message(self, *_):
            pass

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{listening.server_port}"
    over.set()
    listening.shutdown()


def test_urls_behind_an_api(server_factory, upstream):
    server = server_factory(auth="off", extra=["--outbound-allow", upstream])
    api = RestApi(server)
    api.method("ANY", "/pass/{proxy+}", {
        "type": "HTTP_PROXY", "integrationHttpMethod": "ANY", "uri": f"http://{upstream}/up/{{proxy}}",
        "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy",
                              "integration.request.header.X-Added": "'here'"},
    }, requestParameters={"method.request.path.proxy": True})
    api.method("POST", "/slow", {"type": "HTTP", "uri": f"http://{upstream}/slow", "timeoutInMillis": 500}, {"200": {}})
    api.method("POST", "/mapped", {
        "type": "HTTP", "uri": f"http://{upstream}/${{stageVariables.where}}",
        "requestTemplates": {"application/json": '{"wrapped": $input.json("$")}#set($context.requestOverride.querystring.q = "1")'},
    }, {"200": {}, "400": {"selectionPattern": "4\\d{2}", "responseTemplates": {"application/json": '{"up": $input.json("$.verb")}'}}})
    api.deploy(variables={"where": "teapot"})
    status, headers, body = api.ask("PUT", "/pass/a/b%20c?x=1&x=2", "hi", {"X-Mine": "m", "Content-Type": "text/plain"})
    said = json.loads(body)
    assert (status, headers["X-Upstream"], said["verb"], said["path"]) == (200, "yes", "PUT", "/up/a/b%20c?x=1&x=2")
    assert said["body"] == "hi" and said["headers"]["x-mine"] == "m" and said["headers"]["x-added"] == "here"
    assert api.ask("GET", "/pass/teapot")[0] == 418
    assert api.json("POST", "/mapped", {"a": 1}) == (400, {"up": "POST"})
    api.client.update_stage(restApiId=api.id, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/variables/where", "value": "other"}])
    said = api.json("POST", "/mapped", {"a": 1})[1]
    assert said["path"] == "/other?q=1" and json.loads(said["body"]) == {"wrapped": {"a": 1}}
    assert api.json("POST", "/slow", {}) == (504, {"message": "Endpoint request timed out"})


def test_a_path_parameter_stays_in_its_place(server_factory, upstream):
    server = server_factory(auth="off", extra=["--outbound-allow", upstream])
    api = RestApi(server)
    named = {"integration.request.path.id": "method.request.path.id"}
    rest = {"integration.request.path.rest": "method.request.path.rest"}
    api.method("GET", "/items/{id}", {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "requestParameters": named,
                                      "uri": f"http://{upstream}/public/{{id}}/shown"},
               requestParameters={"method.request.path.id": True})
    api.method("GET", "/all/{rest+}", {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "requestParameters": rest,
                                       "uri": f"http://{upstream}/public/{{rest}}"},
               requestParameters={"method.request.path.rest": True})
    api.method("GET", "/mapped/{id}", {"type": "HTTP", "integrationHttpMethod": "GET", "requestParameters": named,
                                       "uri": f"http://{upstream}/public/{{id}}"}, {"200": {}},
               requestParameters={"method.request.path.id": True})
    api.deploy()

    def reached(path):
        status, said = api.json("GET", path)
        return said["path"] if status == 200 else status

    assert reached("/items/a%2Fb") == "/public/a%2Fb/shown", "a slash of the value is none of the path"
    assert reached("/items/a%3Fq=1%23x") == "/public/a%3Fq%3D1%23x/shown"
    assert reached("/mapped/a%2Fb%20c") == "/public/a%2Fb%20c"
    assert reached("/all/a/b%2Fc/d%20e") == "/public/a/b%2Fc/d%20e", "the rest keeps its own slashes"
    assert reached("/items/a..b") == "/public/a..b/shown"
    for path in ("/items/..", "/items/%2e%2e", "/items/..%2Fadmin", "/items/..%5Cadmin", "/items/%252e%252e%252fadmin",
                 "/items/.", "/mapped/..%2Fadmin", "/all/../admin", "/all/a/%2e%2e/%2e%2e/admin", "/all/..%2F..%2Fadmin"):
        assert reached(path) == 400, path


def test_a_slow_host_does_not_starve_the_others(server_factory, upstream):
    held, release = threading.Semaphore(0), threading.Event()

    class Slow(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            held.release()
            release.wait(60)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    class Listening(http.server.ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    slow = Listening(("127.0.0.1", 0), Slow)
    threading.Thread(target=slow.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{slow.server_port}"
    server = server_factory(auth="off", extra=["--outbound-allow", f"{upstream},{address}"])
    api = RestApi(server)
    for path, host in (("/slow", address), ("/quick", upstream)):
        api.method("GET", path, {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": f"http://{host}/"})
    api.deploy()
    waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(70)]
    try:
        for each in waiting:
            each.sendall(f"GET /restapis/{api.id}/prod/_user_request_/slow HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        for _ in range(16):
            assert held.acquire(timeout=20)
        while held.acquire(timeout=1):  # as many as are let through
            pass
        assert api.ask("GET", "/quick")[0] == 200
        assert not select.select(waiting, [], [], 0)[0], "while none of the slow ones is over"
        release.set()
        for each in waiting:
            assert each.recv(9) == b"HTTP/1.1 "
    finally:
        release.set()
        for each in waiting:
            each.close()
        slow.shutdown()
        slow.server_close()


def test_a_url_that_only_the_server_can_reach_is_not_called(fresh):
    uri = f"http://127.0.0.1:{fresh.server.port}/_millrace/health"
    fresh.method("GET", "/inside", {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": uri}).deploy()
    assert fresh.json("GET", "/inside") == (500, {"message": "Internal server error"})


# -- other clients --------------------------------------------------------------------------------------------


def test_curl_and_the_javascript_sdk(fresh, node):
    fresh.mock("POST", "/hello/{name}", '{"hello": "$input.params(\'name\')", "agent": "$context.identity.userAgent"}')
    fresh.method("POST", "/records", {
        "type": "AWS", "uri": service_uri("kinesis:action/PutRecord"), "requestTemplates": {"application/json":
            '{"StreamName": "hellos", "PartitionKey": "1", "Data": "$util.base64Encode($input.json(\'$\'))"}'},
    }, {"200": {}}).deploy()
    url = f"http://{fresh.id}.execute-api.localhost:{fresh.server.port}/prod/hello/ada"
    said = json.loads(subprocess.run(
        ["curl", "-sS", "--resolve", f"{fresh.id}.execute-api.localhost:{fresh.server.port}:127.0.0.1", "-d", "{}",
         "-H", "Content-Type: application/json", url], check=True, capture_output=True, timeout=30).stdout)
    assert said["hello"] == "ada" and said["agent"].startswith("curl/")
    made = node("""
        const { KinesisClient, CreateStreamCommand, DescribeStreamCommand, GetShardIteratorCommand, GetRecordsCommand } =
            require("@aws-sdk/client-kinesis");
        const kinesis = new KinesisClient({ endpoint, region: 'us-east-1' });
        await kinesis.send(new CreateStreamCommand({ StreamName: "hellos", ShardCount: 1 }));
        const answer = await fetch(argument, { method: "POST", body: '{"from": "node"}',
                                                headers: { "Content-Type": "application/json" } });
        const { StreamDescription } = await kinesis.send(new DescribeStreamCommand({ StreamName: "hellos" }));
        const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand({
            StreamName: "hellos", ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON" }));
        const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
        return { status: answer.status, records: Records.map((each) => Buffer.from(each.Data).toString()) };
    """, f"http://127.0.0.1:{fresh.server.port}/restapis/{fresh.id}/prod/_user_request_/records")
    assert made == {"status": 200, "records": ['{"from":"node"}']}


def test_a_binary_body_reaches_its_function_in_base64(server, boto):
    api = RestApi(server, binaryMediaTypes=["application/octet-stream"])
    create(boto("lambda"), "bytes", "import base64\ndef handler(event, context):\n"
                                    "    got = base64.b64decode(event['body']) if event['isBase64Encoded'] else None\n"
                                    "    return {'statusCode': 200, 'body': repr(got)}\n")
    api.proxy("POST", "/b", "bytes").deploy()
    body = bytes(range(256))
    assert api.ask("POST", "/b", body, {"Content-Type": "application/octet-stream"})[2].decode() == repr(body)
