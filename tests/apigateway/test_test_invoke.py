"""TestInvokeMethod and TestInvokeAuthorizer: what is defined now is asked through boto3, deployed or not."""

import json

import botocore.exceptions
import pytest

from support.functions import create
from support.rest_api import RestApi, function_uri


@pytest.fixture
def api(server):
    return RestApi(server)


def invoke(api, verb, path, **more):
    return api.client.test_invoke_method(restApiId=api.id, resourceId=api.resource(path), httpMethod=verb, **more)


def test_a_method_that_was_never_deployed(api):
    api.mock("GET", "/orders/{id}", '{"id": "$input.params(\'id\')", "q": "$input.params(\'q\')", "h": '
             '"$input.params(\'X-Mine\')", "where": "$stageVariables.where", "stage": "$context.stage"}',
             {"method.response.header.X-Made": "'here'"})
    said = invoke(api, "GET", "/orders/{id}", pathWithQueryString="/orders/a%20b?q=1", headers={"X-Mine": "m"},
                  stageVariables={"where": "inside"})
    assert said["status"] == 200 and said["latency"] >= 0
    assert json.loads(said["body"]) == {"id": "a b", "q": "1", "h": "m", "where": "inside", "stage": "test-invoke-stage"}
    assert said["headers"]["X-Made"] == "here" and said["multiValueHeaders"]["X-Made"] == ["here"]
    assert said["log"].startswith("Execution log for request ")
    for line in ("HTTP Method: GET, Resource Path: /orders/a%20b", "Method request path: {id=a b}",
                 "Method request query string: {q=1}", "Method request headers: {X-Mine=m}",
                 "Successfully completed execution", "Method completed with status: 200"):
        assert line in said["log"], said["log"]


def test_a_function_is_called_and_who_may_is_not_asked(api, server):
    create(server.client("lambda"), f"echo-{api.id}",
           "import json\ndef handler(event, context):\n    return {'statusCode': 201, 'multiValueHeaders': {'X-Many': "
           "['1', '2']}, 'body': json.dumps(event)}\n")
    api.proxy("POST", "/orders", f"echo-{api.id}", authorizationType="AWS_IAM", apiKeyRequired=True)
    said = invoke(api, "POST", "/orders", body='{"a": 1}', multiValueHeaders={"X-Some": ["x", "y"]})
    event = json.loads(said["body"])
    assert said["status"] == 201 and said["multiValueHeaders"]["X-Many"] == ["1", "2"]
    assert event["body"] == '{"a": 1}' and event["multiValueHeaders"]["X-Some"] == ["x", "y"]
    assert event["requestContext"]["stage"] == "test-invoke-stage" and event["path"] == "/orders"
    assert event["requestContext"]["identity"]["sourceIp"] == "test-invoke-source-ip"
    for line in ("Endpoint request body after transformations: {", "Received response. Status: 200",
                 "Endpoint response body before transformations: "):
        assert line in said["log"], said["log"]


def test_what_goes_wrong_is_in_the_log(api):
    api.method("GET", "/", {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 404}'}},
               {"200": {"selectionPattern": "200"}})
    said = invoke(api, "GET", "/")
    assert said["status"] == 500 and json.loads(said["body"]) == {"message": "Internal server error"}
    assert "Execution failed due to configuration error: No match for output mapping" in said["log"]
    assert "Method completed with status: 500" in said["log"]
    api.proxy("GET", "/none", "there-is-no-such-function")
    said = invoke(api, "GET", "/none")
    assert said["status"] == 500 and "Execution failed due to configuration error: " in said["log"]


def test_what_can_not_be_tested_is_refused(api):
    api.mock("GET", "/orders/{id}", "{}")

    def code(**more):
        where = {"restApiId": api.id, "resourceId": api.resource("/orders/{id}"), "httpMethod": "GET", **more}
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            api.client.test_invoke_method(**where)
        return caught.value.response["Error"]["Code"]

    assert code(httpMethod="POST") == "NotFoundException"
    assert code(resourceId="none") == "NotFoundException"
    assert code(pathWithQueryString="/elsewhere") == "BadRequestException"
    assert code(headers={"X-A": "b\r\nC: d"}) == "BadRequestException"


def test_an_authorizer(api, server):
    create(server.client("lambda"), f"judge-{api.id}", """
def handler(event, context):
    if event["authorizationToken"] == "nobody":
        raise Exception("Unauthorized")
    if event["authorizationToken"] == "broken":
        return {"principalId": "ann"}
    return {"principalId": "ann", "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}]}}
""")
    made = api.client.create_authorizer(restApiId=api.id, name="judge", type="TOKEN", authorizerResultTtlInSeconds=300,
                                        authorizerUri=function_uri(f"judge-{api.id}"),
                                        identitySource="method.request.header.Authorization")["id"]

    def ask(token):
        return api.client.test_invoke_authorizer(restApiId=api.id, authorizerId=made,
                                                 headers={"Authorization": token} if token else {})

    said = ask("ann's")
    assert said["clientStatus"] == 0 and said["principalId"] == "ann" and said["latency"] >= 0
    statement = json.loads(said["policy"])["Statement"][0]
    assert statement["Effect"] == "Allow" and statement["Resource"].endswith("/ESTestInvoke-stage/GET/")
    assert "Using valid authorizer policy for principal: ann" in said["log"]
    assert (ask("nobody")["clientStatus"], ask(None)["clientStatus"]) == (401, 401)
    broken = ask("broken")
    assert broken["clientStatus"] == 500 and "Execution failed: " in broken["log"]
    with pytest.raises(api.client.exceptions.NotFoundException):
        api.client.test_invoke_authorizer(restApiId=api.id, authorizerId="none")
