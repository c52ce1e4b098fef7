"""Function URLs: http://ID.lambda-url.REGION.localhost:PORT/ by the Host header, payload format 2.0."""

import base64
import http.client
import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from support.functions import create

ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture
def functions(boto):
    return boto("lambda")


@pytest.fixture
def ask(server):
    def send(url, method="GET", path="/", body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request(method, path, body=body, headers={"Host": url.split("/")[2], **(headers or {})})
        answer = connection.getresponse()
        return answer, answer.read()

    return send


def test_the_event_says_all_of_the_request(functions, ask):
    create(functions, "echo", ECHO)
    made = functions.create_function_url_config(FunctionName="echo", AuthType="NONE")
    assert made["AuthType"] == "NONE" and ".lambda-url.us-east-1.localhost:" in made["FunctionUrl"]
    answer, body = ask(made["FunctionUrl"], "POST", "/a%20b/c?x=1&x=2&y=%C3%BC", "text body",
                       {"Content-Type": "text/plain", "Cookie": "one=1; two=2", "X-Own": "v"})
    event = json.loads(body)
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/a b/c", "x=1&x=2&y=%C3%BC")
    assert event["queryStringParameters"] == {"x": "1,2", "y": "ü"} and event["cookies"] == ["one=1", "two=2"]
    assert event["body"] == "text body" and event["isBase64Encoded"] is False and event["headers"]["x-own"] == "v"
    http_part = event["requestContext"]["http"]
    assert (http_part["method"], http_part["sourceIp"]) == ("POST", "127.0.0.1")
    _, body = ask(made["FunctionUrl"], "PUT", "/", b"\x00\xff", {"Content-Type": "application/octet-stream"})
    event = json.loads(body)
    assert event["isBase64Encoded"] is True and base64.b64decode(event["body"]) == b"\x00\xff"


def test_answers_are_what_the_function_says(functions, ask):
    source = """
import base64
def handler(event, context):
    path = event['rawPath']
    if path == '/made':
        return {'statusCode': 201, 'headers': {'X-Made': 'yes', 'Content-Type': 'text/html'}, 'cookies': ['a=1; Path=/', 'b=2'], 'body': '<p>'}
    if path == '/bytes':
        return {'statusCode': 200, 'body': base64.b64encode(b'\\x00\\x01').decode(), 'isBase64Encoded': True}
    if path == '/text':
        return 'plain'
    if path == '/split':
        return {'statusCode': 200, 'headers': {'x': 'a\\r\\nSet-Cookie: no'}, 'body': ''}
    if path == '/status':
        return {'statusCode': 7}
    raise ValueError('no')
"""
    create(functions, "answers", source)
    url = functions.create_function_url_config(FunctionName="answers", AuthType="NONE")["FunctionUrl"]
    answer, body = ask(url, path="/made")
    assert (answer.status, answer.headers["x-made"], answer.headers["content-type"], body) == (201, "yes", "text/html", b"<p>")
    assert answer.headers.get_all("set-cookie") == ["a=1; Path=/", "b=2"]
    assert ask(url, path="/bytes")[1] == b"\x00\x01"
    assert ask(url, path="/text")[1] == b"plain"
    for path in ("/split", "/status", "/raises"):
        answer, body = ask(url, path=path)
        assert answer.status == 502 and json.loads(body) == {"Message": "Internal Server Error"}


def test_iam_wants_a_signature_of_the_owner(functions, ask, server):
    create(functions, "signed", ECHO)
    url = functions.create_function_url_config(FunctionName="signed", AuthType="AWS_IAM")["FunctionUrl"]
    answer, body = ask(url)
    assert answer.status == 403 and json.loads(body) == {"Message": "Forbidden"}

    def sign(service, secret):
        request = botocore.awsrequest.AWSRequest("POST", url + "x", data=b"{}", headers={"Content-Type": "application/json"})
        keys = botocore.credentials.Credentials(server.access_key, secret)
        botocore.auth.SigV4Auth(keys, service, "us-east-1").add_auth(request)
        return dict(request.headers)

    answer, body = ask(url, "POST", "/x", b"{}", sign("lambda", server.secret_key))
    assert answer.status == 200
    assert json.loads(body)["requestContext"]["authorizer"]["iam"]["accountId"] == "000000000000"
    assert ask(url, "POST", "/x", b"{}", sign("lambda", "wrong"))[0].status == 403
    assert ask(url, "POST", "/x", b"{}", sign("s3", server.secret_key))[0].status == 403
    assert ask(url, "POST", "/x", b"changed", sign("lambda", server.secret_key))[0].status == 403


def test_cors_is_answered_and_added(functions, ask):
    create(functions, "cors", "def handler(e, c):\n    return {'statusCode': 200, 'headers': {'access-control-allow-origin': 'x'}, 'body': 'b'}\n")
    url = functions.create_function_url_config(
        FunctionName="cors", AuthType="NONE",
        Cors={"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "AllowHeaders": ["x-one"],
              "ExposeHeaders": ["x-two"], "AllowCredentials": True, "MaxAge": 60})["FunctionUrl"]
    answer, body = ask(url, "OPTIONS", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
    assert answer.status == 200 and body == b""
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert answer.headers["access-control-allow-methods"] == "GET" and answer.headers["access-control-max-age"] == "60"
    answer, _ = ask(url, headers={"Origin": "https://a.example"})
    assert answer.headers.get_all("access-control-allow-origin") == ["https://a.example"]
    assert answer.headers["access-control-expose-headers"] == "x-two"
    assert "access-control-allow-origin" not in ask(url, headers={"Origin": "https://other.example"})[0].headers


def test_a_url_is_its_aliases_until_it_is_deleted(functions, ask):
    create(functions, "owner", "def handler(e, c):\n    return c.function_version\n")
    functions.publish_version(FunctionName="owner")
    functions.create_alias(FunctionName="owner", Name="live", FunctionVersion="1")
    url = functions.create_function_url_config(FunctionName="owner", Qualifier="live", AuthType="NONE")["FunctionUrl"]
    assert ask(url)[1] == b"1"
    assert functions.update_function_url_config(FunctionName="owner", Qualifier="live", AuthType="AWS_IAM")["FunctionUrl"] == url
    assert ask(url)[0].status == 403
    assert [one["FunctionUrl"] for one in functions.list_function_url_configs(FunctionName="owner")["FunctionUrlConfigs"]] == [url]
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.create_function_url_config(FunctionName="owner", Qualifier="live", AuthType="NONE")
    functions.delete_function_url_config(FunctionName="owner", Qualifier="live")
    assert ask(url)[0].status == 403
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_url_config(FunctionName="owner", Qualifier="live")
