"""Validation, mapping templates and gateway responses of REST APIs, over mocks."""

import gzip
import json
import socket
import time

import pytest

from support.functions import create
from support.rest_api import RestApi, ask, function_uri


@pytest.fixture
def fresh(server):
    return RestApi(server)


def validator(api, **what):
    return api.client.create_request_validator(restApiId=api.id, name="checks", **what)["id"]


def test_requests_are_held_against_parameters_and_models(fresh):
    client = fresh.client
    client.create_model(restApiId=fresh.id, name="Item", contentType="application/json", schema=json.dumps(
        {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string", "pattern": "^[A-Z0-9]+$"},
                                                              "n": {"type": "integer", "minimum": 1}}}))
    item = f"https://apigateway.amazonaws.com/restapis/{fresh.id}/models/Item"
    client.create_model(restApiId=fresh.id, name="Order", contentType="application/json", schema=json.dumps(
        {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["id", "items"],
         "additionalProperties": False,
         "properties": {"id": {"type": "string"}, "items": {"type": "array", "minItems": 1, "items": {"$ref": item}}}}))
    checks = validator(fresh, validateRequestBody=True, validateRequestParameters=True)
    fresh.mock("POST", "/orders", '{"ok": true}', requestValidatorId=checks, requestModels={"application/json": "Order"},
               requestParameters={"method.request.header.X-Shop": True, "method.request.querystring.day": True})
    client.put_gateway_response(restApiId=fresh.id, responseType="BAD_REQUEST_BODY", statusCode="422",
                                responseParameters={"gatewayresponse.header.X-Why": "'schema'"},
                                responseTemplates={"application/json": '{"message": $context.error.messageString, '
                                                                       '"why": "$context.error.validationErrorString"}'})
    fresh.deploy()
    good = {"id": "1", "items": [{"sku": "A1", "n": 2}]}
    shop = {"X-Shop": "s"}
    assert fresh.json("POST", "/orders?day=1", good, shop) == (200, {"ok": True})
    status, headers, body = fresh.ask("POST", "/orders", good)
    assert status == 400 and headers["x-amzn-ErrorType"] == "BadRequestException"
    assert json.loads(body) == {"message": "Missing required request parameters: [X-Shop, day]"}
    for bad in ({"id": "1", "items": []}, {"id": "1"}, {"id": "1", "items": [{"sku": "a"}]}, {**good, "x": 1}, [],
                {"id": "1", "items": [{"sku": "A", "n": 0}]}):
        status, headers, body = fresh.ask("POST", "/orders?day=1", bad, shop)
        assert status == 422 and headers["X-Why"] == "schema" and b'"Invalid request body"' in body, bad
    status, _, body = fresh.ask("POST", "/orders?day=1", "{broken", {**shop, "Content-Type": "application/json"})
    assert status == 422
    # A type that no model is for is not held against one: it reaches the mock, whose request it can not be.
    assert fresh.ask("POST", "/orders?day=1", "x=1", {**shop, "Content-Type": "application/x-www-form-urlencoded"})[0] == 500


def test_templates_see_the_request_and_bend_the_answer(fresh, boto):
    template = """
#set($body = $input.path('$'))
#macro(row $o){"sku": "$o.sku", "n": $o.n}#end
#set($context.responseOverride.header.X-Count = "$body.items.size()")
#if($body.items.size() > 1)#set($context.responseOverride.status = 207)#end
{"rows": [#foreach($o in $body.items)#row($o)#if($foreach.hasNext), #end#end],
 "who": "$util.escapeJavaScript($input.params('X-Who'))", "variable": "$stageVariables.tier",
 "none": "$stageVariables.none$context.authorizer.principalId$input.params('none')",
 "id": "$context.requestId", "at": $context.requestTimeEpoch, "ip": "$context.identity.sourceIp",
 "url": "$util.urlEncode('a b&c')", "b64": "$util.base64Encode('Hi')", "method": "$context.httpMethod"}"""
    # A function that hands back what it is given shows what the request's template made.
    create(boto("lambda"), "same")
    fresh.method("POST", "/e", {"type": "AWS", "uri": function_uri("same"),
                                "requestTemplates": {"application/json": template}}, {"200": {}})
    fresh.deploy(variables={"tier": "gold"})
    status, headers, body = fresh.ask("POST", "/e", {"items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]},
                                      {"X-Who": 'me/"you"'})
    assert (status, headers["X-Count"]) == (207, "2"), body
    said = json.loads(body)
    assert said["rows"] == [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}] and said["who"] == 'me/"you"'
    assert (said["variable"], said["none"], said["ip"], said["method"]) == ("gold", "", "127.0.0.1", "POST")
    assert said["id"] == headers["x-amzn-RequestId"] and abs(said["at"] / 1000 - time.time()) < 60
    assert (said["url"], said["b64"]) == ("a+b%26c", "SGk=")


def test_a_mock_answers_by_status_and_templates_by_content_type(fresh):
    fresh.method("GET", "/m", {"type": "MOCK", "requestTemplates": {
        "application/json": '#if($input.params("fail") == "yes"){"statusCode": 503}#else{"statusCode": 200}#end'}},
        {"200": {"responseTemplates": {"application/json": '{"is": "json"}', "text/plain": "is text"},
                 "responseParameters": {"method.response.header.X-Id": "context.requestId",
                                        "method.response.header.X-Text": "'a, b'"}},
         "503": {"selectionPattern": "5..", "responseTemplates": {"application/json": '{"is": "down"}'}}})
    fresh.method("POST", "/never", {"type": "MOCK", "passthroughBehavior": "NEVER",
                                    "requestTemplates": {"application/json": '{"statusCode": 200}'}}, {"200": {}})
    fresh.method("POST", "/broken", {"type": "MOCK", "requestTemplates": {"application/json": "{}"}}, {"200": {}})
    fresh.deploy()
    status, headers, body = fresh.ask("GET", "/m")
    assert (status, body, headers["X-Text"]) == (200, b'{"is": "json"}', "a, b")
    assert headers["X-Id"] == headers["x-amzn-RequestId"]
    status, headers, body = fresh.ask("GET", "/m", headers={"Accept": "text/plain"})
    assert (headers["Content-Type"], body) == ("text/plain", b"is text")
    assert fresh.json("GET", "/m?fail=yes") == (503, {"is": "down"})
    assert fresh.ask("POST", "/never", {"a": 1})[0] == 200
    assert fresh.ask("POST", "/never", "<a/>", {"Content-Type": "application/xml"})[::2] == (
        415, b'{"message":"Unsupported Media Type"}')
    assert fresh.json("POST", "/broken", {}) == (500, {"message": "Internal server error"})


def test_what_has_no_value_prints_nothing(fresh):
    """What AWS answers: nothing for a reference without a value, null that equals "", and lists as JSON."""
    fresh.method("POST", "/none", {"type": "MOCK", "requestTemplates": {"application/json":
        '$context.requestOverride.querystring.put("x", "1"){"statusCode": 200}'}},
        {"200": {"responseTemplates": {"application/json": """#set($r = $input.path('$.none'))
#set($b = $util.parseJson('{"tags": [{"a": 1.0}], "who": {"b": 1}}'))
{"body": "$r$r.x$nobody", "null": #if($r == $null)true#{else}false#end, "empty": #if($r == "")true#{else}false#end,
 "absent": #if($input.path('$.gone'))true#{else}false#end, "tags": $b.tags, "who": "$b.who"}"""}}})
    # As AWS's CDK writes it for preflights.
    fresh.method("OPTIONS", "/none", {"type": "MOCK", "requestTemplates": {"application/json": "{ statusCode: 204 }"}},
                 {"204": {}})
    fresh.deploy()
    assert fresh.json("POST", "/none", {}) == (200, {
        "body": "", "null": True, "empty": True, "absent": False, "tags": [{"a": 1.0}], "who": "{b=1}"})
    assert fresh.ask("OPTIONS", "/none")[0] == 204


def test_a_template_that_loops_ends_with_awss_error(fresh):
    fresh.mock("GET", "/loop", "#foreach($i in [1..900])#foreach($j in [1..900])#foreach($k in [1..900])x#end#end#end")
    fresh.mock("GET", "/long", "#set($a = 'xxxxxxxxxxxxxxxx')#foreach($i in [1..40])#set($a = \"$a$a\")#end$a")
    fresh.mock("GET", "/deep", "#macro(m)#m()#end#m()")
    fresh.deploy()
    for path in ("/loop", "/long", "/deep"):
        assert fresh.json("GET", path) == (500, {"message": "Internal server error"}), path


def test_gateway_responses_are_their_owners(fresh):
    fresh.mock("GET", "/a")
    fresh.client.put_gateway_response(restApiId=fresh.id, responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404",
                                      responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
                                                          "gatewayresponse.header.X-Path": "context.path"},
                                      responseTemplates={"application/json": '{"nothing at": "$context.path"}'})
    fresh.deploy()
    status, headers, body = fresh.ask("GET", "/none")
    assert (status, json.loads(body)) == (404, {"nothing at": "/prod/none"})
    assert headers["Access-Control-Allow-Origin"] == "*" and headers["X-Path"] == "/prod/none"


def test_large_and_small_bodies(server):
    api = RestApi(server, minimumCompressionSize=100)
    api.mock("POST", "/b", "#foreach($i in [1..200])line $i #end")
    api.deploy()
    status, headers, body = api.ask("POST", "/b", {}, {"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip") and gzip.decompress(body).startswith(b"line 1 line 2 ")
    status, headers, body = api.ask("POST", "/b", {})
    assert "Content-Encoding" not in headers and body.startswith(b"line 1")
    status, _, body = api.ask("POST", "/b", b"x" * (10 * 1024 * 1024 + 1), {"Content-Type": "application/json"})
    assert (status, json.loads(body)) == (413, {"message": "Request Entity Too Large"})


@pytest.mark.parametrize("tricky", [
    b"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    b"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    b"POST {path} HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c: d\r\nContent-Length: 2\r\n\r\n{}",
    b"POST {path} HTTP/1.1\nHost: a\nContent-Length: 2\n\n{}",
    b"POST {path} HTTP/1.1\r\nHost: a\r\nX-A : b\r\nContent-Length: 2\r\n\r\n{}",
], ids=["length and chunked", "two lengths", "folded header", "bare LF", "blank before the colon"])
def test_smuggled_requests_are_refused(server, tricky):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(tricky.replace(b"{path}", b"/restapis/a/b/_user_request_/c"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")


def test_paths_mean_what_they_say(fresh):
    fresh.mock("GET", "/files/{name}", "$input.params('name')")
    fresh.deploy()
    base = f"/restapis/{fresh.id}/prod/_user_request_"
    port = fresh.server.port
    assert ask(port, "GET", f"{base}/files/..%2f..%2fsecret")[::2] == (200, b"../../secret")
    assert ask(port, "GET", f"{base}/files/../secret")[0] == 403, "dots are a name like any other"
    assert ask(port, "GET", f"{base}//files/x")[0] == 403
    assert ask(port, "GET", f"{base}/files/a%00b")[0] in (200, 400)
    assert ask(port, "GET", f"{base}/files/%zz")[::2] == (200, b"%zz")
