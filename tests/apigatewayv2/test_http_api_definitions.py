"""HTTP APIs from OpenAPI 3 definitions and back, with boto3; and what is counted of them."""

import http.client
import json

import botocore.exceptions
import pytest

from support.functions import create
from support.rest_api import api_metrics

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:defined"
DEFINITION = """
openapi: 3.0.1
info: {title: shop, description: of a shop, version: '2'}
servers: [{url: 'https://shop.example/v1/api'}]
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/defined'}
    x-amazon-apigateway-any-method:
      security: [{tokens: [orders.write]}]
      x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/defined'}
  /signed:
    post:
      x-amazon-apigateway-auth: {type: AWS_IAM}
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: POST
        uri: https://shop.example/{proxy}
        payloadFormatVersion: '1.0'
        timeoutInMillis: 5000
        requestParameters: {'overwrite:header.x-a': $context.requestId}
        responseParameters: {'200': {'remove:header.x-b': "''"}}
  /$default:
    x-amazon-apigateway-any-method:
      security: [{door: []}]
      x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/defined'}
components:
  securitySchemes:
    tokens:
      type: oauth2
      x-amazon-apigateway-authorizer:
        type: jwt
        identitySource: $request.header.Authorization
        jwtConfiguration: {issuer: 'https://issuer.example', audience: [shop]}
    door:
      type: apiKey
      name: Unused
      in: header
      x-amazon-apigateway-authorizer:
        type: request
        identitySource: $request.header.X-A, $request.header.X-B
        authorizerUri: FUNCTION
        authorizerPayloadFormatVersion: '2.0'
        authorizerResultTtlInSeconds: 60
        enableSimpleResponses: true
  x-amazon-apigateway-integrations:
    defined: {type: aws_proxy, httpMethod: POST, uri: 'FUNCTION', payloadFormatVersion: '2.0'}
x-amazon-apigateway-cors: {allowOrigins: ['https://shop.example'], allowMethods: [GET], maxAge: 60}
""".replace("FUNCTION", FUNCTION)


@pytest.fixture
def apis(boto):
    return boto("apigatewayv2")


def refusal(call, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def ask(server, api, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, headers={"Host": f"{api}.execute-api.localhost:{server.port}"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def shape(apis, api):
    """What an API is, without the ids that each import makes."""
    authorizers = {each["AuthorizerId"]: each for each in apis.get_authorizers(ApiId=api)["Items"]}
    integrations = {each["IntegrationId"]: each for each in apis.get_integrations(ApiId=api)["Items"]}
    routes = {}
    for route in apis.get_routes(ApiId=api)["Items"]:
        integration = dict(integrations[route["Target"].removeprefix("integrations/")])
        del integration["IntegrationId"]
        routes[route["RouteKey"]] = (route["AuthorizationType"], route.get("AuthorizationScopes"),
                                     authorizers.get(route.get("AuthorizerId"), {}).get("Name"),
                                     route.get("OperationName"), integration)
    for each in authorizers.values():
        del each["AuthorizerId"]
    return routes, sorted(authorizers.values(), key=lambda each: each["Name"]), apis.get_api(ApiId=api)["CorsConfiguration"]


def test_a_definition_becomes_an_api_and_the_api_a_definition(apis, boto, server):
    create(boto("lambda"), "defined")
    made = apis.import_api(Body=DEFINITION)
    api = made["ApiId"]
    assert (made["Name"], made["Description"], made["Version"], made["ProtocolType"]) == ("shop", "of a shop", "2", "HTTP")
    routes, authorizers, cors = shape(apis, api)
    assert set(routes) == {"GET /orders/{id}", "ANY /orders/{id}", "POST /signed", "$default"}
    assert routes["GET /orders/{id}"][:4] == ("NONE", None, None, "getOrder")
    assert routes["ANY /orders/{id}"][:3] == ("JWT", ["orders.write"], "tokens")
    assert routes["$default"][:3] == ("CUSTOM", None, "door") and routes["POST /signed"][0] == "AWS_IAM"
    signed = routes["POST /signed"][4]
    assert signed["TimeoutInMillis"] == 5000 and signed["ResponseParameters"] == {"200": {"remove:header.x-b": "''"}}
    assert len(apis.get_integrations(ApiId=api)["Items"]) == 2, "one that is named is made once"
    assert [each["Name"] for each in authorizers] == ["door", "tokens"]
    assert authorizers[0]["IdentitySource"] == ["$request.header.X-A", "$request.header.X-B"]
    assert authorizers[1]["JwtConfiguration"] == {"Issuer": "https://issuer.example", "Audience": ["shop"]}
    assert cors == {"AllowCredentials": False, "AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"], "MaxAge": 60}
    apis.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    assert json.loads(ask(server, api, "/orders/7")[1])["pathParameters"] == {"id": "7"}
    for kind in ("YAML", "JSON"):
        exported = apis.export_api(ApiId=api, Specification="OAS30", OutputType=kind)["body"].read().decode()
        assert exported.startswith("{") == (kind == "JSON")
        again = apis.import_api(Body=exported)["ApiId"]
        assert shape(apis, again) == (routes, authorizers, cors)
        apis.delete_api(ApiId=again)


def test_an_import_again_replaces_what_there_is(apis, boto):
    api = apis.import_api(Body=DEFINITION)["ApiId"]
    less = {"openapi": "3.0.1", "info": {"title": "less"}, "servers": [{"url": "https://shop.example/v1/api"}],
            "paths": {"/new": {"get": {"x-amazon-apigateway-integration": {
                "type": "http_proxy", "httpMethod": "GET", "uri": "https://shop.example/new", "payloadFormatVersion": "1.0"}}}}}
    for base, key in (("ignore", "GET /new"), ("prepend", "GET /v1/api/new"), ("split", "GET /api/new")):
        changed = apis.reimport_api(ApiId=api, Body=json.dumps(less), Basepath=base)
        assert changed["ApiId"] == api and changed["Name"] == "less"
        assert [each["RouteKey"] for each in apis.get_routes(ApiId=api)["Items"]] == [key]
    assert apis.get_authorizers(ApiId=api)["Items"] == []
    assert refusal(apis.reimport_api, ApiId="none", Body=json.dumps(less))[0] == "NotFoundException"


def test_a_bad_definition_leaves_nothing(apis):
    before = len(apis.get_apis(MaxResults="500")["Items"])
    for body in ["{", "just text", '{"swagger": "2.0", "info": {"title": "x"}}', '{"openapi": "3.0.1"}',
                 DEFINITION.replace("http_proxy", "mock"), DEFINITION.replace("integrations/defined'", "integrations/none'"),
                 DEFINITION.replace("{tokens:", "{nothing:"), DEFINITION.replace("/signed", "/orders/{other}").replace("post:", "get:")]:
        assert refusal(apis.import_api, Body=body)[0] in ("BadRequestException", "ConflictException"), body
    loose = '{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/a": {"get": {}}}}'
    code, message = refusal(apis.import_api, Body=loose, FailOnWarnings=True)
    assert code == "BadRequestException" and "'GET /a'" in message
    assert len(apis.get_apis(MaxResults="500")["Items"]) == before
    assert apis.import_api(Body=loose)["Warnings"]


def test_what_is_counted_of_an_http_api(apis, boto, server):
    create(boto("lambda"), "counted", "def handler(event, context):\n    return {'statusCode': int(event['rawPath'][1:])}\n")
    api = apis.create_api(Name="counted", ProtocolType="HTTP", Target=FUNCTION.replace("defined", "counted"))["ApiId"]
    for path in ("/200", "/200", "/404", "/500"):
        ask(server, api, path)
    labels = f'{{api="{api}",stage="$default"}}'
    text = api_metrics(server)
    for name, value in (("requests_total", 4), ("client_errors_total", 1), ("server_errors_total", 1),
                        ("latency_milliseconds_count", 4), ("integration_latency_milliseconds_count", 4)):
        assert f"millrace_api_{name}{labels} {value}\n" in text, text
    apis.update_stage(ApiId=api, StageName="$default", RouteSettings={"$default": {"DetailedMetricsEnabled": True}})
    ask(server, api, "/200")
    text = api_metrics(server)
    assert f'millrace_api_requests_total{labels} 5\n' in text
    assert f'millrace_api_requests_total{{api="{api}",stage="$default",method="GET",resource="$default"}} 1\n' in text


def test_a_route_has_a_throttle_of_its_own(apis, boto, server):
    create(boto("lambda"), "throttled")
    api = apis.create_api(Name="throttled", ProtocolType="HTTP", Target=FUNCTION.replace("defined", "throttled"))["ApiId"]
    target = apis.get_routes(ApiId=api)["Items"][0]["Target"]
    apis.create_route(ApiId=api, RouteKey="GET /slow", Target=target)
    apis.update_stage(ApiId=api, StageName="$default", DefaultRouteSettings={"ThrottlingBurstLimit": 100, "ThrottlingRateLimit": 100},
                      RouteSettings={"GET /slow": {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.001}})
    assert [ask(server, api, "/slow")[0] for _ in range(3)] == [200, 429, 429]
    assert [ask(server, api, "/other")[0] for _ in range(3)] == [200] * 3
