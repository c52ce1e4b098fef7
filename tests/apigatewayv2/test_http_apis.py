"""HTTP APIs: boto3 sets them up, plain HTTP asks them at http://ID.execute-api.localhost:PORT/ by the Host header."""

import base64
import http.client
import http.server
import json
import threading
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from support.functions import create
from support.waiting import eventually

ROLE = "arn:aws:iam::000000000000:role/gateway"


def function_arn(name):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


SERVER_OPTIONS = ["--outbound-allow", "127.0.0.1"]


@pytest.fixture
def apis(boto):
    return boto("apigatewayv2")


@pytest.fixture(scope="module")
def functions(server):
    client = server.client("lambda")
    create(client, "echo")
    create(client, "answers", """
import base64
def handler(event, context):
    path = event.get('rawPath') or event['path']
    if path == '/made':
        return {'statusCode': '201', 'headers': {'X-Made': 'yes'}, 'cookies': ['a=1', 'b=2'], 'body': 'made'}
    if path == '/multi':
        return {'statusCode': 200, 'multiValueHeaders': {'X-Many': ['1', '2']}, 'body': base64.b64encode(b'\\x00\\x01').decode(), 'isBase64Encoded': True}
    if path == '/slow':
        import time; time.sleep(5)
    if path == '/no':
        raise ValueError('no')
    return {'plain': True}
""")
    return client


@pytest.fixture
def ask(server):
    def send(api, method="GET", path="/", body=None, headers=None, host=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        host = host or f"{api}.execute-api.localhost:{server.port}"
        connection.request(method, path, body=body, headers={"Host": host, **(headers or {})})
        answer = connection.getresponse()
        return answer, answer.read()

    return send


def make(apis, target=None, key="$default", stage="$default", name="shop", **route):
    """An API with one route to a function and a stage that deploys by itself; returns its id."""
    api = apis.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    if target:
        integration = apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function_arn(target),
                                              PayloadFormatVersion="2.0")["IntegrationId"]
        apis.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration}", **route)
    apis.create_stage(ApiId=api, StageName=stage, AutoDeploy=True)
    return api


def test_quick_create_serves_a_function_at_once(apis, functions, ask, server):
    made = apis.create_api(Name="quick", ProtocolType="HTTP", Target=function_arn("echo"))
    assert made["ApiEndpoint"] == f"http://{made['ApiId']}.execute-api.localhost:{server.port}"
    answer, body = ask(made["ApiId"], "POST", "/a%20b?x=1&x=2", "text", {"Content-Type": "text/plain", "Cookie": "a=1; b=2"})
    event = json.loads(body)
    assert answer.status == 200 and answer.headers["apigw-requestid"]
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/a b")
    assert event["queryStringParameters"] == {"x": "1,2"} and event["cookies"] == ["a=1", "b=2"] and event["body"] == "text"
    assert event["requestContext"]["apiId"] == made["ApiId"] and event["requestContext"]["accountId"] == "000000000000"
    stage = apis.get_stage(ApiId=made["ApiId"], StageName="$default")
    assert stage["AutoDeploy"] and stage["ApiGatewayManaged"]


def test_routes_are_chosen_by_how_specific_they_are(apis, functions, ask):
    api = make(apis, "echo", "GET /orders/{id}")
    target = apis.get_routes(ApiId=api)["Items"][0]["Target"]
    for key in ("ANY /{proxy+}", "GET /orders/new"):
        apis.create_route(ApiId=api, RouteKey=key, Target=target)
    seen = {path: json.loads(ask(api, path=path)[1]) for path in ("/orders/17", "/orders/new", "/else/where")}
    assert [event["routeKey"] for event in seen.values()] == ["GET /orders/{id}", "GET /orders/new", "ANY /{proxy+}"]
    assert seen["/orders/17"]["pathParameters"] == {"id": "17"} and seen["/else/where"]["pathParameters"] == {"proxy": "else/where"}
    answer, body = ask(api, path="/")
    assert (answer.status, body) == (404, b'{"message":"Not Found"}')
    with pytest.raises(apis.exceptions.ConflictException):
        apis.create_route(ApiId=api, RouteKey="GET /orders/{other}")
    with pytest.raises(apis.exceptions.BadRequestException):
        apis.create_route(ApiId=api, RouteKey="orders")


def test_stages_have_paths_variables_and_deployments(apis, functions, ask):
    api = apis.create_api(Name="staged", ProtocolType="HTTP")["ApiId"]
    integration = apis.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", PayloadFormatVersion="2.0",
        IntegrationUri="arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.name}")["IntegrationId"]
    apis.create_route(ApiId=api, RouteKey="GET /x", Target=f"integrations/{integration}")
    apis.create_stage(ApiId=api, StageName="prod", StageVariables={"name": "echo"})
    assert ask(api, path="/prod/x")[0].status == 404  # nothing is deployed
    first = apis.create_deployment(ApiId=api, StageName="prod", Description="first")["DeploymentId"]
    event = json.loads(ask(api, path="/prod/x")[1])
    assert event["requestContext"]["stage"] == "prod" and event["stageVariables"] == {"name": "echo"}
    assert event["rawPath"] == "/prod/x"
    apis.create_route(ApiId=api, RouteKey="GET /y", Target=f"integrations/{integration}")
    assert ask(api, path="/prod/y")[0].status == 404  # the deployment is a snapshot
    apis.create_deployment(ApiId=api, StageName="prod")
    assert ask(api, path="/prod/y")[0].status == 200
    apis.update_stage(ApiId=api, StageName="prod", DeploymentId=first)
    assert ask(api, path="/prod/y")[0].status == 404
    with pytest.raises(apis.exceptions.BadRequestException):
        apis.delete_deployment(ApiId=api, DeploymentId=first)


def test_answers_of_both_payload_formats(apis, functions, ask):
    api = make(apis, "answers")
    answer, body = ask(api, path="/made")
    assert (answer.status, answer.headers["x-made"], body) == (201, "yes", b"made")
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert json.loads(ask(api, path="/inferred")[1]) == {"plain": True}
    answer, body = ask(api, path="/no")
    assert (answer.status, body) == (500, b'{"message":"Internal Server Error"}')
    integration = apis.get_integrations(ApiId=api)["Items"][0]["IntegrationId"]
    apis.update_integration(ApiId=api, IntegrationId=integration, PayloadFormatVersion="1.0")
    answer, body = ask(api, path="/multi")
    assert answer.headers.get_all("x-many") == ["1", "2"] and body == b"\x00\x01"
    assert ask(api, path="/inferred")[0].status == 500  # format 1.0 infers nothing
    apis.update_integration(ApiId=api, IntegrationId=integration, TimeoutInMillis=500)
    answer, body = ask(api, path="/slow")
    assert (answer.status, body) == (503, b'{"message":"Service Unavailable"}')
    apis.update_integration(ApiId=api, IntegrationId=integration, IntegrationUri=function_arn("echo"), TimeoutInMillis=30_000)
    assert ask(api, path="/x")[0].status == 500  # an event is no answer of format 1.0


def test_a_browsers_preflight_is_answered_by_the_gateway(apis, functions, ask):
    api = make(apis, "answers", "POST /made", AuthorizationType="AWS_IAM")
    apis.update_api(ApiId=api, CorsConfiguration={
        "AllowOrigins": ["https://shop.example"], "AllowMethods": ["POST", "GET"], "AllowHeaders": ["content-type"],
        "ExposeHeaders": ["x-made"], "AllowCredentials": True, "MaxAge": 600})
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "content-type"}
    answer, body = ask(api, "OPTIONS", "/made", headers=asked)
    assert answer.status == 204 and body == b""
    got = {name[len("access-control-"):]: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert got == {"allow-origin": "https://shop.example", "allow-methods": "POST,GET", "allow-headers": "content-type",
                   "allow-credentials": "true", "expose-headers": "x-made", "max-age": "600"}
    answer, _ = ask(api, "OPTIONS", "/made", headers={**asked, "Origin": "https://evil.example"})
    assert answer.status == 204 and "access-control-allow-origin" not in answer.headers
    answer, _ = ask(api, "POST", "/made", headers={"Origin": "https://shop.example"})  # refused, but readable
    assert answer.status == 403 and answer.headers["access-control-allow-origin"] == "https://shop.example"
    with pytest.raises(apis.exceptions.BadRequestException):
        apis.update_api(ApiId=api, CorsConfiguration={"AllowOrigins": ["*"], "AllowCredentials": True})
    apis.delete_cors_configuration(ApiId=api)
    assert ask(api, "OPTIONS", "/made", headers=asked)[0].status == 404


def test_iam_wants_a_signature_of_the_owner(apis, functions, ask, server):
    api = make(apis, "echo", "GET /orders", AuthorizationType="AWS_IAM")
    assert ask(api, path="/orders")[0].status == 403
    host = f"{api}.execute-api.localhost:{server.port}"
    request = botocore.awsrequest.AWSRequest("GET", f"http://{host}/orders", headers={"Host": host})
    keys = botocore.credentials.Credentials(server.access_key, server.secret_key)
    botocore.auth.SigV4Auth(keys, "execute-api", "us-east-1").add_auth(request)
    answer, body = ask(api, path="/orders", headers=dict(request.headers))
    assert answer.status == 200
    assert json.loads(body)["requestContext"]["authorizer"]["iam"]["accessKey"] == server.access_key


# --- tokens ---


class Issuer:
    """An OpenID issuer on a port of its own, with keys that tests sign with."""

    def __init__(self):
        self.keys = {"one": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.fetches = 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.fetches += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(issuer.page(self.path)).encode())

            def log_message(self, *arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/realm"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def page(self, path):
        if path.endswith("/openid-configuration"):
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        return {"keys": [{"kty": "RSA", "kid": kid, "use": "sig", "n": number(key.public_key().public_numbers().n),
                          "e": number(key.public_key().public_numbers().e)} for kid, key in self.keys.items()]}

    def token(self, kid="one", alg="RS256", key=None, **claims):
        said = {"iss": self.url, "aud": "shop", "exp": time.time() + 300, "sub": "someone", **claims}
        text = ".".join(url64(json.dumps(part).encode()) for part in ({"alg": alg, "kid": kid}, said))
        signature = (key or self.keys["one"]).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{url64(signature)}"


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return url64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@pytest.fixture(scope="module")
def issuer():
    made = Issuer()
    yield made
    made.http.shutdown()
    made.http.server_close()


def guarded(apis, issuer, **route):
    api = make(apis)
    authorizer = apis.create_authorizer(
        ApiId=api, AuthorizerType="JWT", Name="tokens", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer.url, "Audience": ["shop"]})["AuthorizerId"]
    integration = apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function_arn("echo"),
                                          PayloadFormatVersion="2.0")["IntegrationId"]
    apis.create_route(ApiId=api, RouteKey="GET /orders", Target=f"integrations/{integration}", AuthorizationType="JWT",
                      AuthorizerId=authorizer, **route)
    return api


def test_a_token_of_the_issuer_opens_the_route(apis, functions, ask, issuer):
    api = guarded(apis, issuer)
    answer, body = ask(api, path="/orders", headers={"Authorization": "Bearer " + issuer.token(roles=["a", "b"])})
    assert answer.status == 200
    jwt = json.loads(body)["requestContext"]["authorizer"]["jwt"]
    assert jwt["claims"]["sub"] == "someone" and jwt["claims"]["roles"] == "[a b]" and jwt["scopes"] is None
    fetched = issuer.fetches
    for _ in range(20):
        assert ask(api, path="/orders", headers={"Authorization": issuer.token()})[0].status == 200
    assert issuer.fetches == fetched  # its keys are kept
    answer, body = ask(api, path="/orders")
    assert (answer.status, body) == (401, b'{"message":"Unauthorized"}')


@pytest.mark.parametrize("wrong", ["expired", "audience", "issuer", "kid", "key", "none", "changed"])
def test_a_wrong_token_does_not(apis, functions, ask, issuer, wrong):
    api = guarded(apis, issuer)
    good = issuer.token()
    token = {
        "expired": lambda: issuer.token(exp=time.time() - 3600),
        "audience": lambda: issuer.token(aud="another"),
        "issuer": lambda: issuer.token(iss="http://127.0.0.1:1/"),
        "kid": lambda: issuer.token(kid="unknown"),
        "key": lambda: issuer.token(key=rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        "none": lambda: issuer.token(alg="none").rsplit(".", 1)[0] + ".",
        "changed": lambda: ".".join([good.split(".")[0], url64(b'{"iss":"x","aud":"shop","exp":9999999999}'), good.split(".")[2]]),
    }[wrong]()
    answer, body = ask(api, path="/orders", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status, body) == (401, b'{"message":"Unauthorized"}')
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert ("valid audience" in answer.headers["www-authenticate"]) == (wrong == "audience")


def test_why_an_issuer_could_not_be_asked_is_nothing_for_strangers(apis, functions, ask, issuer, server):
    api = guarded(apis, issuer)
    authorizer = apis.get_authorizers(ApiId=api)["Items"][0]["AuthorizerId"]
    for where, said in (("http://127.0.0.1:1/none", "OIDC discovery endpoint communication error"),
                        ("http://10.1.2.3/none", "OIDC discovery endpoint communication error"),
                        (issuer.url + "nothing-here", "OIDC discovery endpoint communication error")):
        apis.update_authorizer(ApiId=api, AuthorizerId=authorizer, JwtConfiguration={"Issuer": where, "Audience": ["shop"]})
        answer, body = ask(api, path="/orders", headers={"Authorization": "Bearer " + issuer.token(iss=where)})
        assert (answer.status, body) == (401, b'{"message":"Unauthorized"}')
        assert answer.headers["www-authenticate"] == f'Bearer scope="" error="invalid_token" error_description="{said}"'
    assert "10.1.2.3" in server.log(), "the operator is told"


def test_scopes_of_a_route(apis, functions, ask, issuer):
    api = guarded(apis, issuer, AuthorizationScopes=["orders.read", "orders.all"])
    answer, _ = ask(api, path="/orders", headers={"Authorization": "Bearer " + issuer.token(scope="other")})
    assert answer.status == 403 and 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    answer, body = ask(api, path="/orders", headers={"Authorization": "Bearer " + issuer.token(scope="x orders.read")})
    assert answer.status == 200 and json.loads(body)["requestContext"]["authorizer"]["jwt"]["scopes"] == ["x", "orders.read"]


# --- authorizer functions ---


def test_a_function_decides_and_its_answer_is_kept(apis, functions, ask):
    create(functions, "door", """
import uuid
def handler(event, context):
    token = event['identitySource'][0]
    if token == 'broken':
        return 'x'
    if token == 'unknown':
        raise Exception('Unauthorized')
    return {'isAuthorized': token == 'open', 'context': {'call': str(uuid.uuid4()), 'route': event['routeKey'], 'type': event['type']}}
""")
    create(functions, "policies", """
def handler(event, context):
    effect = 'Allow' if event['authorizationToken'] == 'open' else 'Deny'
    return {'principalId': 'p', 'context': {'tenant': 't1'}, 'policyDocument': {'Version': '2012-10-17', 'Statement': [
        {'Effect': effect, 'Action': 'execute-api:Invoke', 'Resource': event['methodArn'].split('/')[0] + '/*/GET/*'}]}}
""")
    api = make(apis, "echo", "GET /open")
    target = apis.get_routes(ApiId=api)["Items"][0]["Target"]
    door = apis.create_authorizer(
        ApiId=api, AuthorizerType="REQUEST", Name="door", IdentitySource=["$request.header.X-Token"],
        AuthorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn('door')}/invocations",
        AuthorizerPayloadFormatVersion="2.0", EnableSimpleResponses=True, AuthorizerResultTtlInSeconds=300)["AuthorizerId"]
    policies = apis.create_authorizer(
        ApiId=api, AuthorizerType="REQUEST", Name="policies", IdentitySource=["$request.header.X-Token"],
        AuthorizerUri=function_arn("policies"), AuthorizerPayloadFormatVersion="1.0")["AuthorizerId"]
    apis.create_route(ApiId=api, RouteKey="GET /door", Target=target, AuthorizationType="CUSTOM", AuthorizerId=door)
    apis.create_route(ApiId=api, RouteKey="ANY /policies", Target=target, AuthorizationType="CUSTOM", AuthorizerId=policies)

    assert ask(api, path="/door")[0].status == 401
    assert ask(api, path="/door", headers={"X-Token": "shut"})[0].status == 403
    assert ask(api, path="/door", headers={"X-Token": "broken"})[0].status == 500
    assert ask(api, path="/door", headers={"X-Token": "unknown"})[0].status == 401
    seen = [json.loads(ask(api, path="/door", headers={"X-Token": "open"})[1])["requestContext"]["authorizer"]["lambda"]
            for _ in range(3)]
    assert seen[0] == seen[2] and seen[0]["route"] == "GET /door" and seen[0]["type"] == "REQUEST"
    apis.reset_authorizers_cache(ApiId=api, StageName="$default")
    again = json.loads(ask(api, path="/door", headers={"X-Token": "open"})[1])["requestContext"]["authorizer"]["lambda"]
    assert again["call"] != seen[0]["call"]

    answer, body = ask(api, path="/policies", headers={"X-Token": "open"})
    assert answer.status == 200 and json.loads(body)["requestContext"]["authorizer"]["lambda"] == {"tenant": "t1"}
    assert ask(api, "POST", "/policies", headers={"X-Token": "open"})[0].status == 403  # not in its policy
    assert ask(api, path="/policies", headers={"X-Token": "shut"})[0].status == 403
    with pytest.raises(apis.exceptions.ConflictException):
        apis.delete_authorizer(ApiId=api, AuthorizerId=door)


def test_a_changed_authorizer_is_asked_anew(apis, functions, ask):
    for name, answer in (("yes", True), ("no", False)):
        create(functions, f"says-{name}", f"def handler(event, context):\n    return {{'isAuthorized': {answer}}}\n")
    api = make(apis, "echo", "GET /open")
    target = apis.get_routes(ApiId=api)["Items"][0]["Target"]
    door = apis.create_authorizer(
        ApiId=api, AuthorizerType="REQUEST", Name="door", IdentitySource=["$request.header.X-Token"],
        AuthorizerUri=function_arn("says-yes"), AuthorizerPayloadFormatVersion="2.0", EnableSimpleResponses=True,
        AuthorizerResultTtlInSeconds=3600)["AuthorizerId"]
    route = apis.create_route(ApiId=api, RouteKey="GET /door", Target=target, AuthorizationType="CUSTOM",
                              AuthorizerId=door)["RouteId"]
    headers = {"X-Token": "a"}
    assert [ask(api, path="/door", headers=headers)[0].status for _ in range(2)] == [200, 200]
    apis.update_authorizer(ApiId=api, AuthorizerId=door, AuthorizerUri=function_arn("says-no"))
    assert ask(api, path="/door", headers=headers)[0].status == 403, "what the first function answered is forgotten"
    apis.update_authorizer(ApiId=api, AuthorizerId=door, AuthorizerUri=function_arn("says-yes"))
    assert ask(api, path="/door", headers=headers)[0].status == 200
    apis.update_route(ApiId=api, RouteId=route, AuthorizationType="NONE")
    apis.delete_authorizer(ApiId=api, AuthorizerId=door)
    again = apis.create_authorizer(
        ApiId=api, AuthorizerType="REQUEST", Name="door", IdentitySource=["$request.header.X-Token"],
        AuthorizerUri=function_arn("says-no"), AuthorizerPayloadFormatVersion="2.0", EnableSimpleResponses=True,
        AuthorizerResultTtlInSeconds=3600)["AuthorizerId"]
    apis.update_route(ApiId=api, RouteId=route, AuthorizationType="CUSTOM", AuthorizerId=again)
    assert ask(api, path="/door", headers=headers)[0].status == 403


# --- other integrations ---


@pytest.fixture(scope="module")
def backend():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(202)
            self.send_header("X-Back", "end")
            self.send_header("X-Gone", "1")
            self.end_headers()
            self.wfile.write(json.dumps({"method": self.command, "path": self.path, "body": body.decode(),
                                         "headers": {k.lower(): v for k, v in self.headers.items()}}).encode())

        do_GET = do_POST

        def log_message(self, *arguments):
            pass

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def test_a_url_is_called_with_mapped_parameters(apis, ask, backend):
    api = apis.create_api(Name="proxy", ProtocolType="HTTP")["ApiId"]
    integration = apis.create_integration(
        ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="ANY", IntegrationUri=backend + "/base/{proxy}",
        RequestParameters={"overwrite:header.x-route": "$context.routeKey", "append:querystring.who": "${request.header.x-who}!",
                           "remove:header.x-secret": "''"},
        ResponseParameters={"202": {"overwrite:statuscode": "200", "remove:header.x-gone": "''",
                                    "append:header.x-id": "$response.body.method"}})["IntegrationId"]
    apis.create_route(ApiId=api, RouteKey="ANY /{proxy+}", Target=f"integrations/{integration}")
    apis.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    answer, body = ask(api, "POST", "/a/b?q=1", "data", {"X-Who": "me", "X-Secret": "s", "Connection": "keep-alive"})
    assert (answer.status, answer.headers["x-back"], answer.headers["x-id"]) == (200, "end", "POST")
    assert "x-gone" not in answer.headers
    seen = json.loads(body)
    path, query = seen["path"].split("?")
    assert path == "/base/a/b" and urllib.parse.parse_qs(query) == {"q": ["1"], "who": ["me!"]} and seen["body"] == "data"
    assert seen["headers"]["x-route"] == "ANY /{proxy+}" and "x-secret" not in seen["headers"]
    assert "for=127.0.0.1" in seen["headers"]["forwarded"]
    apis.update_integration(ApiId=api, IntegrationId=integration, IntegrationUri="http://127.0.0.1:1/")
    assert ask(api, path="/x")[0].status == 503
    apis.update_integration(ApiId=api, IntegrationId=integration, IntegrationUri="http://10.1.2.3/")
    assert ask(api, path="/x")[0].status == 500  # the operator has not allowed it
    with pytest.raises(apis.exceptions.BadRequestException, match="restricted"):
        apis.update_integration(ApiId=api, IntegrationId=integration, RequestParameters={"append:header.authorization": "x"})


def test_a_path_parameter_stays_in_its_place(apis, ask, backend):
    api = apis.create_api(Name="places", ProtocolType="HTTP")["ApiId"]

    def route(key, uri, **more):
        made = apis.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="ANY", IntegrationUri=uri,
                                       **more)["IntegrationId"]
        apis.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{made}")

    route("GET /items/{id}", backend + "/public/{id}/shown")
    route("GET /all/{rest+}", backend + "/public/{rest}")
    route("GET /moved/{id}", backend, RequestParameters={"overwrite:path": "/public/${request.path.id}"})
    apis.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)

    def reached(path):
        answer, body = ask(api, path=path)
        return json.loads(body)["path"] if answer.status == 202 else answer.status

    assert reached("/items/a%2Fb") == "/public/a%2Fb/shown"
    assert reached("/all/a/b%2Fc/d%20e") == "/public/a/b%2Fc/d%20e"
    assert reached("/moved/a%2Fb%20c%3Fq") == "/public/a%2Fb%20c%3Fq"
    for path in ("/items/..", "/items/..%2Fadmin", "/items/%2e%2e%5Cadmin", "/all/../admin", "/all/a/%2e%2e/%2e%2e/x",
                 "/moved/..%2Fadmin", "/moved/%252e%252e%252fadmin"):
        assert reached(path) == 400, path


def test_records_go_to_kinesis_without_a_function(apis, boto, ask):
    kinesis = boto("kinesis")
    kinesis.create_stream(StreamName="orders", ShardCount=1)
    api = make(apis)
    integration = apis.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationSubtype="Kinesis-PutRecord", PayloadFormatVersion="1.0",
        CredentialsArn=ROLE, RequestParameters={"StreamName": "orders", "Data": "$request.body.data",
                                                "PartitionKey": "$request.header.x-key"})["IntegrationId"]
    apis.create_route(ApiId=api, RouteKey="POST /orders", Target=f"integrations/{integration}")
    answer, body = ask(api, "POST", "/orders", json.dumps({"data": base64.b64encode(b"an order").decode()}), {"X-Key": "k"})
    assert answer.status == 200 and json.loads(body)["ShardId"] == "shardId-000000000000"
    iterator = kinesis.get_shard_iterator(StreamName="orders", ShardId="shardId-000000000000",
                                          ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert [(record["Data"], record["PartitionKey"]) for record in records] == [(b"an order", "k")]
    assert ask(api, "POST", "/orders", "{}", {"X-Key": "k"})[0].status == 400  # the service's own error
    with pytest.raises(apis.exceptions.BadRequestException, match="SQS-SendMessage"):
        apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationSubtype="SQS-SendMessage",
                                PayloadFormatVersion="1.0", CredentialsArn=ROLE, RequestParameters={"QueueUrl": "q", "MessageBody": "b"})


def test_events_go_to_a_bus_without_a_function(apis, boto, functions, ask):
    create(functions, "heard", "def handler(event, context):\n    print('heard', event['detail']['id'], event['source'])\n")
    events = boto("events")
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": function_arn("heard")}])
    api = make(apis)
    integration = apis.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationSubtype="EventBridge-PutEvents", PayloadFormatVersion="1.0",
        CredentialsArn=ROLE, RequestParameters={"Detail": "$request.body", "DetailType": "order", "Source": "shop"})["IntegrationId"]
    apis.create_route(ApiId=api, RouteKey="POST /orders", Target=f"integrations/{integration}")
    answer, body = ask(api, "POST", "/orders", '{"id": 17}')
    assert answer.status == 200 and json.loads(body)["FailedEntryCount"] == 0
    logs = boto("logs")
    eventually(lambda: [event for event in logs.filter_log_events(logGroupName="/aws/lambda/heard")["events"]
                        if "heard 17 shop" in event["message"]])


def test_throttles_access_logs_and_large_bodies(apis, boto, functions, ask):
    api = make(apis, "echo")
    apis.update_stage(ApiId=api, StageName="$default", DefaultRouteSettings={"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 2},
                      AccessLogSettings={"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:access",
                                         "Format": '{"status":$context.status,"route":"$context.routeKey","x":"$context.nothing","id":"$context.requestId"}'})
    assert [ask(api)[0].status for _ in range(3)] == [200, 200, 429]
    logs = boto("logs")
    lines = eventually(lambda: [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="access")["events"]][2:] and
                       [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="access")["events"]])
    assert sorted(line["status"] for line in lines) == [200, 200, 429] and {line["route"] for line in lines} == {"$default"}
    assert lines[0]["x"] == "-"
    apis.update_stage(ApiId=api, StageName="$default", DefaultRouteSettings={})
    answer, body = ask(api, "POST", "/", b"x" * (10 * 1024 * 1024 + 1))
    assert (answer.status, body) == (413, b'{"message":"Request Entity Too Large"}')


def test_custom_domains_take_the_longest_mapping(apis, functions, ask):
    one, other = make(apis, "echo"), make(apis, "answers")
    apis.create_domain_name(DomainName="api.shop.example", DomainNameConfigurations=[
        {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1", "EndpointType": "REGIONAL"}])
    for key, api in (("", one), ("v2/answers", other)):
        apis.create_api_mapping(DomainName="api.shop.example", ApiId=api, ApiMappingKey=key, Stage="$default")
    event = json.loads(ask(None, path="/x", host="API.shop.example:4566")[1])
    assert event["requestContext"]["apiId"] == one and event["requestContext"]["domainName"] == "API.shop.example"
    assert json.loads(ask(None, path="/v2/answers/x", host="api.shop.example")[1]) == {"plain": True}
    apis.update_api(ApiId=one, DisableExecuteApiEndpoint=True)
    assert ask(one)[0].status == 404
    assert ask(None, host="api.shop.example")[0].status == 200
    with pytest.raises(apis.exceptions.BadRequestException):
        apis.delete_stage(ApiId=other, StageName="$default")
    changed = apis.update_domain_name(DomainName="api.shop.example", DomainNameConfigurations=[{"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/2"}])
    assert changed["DomainNameConfigurations"][0]["CertificateArn"].endswith("/2")
    apis.delete_domain_name(DomainName="api.shop.example")


def test_what_is_there_is_listed_tagged_exported_and_survives_a_kill(apis, functions, ask, server_factory):
    own = server_factory()
    apis = own.client("apigatewayv2")
    create(own.client("lambda"), "echo")
    api = make(apis, "echo", "GET /orders/{id}")
    for name in "abc":
        apis.create_api(Name=name, ProtocolType="HTTP", Tags={"name": name})
    pages = apis.get_paginator("get_apis").paginate(PaginationConfig={"PageSize": 3})
    assert [len(page["Items"]) for page in pages] == [3, 1]
    arn = f"arn:aws:apigateway:us-east-1::/apis/{api}"
    apis.tag_resource(ResourceArn=arn, Tags={"team": "orders", "x": "y"})
    apis.untag_resource(ResourceArn=arn, TagKeys=["x"])
    assert apis.get_tags(ResourceArn=arn)["Tags"] == {"team": "orders"} == apis.get_api(ApiId=api)["Tags"]
    document = json.loads(apis.export_api(ApiId=api, Specification="OAS30", OutputType="JSON", StageName="$default")["body"].read())
    operation = document["paths"]["/orders/{id}"]["get"]
    assert document["openapi"] == "3.0.1" and operation["x-amazon-apigateway-integration"]["uri"] == function_arn("echo")
    assert operation["parameters"][0]["name"] == "id"
    deployed = apis.get_stage(ApiId=api, StageName="$default")["DeploymentId"]
    own.kill()
    own.start()
    apis = own.client("apigatewayv2")
    assert apis.get_stage(ApiId=api, StageName="$default")["DeploymentId"] == deployed
    connection = http.client.HTTPConnection("127.0.0.1", own.port, timeout=30)
    connection.request("GET", "/orders/7", headers={"Host": f"{api}.execute-api.localhost"})
    assert json.loads(connection.getresponse().read())["pathParameters"] == {"id": "7"}
    apis.delete_api(ApiId=api)
    with pytest.raises(apis.exceptions.NotFoundException):
        apis.get_api(ApiId=api)


def test_what_is_not_served_is_refused_by_name(apis, functions):
    with pytest.raises(apis.exceptions.BadRequestException, match="WebSocket"):
        apis.create_api(Name="w", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
    api = make(apis)
    refused = [
        lambda: apis.create_integration(ApiId=api, IntegrationType="MOCK", PayloadFormatVersion="1.0"),
        lambda: apis.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="GET", IntegrationUri="http://x/",
                                        ConnectionType="VPC_LINK", ConnectionId="c", PayloadFormatVersion="1.0"),
        lambda: apis.create_route(ApiId=api, RouteKey="GET /x", ApiKeyRequired=True),
        lambda: apis.create_route(ApiId=api, RouteKey="GET /x", Target="integrations/none"),
        lambda: apis.create_route(ApiId=api, RouteKey="GET /x", RequestModels={"a": "b"}),
        lambda: apis.create_stage(ApiId=api, StageName="a b"),
        lambda: apis.import_api(Body="{}"),
    ]
    for call in refused:
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            call()
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 501)


def test_the_aws_cli(aws_cli, functions, issuer, curl):
    made = aws_cli("apigatewayv2", "create-api", "--name", "cli", "--protocol-type", "HTTP", "--target", function_arn("echo"),
                   "--cors-configuration", "AllowOrigins=https://shop.example,AllowMethods=GET,MaxAge=60")
    assert made["CorsConfiguration"] == {"AllowCredentials": False, "AllowOrigins": ["https://shop.example"],
                                         "AllowMethods": ["GET"], "MaxAge": 60}
    api = ["--api-id", made["ApiId"]]
    authorizer = aws_cli("apigatewayv2", "create-authorizer", *api, "--name", "tokens", "--authorizer-type", "JWT",
                         "--identity-source", "$request.header.Authorization",
                         "--jwt-configuration", f"Issuer={issuer.url},Audience=shop")["AuthorizerId"]
    routes = aws_cli("apigatewayv2", "get-routes", *api)["Items"]
    assert [each["RouteKey"] for each in routes] == ["$default"]
    aws_cli("apigatewayv2", "create-route", *api, "--route-key", "GET /orders", "--target", routes[0]["Target"],
            "--authorization-type", "JWT", "--authorizer-id", authorizer)
    url = f"{made['ApiEndpoint']}/orders"
    assert curl(url) == (401, {"message": "Unauthorized"})
    status, event = curl(url, "-H", f"Authorization: Bearer {issuer.token()}")
    assert (status, event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]) == (200, "someone")
