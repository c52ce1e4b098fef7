"""Header fields on their way: functions, authorizers and templates see the same names, and hear nothing of the
client's connection; neither does a URL behind the API."""

import http.server
import json
import threading

import pytest

from support.clients import Curl
from support.functions import create
from support.rest_api import RestApi, function_uri
from support.server import Server

ECHO = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"
OF_THE_CONNECTION = {"Expect", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Upgrade"}


@pytest.fixture(scope="module")
def server(binary, module_path):
    running = Server(module_path, binary, extra=["--outbound-allow", "127.0.0.1"])
    running.start()
    create(running.client("lambda"), "echo", ECHO)
    yield running
    running.finish()


@pytest.fixture
def api(server):
    return RestApi(server)


@pytest.fixture
def large(tmp_path):
    """So large that curl asks first whether it may send it: Expect: 100-continue."""
    path = tmp_path / "large"
    path.write_bytes(b"x" * 1_100_000)
    return ["--data-binary", f"@{path}", "-H", "Content-Type: text/plain"]


def url(api, path):
    return f"/restapis/{api.id}/prod/_user_request_{path}"


def test_an_authorizer_reads_them_alike(api, curl, boto):
    create(boto("lambda"), f"door-{api.id}", """
def handler(event, context):
    allowed = event['headers'].get('X-Auth') == 'yes' and event['multiValueHeaders']['X-Two'] == ['1', '2']
    return {'principalId': 'p', 'policyDocument': {'Version': '2012-10-17', 'Statement': [
        {'Action': 'execute-api:Invoke', 'Effect': 'Allow' if allowed else 'Deny', 'Resource': event['methodArn']}]}}
""")
    door = api.client.create_authorizer(restApiId=api.id, name="door", type="REQUEST", authorizerResultTtlInSeconds=0,
                                        authorizerUri=function_uri(f"door-{api.id}"),
                                        identitySource="method.request.header.X-Auth")["id"]
    api.mock("GET", "/", "{}", authorizationType="CUSTOM", authorizerId=door).deploy()
    two = ["-H", "x-two: 1", "-H", "X-Two: 2"]
    assert [curl(url(api, "/"), "-H", f"X-Auth: {said}", *two)[0] for said in ("yes", "no")] == [200, 403]


def test_what_is_of_the_connection_ends_at_the_gateway(api, curl, boto, large):
    api.proxy("ANY", "/f", "echo").deploy()
    v2 = boto("apigatewayv2").create_api(Name="shop", ProtocolType="HTTP",
                                         Target="arn:aws:lambda:us-east-1:000000000000:function:echo")["ApiEndpoint"]
    chunked = ["-d", "hello", "-H", "Transfer-Encoding: chunked", "-H", "Connection: keep-alive, TE", "-H", "TE: trailers"]
    for where in (url(api, "/f"), f"{v2}/f"):
        for sent, body in ((large, "x" * 1_100_000), (chunked, "hello")):
            status, event = curl(where, "-H", "Content-Type: text/plain", *sent)
            assert (status, event["body"]) == (200, body)
            assert not {name.lower() for name in OF_THE_CONNECTION} & {name.lower() for name in event["headers"]}


def test_a_url_behind_an_api_is_not_asked_to_continue(api, server, large):
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((len(body), self.headers["Expect"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    api.method("POST", "/", {"type": "HTTP_PROXY", "integrationHttpMethod": "POST",
                             "uri": f"http://127.0.0.1:{site.server_port}/"}).deploy()
    answer = Curl(server)(url(api, "/"), *large)
    site.shutdown()
    site.server_close()
    assert (answer, seen) == ((200, {}), [(1_100_000, None)])
