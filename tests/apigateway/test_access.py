"""Who may call a REST API, how often, and what is told of it: with boto3, curl's own signatures, and a browser's preflight."""

import datetime
import json
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest

from support.firehose import lines, s3_destination
from support.functions import create
from support.rest_api import REGION, RestApi, api_metrics, ask, function_uri
from support.waiting import eventually

JUDGE = """
calls = 0


def policy(effect, arn, **more):
    return {"principalId": "ann", **more, "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}]}}


def handler(event, context):
    global calls
    calls += 1
    token = event.get("authorizationToken") or event["headers"].get("X-Token")
    if token == "nobody":
        raise Exception("Unauthorized")
    if token == "broken":
        raise Exception("out of order")
    if token == "malformed":
        return {"principalId": "ann"}
    if token == "key":
        return policy("Allow", "*", usageIdentifierKey="the-authorizer-names-this-key")
    effect = "Allow" if token.startswith("allow") else "Deny"
    everything = event["methodArn"].split("/")[0] + "/*"
    return policy(effect, everything, context={"tenant": "blue", "calls": calls, "fine": True})
"""


@pytest.fixture(scope="module")
def judge(server):
    create(server.client("lambda"), "judge", JUDGE)
    # One environment, so that it counts all calls.
    server.client("lambda").put_function_concurrency(FunctionName="judge", ReservedConcurrentExecutions=1)
    return "judge"


@pytest.fixture
def api(server):
    return RestApi(server)


def authorizer(api, kind="TOKEN", source="method.request.header.Authorization", ttl=300, **more):
    return api.client.create_authorizer(
        restApiId=api.id, name=f"{kind}-{ttl}", type=kind, authorizerUri=function_uri("judge"), identitySource=source,
        authorizerResultTtlInSeconds=ttl, **more)["id"]


WHO = '{"who": "$context.authorizer.principalId", "tenant": "$context.authorizer.tenant", ' \
      '"calls": "$context.authorizer.calls", "fine": "$context.authorizer.fine"}'


# -- authorizers ------------------------------------------------------------------------------------------------

def test_a_token_authorizer(api, judge):
    api.mock("GET", "/a", WHO, authorizationType="CUSTOM", authorizerId=authorizer(api))
    api.mock("GET", "/b", WHO, authorizationType="CUSTOM", authorizerId=authorizer(api, ttl=0))
    api.deploy()

    def get(path, token):
        status, headers, body = api.ask("GET", path, headers={"Authorization": token} if token else {})
        return status, headers["x-amzn-ErrorType"], json.loads(body)

    assert get("/a", None) == (401, "UnauthorizedException", {"message": "Unauthorized"})
    status, _, first = get("/a", "allow")
    assert (status, first["who"], first["tenant"], first["fine"]) == (200, "ann", "blue", "true")
    assert get("/a", "allow")[2]["calls"] == first["calls"], "the policy is kept"
    assert get("/b", "allow")[2]["calls"] != get("/b", "allow")[2]["calls"], "with a time to live of 0 it is not"
    api.client.flush_stage_authorizers_cache(restApiId=api.id, stageName="prod")
    assert get("/a", "allow")[2]["calls"] != first["calls"]
    assert get("/a", "deny") == (403, "AccessDeniedException",
                                 {"message": "User is not authorized to access this resource with an explicit deny"})
    assert get("/a", "nobody") == (401, "UnauthorizedException", {"message": "Unauthorized"})
    assert get("/a", "broken") == (500, "AuthorizerFailureException", {"message": None})
    assert get("/a", "malformed") == (500, "AuthorizerConfigurationException", {"message": None})


def test_a_request_authorizer_and_what_a_function_hears_of_it(api, judge, server):
    create(server.client("lambda"), f"echo-{api.id}",
           "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n")
    source = "method.request.header.x-token,method.request.querystring.shop"
    api.proxy("GET", "/orders/{id}", f"echo-{api.id}", authorizationType="CUSTOM",
              authorizerId=authorizer(api, "REQUEST", source))
    api.deploy()
    assert api.json("GET", "/orders/7", headers={"x-token": "allow"}) == (401, {"message": "Unauthorized"})
    status, event = api.json("GET", "/orders/7?shop=1", headers={"x-token": "allow"})
    assert status == 200
    heard = event["requestContext"]["authorizer"]
    assert heard["principalId"] == "ann" and heard["tenant"] == "blue" and heard["fine"] == "true"
    again = api.json("GET", "/orders/8?shop=1", headers={"x-token": "allow"})[1]
    assert again["requestContext"]["authorizer"]["calls"] == heard["calls"]
    other = api.json("GET", "/orders/8?shop=2", headers={"x-token": "allow"})[1]
    assert other["requestContext"]["authorizer"]["calls"] != heard["calls"]


def test_a_redeployed_authorizer_is_asked_anew(api, judge, server):
    create(server.client("lambda"), f"no-{api.id}", "def handler(event, context):\n    raise Exception('Unauthorized')\n")
    made = authorizer(api, ttl=3600)
    api.mock("GET", "/", WHO, authorizationType="CUSTOM", authorizerId=made).deploy()
    assert api.ask("GET", "/", headers={"Authorization": "allow"})[0] == 200
    api.client.update_authorizer(restApiId=api.id, authorizerId=made, patchOperations=[
        {"op": "replace", "path": "/authorizerUri", "value": function_uri(f"no-{api.id}")}])
    assert api.ask("GET", "/", headers={"Authorization": "allow"})[0] == 200, "a deployment is a snapshot"
    api.deploy()
    assert api.ask("GET", "/", headers={"Authorization": "allow"})[0] == 401


def test_an_authorizer_that_can_not_be_asked_is_refused_when_it_is_made(api):
    with pytest.raises(api.client.exceptions.BadRequestException):
        api.client.create_authorizer(restApiId=api.id, name="x", type="TOKEN", authorizerUri="arn:aws:lambda:f",
                                     identitySource="method.request.header.Authorization")
    with pytest.raises(api.client.exceptions.BadRequestException):
        authorizer(api, identityValidationExpression="(unclosed")


# -- signatures and resource policies ---------------------------------------------------------------------------

def test_a_signature(api, server, curl):
    api.mock("GET", "/", '{"account": "$context.identity.accountId", "key": "$context.identity.accessKey"}',
             authorizationType="AWS_IAM")
    api.deploy()
    url = f"{server.url}/restapis/{api.id}/prod/_user_request_/"
    assert curl(url) == (403, {"message": "Missing Authentication Token"})
    assert curl(url, sign="execute-api") == (200, {"account": "000000000000", "key": server.access_key})
    status, body = curl(url, sign="execute-api", secret="wrong" * 8)
    assert status == 403 and "signature" in body["message"]
    assert curl(url, sign="execute-api", access="AKIAIOSFODNN7EXAMPLE")[0] == 403
    # The SDK's own way to sign, for the API's own host.
    request = botocore.awsrequest.AWSRequest(
        "GET", url, headers={"Host": f"{api.id}.execute-api.localhost:{server.port}"})
    request.url = f"http://{api.id}.execute-api.localhost:{server.port}/prod/"
    credentials = botocore.credentials.Credentials(server.access_key, server.secret_key)
    botocore.auth.SigV4Auth(credentials, "execute-api", REGION).add_auth(request)
    assert ask(server.port, "GET", "/prod/", headers=dict(request.headers))[0] == 200


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*", **each} for each in statements]})


def only_from(address):
    return [{"Effect": "Allow"},
            {"Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": [address]}}}]


def test_a_resource_policy_with_source_addresses(server):
    inside = RestApi(server, policy=policy(*only_from("127.0.0.0/8")))
    inside.mock("GET", "/", "{}").deploy()
    assert inside.json("GET", "/")[0] == 200
    outside = RestApi(server, policy=policy(*only_from("192.0.2.0/24")))
    outside.mock("GET", "/orders", "{}").deploy()
    status, headers, body = outside.ask("GET", "/orders")
    assert (status, headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert json.loads(body)["message"] == (
        "User: anonymous is not authorized to perform: execute-api:Invoke on resource: "
        f"arn:aws:execute-api:{REGION}:********0000:{outside.id}/prod/GET/orders with an explicit deny")


def test_a_policy_that_can_not_be_evaluated_is_refused_when_it_is_put(server):
    unknown = policy({"Effect": "Deny", "Condition": {"StringEquals": {"aws:Mystery": "x"}}})
    with pytest.raises(botocore.exceptions.ClientError, match="BadRequestException.*aws:Mystery"):
        RestApi(server, policy=unknown)


# -- API keys, throttles, quotas --------------------------------------------------------------------------------

def plan(api, value, **settings):
    """A key with that value, in a plan of the API's stage."""
    client = api.client
    key = client.create_api_key(name=value, value=value, enabled=True)["id"]
    made = client.create_usage_plan(name=value, apiStages=[{"apiId": api.id, "stage": "prod"}], **settings)["id"]
    client.create_usage_plan_key(usagePlanId=made, keyId=key, keyType="API_KEY")
    return made, key


def statuses(api, value, count):
    return [api.ask("GET", "/", headers={"x-api-key": value})[0] for _ in range(count)]


def test_api_keys(api):
    api.mock("GET", "/", '{"key": "$context.identity.apiKeyId"}', apiKeyRequired=True).deploy()
    _, key = plan(api, f"a-key-of-many-characters-{api.id}")
    assert api.json("GET", "/") == (403, {"message": "Forbidden"})
    assert api.json("GET", "/", headers={"x-api-key": "not-a-key-of-anybody"}) == (403, {"message": "Forbidden"})
    good = {"X-API-Key": f"a-key-of-many-characters-{api.id}"}
    assert api.json("GET", "/", headers=good) == (200, {"key": key})
    api.client.update_api_key(apiKey=key, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}])
    assert api.json("GET", "/", headers=good) == (403, {"message": "Forbidden"})


def test_a_key_that_an_authorizer_names(server, judge):
    api = RestApi(server, apiKeySource="AUTHORIZER")
    api.mock("GET", "/", "{}", apiKeyRequired=True, authorizationType="CUSTOM", authorizerId=authorizer(api)).deploy()
    plan(api, "the-authorizer-names-this-key")
    assert api.ask("GET", "/", headers={"Authorization": "key"})[0] == 200
    headers = {"Authorization": "allow", "x-api-key": "the-authorizer-names-this-key"}
    assert api.ask("GET", "/", headers=headers)[0] == 403, "the header is not asked"


def test_a_plan_throttles(api):
    api.mock("GET", "/", "{}", apiKeyRequired=True).deploy()
    value = f"a-throttled-key-{api.id}-of-many"
    plan(api, value, throttle={"rateLimit": 0.001, "burstLimit": 3})
    assert statuses(api, value, 5) == [200, 200, 200, 429, 429]
    assert api.json("GET", "/", headers={"x-api-key": value})[1] == {"message": "Too Many Requests"}


def test_a_stage_throttles_its_methods(api):
    api.mock("GET", "/", "{}").mock("GET", "/free", "{}").deploy()
    api.client.update_stage(restApiId=api.id, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/~1/GET/throttling/rateLimit", "value": "0.001"},
        {"op": "replace", "path": "/~1/GET/throttling/burstLimit", "value": "2"}])
    assert [api.ask("GET", "/")[0] for _ in range(4)] == [200, 200, 429, 429]
    assert [api.ask("GET", "/free")[0] for _ in range(4)] == [200] * 4


def test_strangers_can_not_make_an_authorizer_run_without_limit(api, judge):
    api.mock("GET", "/", WHO, authorizationType="CUSTOM", authorizerId=authorizer(api, ttl=0)).deploy()

    def limit(rate, burst):
        api.client.update_stage(restApiId=api.id, stageName="prod", patchOperations=[
            {"op": "replace", "path": "/~1/GET/throttling/rateLimit", "value": rate},
            {"op": "replace", "path": "/~1/GET/throttling/burstLimit", "value": burst}])

    def ask(token):
        return api.json("GET", "/", headers={"Authorization": token})

    before = int(ask("allow")[1]["calls"])
    limit("0.001", "2")
    assert [ask(f"stranger-{n}")[0] for n in range(6)] == [403, 403, 429, 429, 429, 429]
    limit("-1", "-1")
    assert int(ask("allow")[1]["calls"]) == before + 3, "the authorizer ran for the two that the throttle let by"


def test_a_plans_throttle_comes_before_the_authorizer_too(api, judge):
    api.mock("GET", "/", WHO, apiKeyRequired=True, authorizationType="CUSTOM", authorizerId=authorizer(api, ttl=0))
    api.deploy()
    value = f"a-key-that-is-no-secret-{api.id}"
    plan(api, value, throttle={"rateLimit": 0.001, "burstLimit": 2})

    def ask(token):
        return api.ask("GET", "/", headers={"Authorization": token, "x-api-key": value})[0]

    assert [ask("nobody") for _ in range(4)] == [401, 401, 429, 429]


def test_a_quota_survives_the_servers_death(server_factory):
    server = server_factory()
    api = RestApi(server)
    api.mock("GET", "/", "{}", apiKeyRequired=True).deploy()
    value = "a-key-with-a-quota-of-four"
    made, key = plan(api, value, quota={"limit": 4, "period": "MONTH"})
    assert statuses(api, value, 2) == [200, 200]
    today = datetime.datetime.now(datetime.timezone.utc)
    days = {"startDate": today.strftime("%Y-%m-%d"),
            "endDate": (today + datetime.timedelta(days=1)).strftime("%Y-%m-%d")}  # midnight may pass meanwhile

    def used_and_left():
        counts = api.client.get_usage(usagePlanId=made, **days)["items"].get(key, [[0, 4]])
        return sum(used for used, _ in counts), min(left for _, left in counts)

    assert used_and_left() == (2, 2)

    def outlives_a_kill():  # written down each second: on a slow machine the first kill may come too early
        statuses(api, value, 2 - used_and_left()[0])
        time.sleep(1.5)
        server.kill()
        server.start()
        api.client = server.client("apigateway")
        return used_and_left() == (2, 2)
    eventually(outlives_a_kill)
    assert statuses(api, value, 3) == [200, 200, 429]
    assert api.json("GET", "/", headers={"x-api-key": value})[1] == {"message": "Limit Exceeded"}
    updated = api.client.update_usage(usagePlanId=made, keyId=key,
                                      patchOperations=[{"op": "replace", "path": "/remaining", "value": "1"}])
    assert updated["items"] == {key: [[4, 1]]} and updated["startDate"] == updated["endDate"] in days.values()
    assert statuses(api, value, 2) == [200, 429]
    assert used_and_left() == (5, 0)


def test_usage_comes_in_pages(api):
    api.mock("GET", "/", "{}", apiKeyRequired=True).deploy()
    values = [f"one-of-three-keys-{api.id}-{n}" for n in range(3)]
    made, first = plan(api, values[0], quota={"limit": 9, "period": "MONTH"})
    keys = [first]
    for value in values[1:]:
        keys.append(api.client.create_api_key(name=value, value=value, enabled=True)["id"])
        api.client.create_usage_plan_key(usagePlanId=made, keyId=keys[-1], keyType="API_KEY")
    assert statuses(api, values[1], 2) == [200, 200]
    day = time.strftime("%Y-%m-%d", time.gmtime())
    pages = list(api.client.get_paginator("get_usage").paginate(
        usagePlanId=made, startDate=day, endDate=day, PaginationConfig={"PageSize": 2}))
    assert [len(page["items"]) for page in pages] == [2, 1]
    assert {key: days for page in pages for key, days in page["items"].items()} == {
        keys[0]: [[0, 9]], keys[1]: [[2, 7]], keys[2]: [[0, 9]]}
    assert api.client.get_usage(usagePlanId=made, keyId=keys[1], startDate=day, endDate=day)["items"] == {keys[1]: [[2, 7]]}
    with pytest.raises(api.client.exceptions.NotFoundException):
        api.client.get_usage(usagePlanId=made, keyId="nobodys", startDate=day, endDate=day)


def test_the_accounts_throttle(server_factory):
    server = server_factory(auth="off", extra=["--api-requests-per-s-max", "1", "--api-burst-max", "5"])
    api = RestApi(server)
    api.mock("GET", "/", "{}").deploy()
    answers = [api.ask("GET", "/")[0] for _ in range(50)]
    assert answers[:5] == [200] * 5 and 429 in answers


# -- what is told -----------------------------------------------------------------------------------------------

def test_access_logs_and_metrics(api, server, boto):
    logs = boto("logs")
    group = f"api-{api.id}"
    logs.create_log_group(logGroupName=group)
    api.mock("GET", "/", "{}").deploy()
    api.client.update_stage(restApiId=api.id, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/destinationArn",
         "value": f"arn:aws:logs:{REGION}:000000000000:log-group:{group}"},
        {"op": "replace", "path": "/accessLogSettings/format",
         "value": '{"id":"$context.requestId","ip":"$context.identity.sourceIp","agent":"$context.identity.userAgent",'
                  '"path":"$context.path","status":$context.status,"bytes":$context.responseLength,'
                  '"error":$context.error.messageString,"none":"$context.authorizer.tenant"}'}])
    _, headers, _ = api.ask("GET", "/", headers={"User-Agent": 'a "quoted" agent'})
    assert api.ask("GET", "/nothing")[0] == 403
    told = eventually(lambda: (lambda events: len(events) == 2 and events)(
        logs.filter_log_events(logGroupName=group)["events"]))
    first, second = (json.loads(line["message"]) for line in told)
    assert first == {"id": headers["x-amzn-RequestId"], "ip": "127.0.0.1", "agent": 'a "quoted" agent',
                     "path": "/prod/",
                     "status": 200, "bytes": 2, "error": None, "none": "-"}
    assert second["status"] == 403 and second["error"] == "Missing Authentication Token"

    text = api_metrics(server)
    of_stage = f'{{api="{api.id}",stage="prod"}}'
    assert f"millrace_api_requests_total{of_stage} 2\n" in text
    assert f"millrace_api_client_errors_total{of_stage} 1\n" in text
    assert ask(server.port, "GET", "/_millrace/api-metrics")[0] == 403, "not for those who do not sign"


def test_lines_for_a_firehose_stream_outlive_a_stop(server_factory):
    server = server_factory()
    server.client("s3").create_bucket(Bucket="told")
    server.client("firehose").create_delivery_stream(
        DeliveryStreamName="amazon-apigateway-told", ExtendedS3DestinationConfiguration=s3_destination("told"))
    api = RestApi(server)
    api.mock("GET", "/", "{}").deploy()
    api.client.update_stage(restApiId=api.id, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/destinationArn",
         "value": f"arn:aws:firehose:{REGION}:000000000000:deliverystream/amazon-apigateway-told"},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId $context.status"}])
    asked = {api.ask("GET", "/")[1]["x-amzn-RequestId"] + " 200" for _ in range(20)}
    server.restart()  # the last lines are handed over by the stop
    s3 = server.client("s3")
    told = eventually(lambda: (lambda found: len(found) >= len(asked) and found)(lines(s3, "told")))
    assert len(told) == len(asked) and set(told) == asked


def test_an_access_log_that_would_say_nothing_is_refused(api):
    api.mock("GET", "/", "{}").deploy()
    for path, value in (("destinationArn", "arn:aws:s3:::bucket"), ("format", "$context.status")):
        other = {"destinationArn": f"arn:aws:logs:{REGION}:000000000000:log-group:x", "format": "$context.requestId"}
        other[path] = value
        with pytest.raises(api.client.exceptions.BadRequestException):
            api.client.update_stage(restApiId=api.id, stageName="prod", patchOperations=[
                {"op": "replace", "path": f"/accessLogSettings/{name}", "value": text} for name, text in other.items()])


# -- browsers ---------------------------------------------------------------------------------------------------

CORS = {"method.response.header.Access-Control-Allow-Headers": "'Content-Type,X-Api-Key,Authorization'",
        "method.response.header.Access-Control-Allow-Methods": "'OPTIONS,POST'",
        "method.response.header.Access-Control-Allow-Origin": "'https://shop.example'"}


def test_a_browsers_preflight(api, judge):
    api.mock("OPTIONS", "/orders", "", parameters=CORS)
    api.mock("POST", "/orders", "{}", authorizationType="CUSTOM", authorizerId=authorizer(api), parameters={
        "method.response.header.Access-Control-Allow-Origin": "'https://shop.example'"})
    api.client.put_gateway_response(restApiId=api.id, responseType="DEFAULT_4XX", responseParameters={
        "gatewayresponse.header.Access-Control-Allow-Origin": "'https://shop.example'"})
    api.deploy()
    # As browsers ask: without credentials, and without the token that the method itself wants.
    status, headers, _ = api.ask("OPTIONS", "/orders", headers={
        "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type", "Sec-Fetch-Mode": "cors", "Accept": "*/*"})
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "POST" in headers["Access-Control-Allow-Methods"].split(",")
    assert {"authorization", "content-type"} <= set(headers["Access-Control-Allow-Headers"].lower().split(","))
    asked = {"Origin": "https://shop.example", "Content-Type": "application/json", "Authorization": "allow"}
    status, headers, _ = api.ask("POST", "/orders", {}, asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, "https://shop.example")
    # A page may read why it was refused only where the refusal says so, too.
    for token, refused in (("deny", 403), ("nobody", 401)):
        status, headers, _ = api.ask("POST", "/orders", {}, {**asked, "Authorization": token})
        assert (status, headers["Access-Control-Allow-Origin"]) == (refused, "https://shop.example")
