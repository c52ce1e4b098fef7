"""API Gateway's control plane of REST APIs, with boto3 and the AWS CLI."""

import json
import threading

import botocore.exceptions
import pytest


@pytest.fixture
def gateway(boto):
    return boto("apigateway")


@pytest.fixture
def api(gateway):
    made = gateway.create_rest_api(name="orders", description="orders of a shop")
    yield made
    try:
        gateway.delete_rest_api(restApiId=made["id"])
    except gateway.exceptions.NotFoundException:
        pass


def refusal(call, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def patch(op, path, value=None):
    return {"op": op, "path": path} | ({} if value is None else {"value": value})


def mock_method(gateway, api, resource, verb="GET"):
    place = {"restApiId": api["id"], "resourceId": resource, "httpMethod": verb}
    gateway.put_method(**place, authorizationType="NONE")
    gateway.put_method_response(**place, statusCode="200")
    gateway.put_integration(**place, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_integration_response(**place, statusCode="200", selectionPattern="")
    return place


def test_an_api_is_made_listed_changed_and_deleted(gateway, api):
    assert api["endpointConfiguration"]["types"] == ["EDGE"]
    assert api["apiKeySource"] == "HEADER"
    assert len(api["id"]) == 10 and api["rootResourceId"]
    assert gateway.get_rest_api(restApiId=api["id"])["name"] == "orders"
    assert api["id"] in [each["id"] for each in gateway.get_rest_apis()["items"]]
    changed = gateway.update_rest_api(
        restApiId=api["id"],
        patchOperations=[
            patch("replace", "/name", "sales"),
            patch("add", "/binaryMediaTypes/image~1png"),
            patch("replace", "/endpointConfiguration/types/EDGE", "REGIONAL"),
            patch("replace", "/minimumCompressionSize", "1024"),
        ],
    )
    assert changed["name"] == "sales"
    assert changed["binaryMediaTypes"] == ["image/png"]
    assert changed["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert changed["minimumCompressionSize"] == 1024
    gateway.delete_rest_api(restApiId=api["id"])
    assert refusal(gateway.get_rest_api, restApiId=api["id"]) == (
        "NotFoundException",
        f"Invalid API identifier specified 000000000000:{api['id']}",
    )


def test_lists_come_in_pages(gateway):
    made = {gateway.create_rest_api(name=f"page{i}")["id"] for i in range(3)}
    seen = []
    for page in gateway.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 1}):
        assert len(page["items"]) <= 1
        seen += [each["id"] for each in page["items"]]
    assert made <= set(seen) and len(seen) == len(set(seen))
    for each in made:
        gateway.delete_rest_api(restApiId=each)


def test_resources_have_paths_and_rules(gateway, api):
    root = api["rootResourceId"]
    orders = gateway.create_resource(restApiId=api["id"], parentId=root, pathPart="orders")
    item = gateway.create_resource(restApiId=api["id"], parentId=orders["id"], pathPart="{id}")
    assert item["path"] == "/orders/{id}"

    def create(parent, part):
        return refusal(gateway.create_resource, restApiId=api["id"], parentId=parent, pathPart=part)

    assert create(root, "orders") == (
        "ConflictException",
        "Another resource with the same parent already has this name: orders",
    )
    assert create(orders["id"], "{proxy+}") == (
        "BadRequestException",
        "A sibling ({id}) of this resource already has a variable path part -- only one is allowed",
    )
    assert create("nosuch", "x") == ("NotFoundException", "Invalid Resource identifier specified")
    assert create(root, "a/b")[0] == "BadRequestException"
    changed = gateway.update_resource(
        restApiId=api["id"], resourceId=orders["id"], patchOperations=[patch("replace", "/pathPart", "sales")]
    )
    assert changed["path"] == "/sales"
    assert gateway.get_resource(restApiId=api["id"], resourceId=item["id"])["path"] == "/sales/{id}"
    assert refusal(
        gateway.update_resource,
        restApiId=api["id"],
        resourceId=orders["id"],
        patchOperations=[patch("replace", "/parentId", item["id"])],
    ) == ("BadRequestException", "Resources cannot be cyclical.")
    gateway.delete_resource(restApiId=api["id"], resourceId=orders["id"])
    left = gateway.get_resources(restApiId=api["id"])["items"]
    assert [each["path"] for each in left] == ["/"]


def test_a_method_with_its_integration_is_read_back(gateway, api):
    place = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "POST"}
    validator = gateway.create_request_validator(restApiId=api["id"], name="body", validateRequestBody=True)
    gateway.create_model(
        restApiId=api["id"], name="Order", contentType="application/json", schema='{"type": "object"}'
    )
    gateway.put_method(
        **place,
        authorizationType="NONE",
        requestParameters={"method.request.header.X-Shop": True},
        requestModels={"application/json": "Order"},
        requestValidatorId=validator["id"],
    )
    assert refusal(gateway.put_method, **place, authorizationType="NONE") == (
        "ConflictException",
        "Method already exists for this resource",
    )
    gateway.put_method_response(
        **place, statusCode="200", responseParameters={"method.response.header.Location": False}
    )
    gateway.put_integration(
        **place,
        type="AWS",
        integrationHttpMethod="POST",
        uri="arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
        credentials="arn:aws:iam::000000000000:role/orders",
        requestParameters={"integration.request.header.X-Shop": "method.request.header.X-Shop"},
        requestTemplates={"application/json": '{"StreamName": "orders"}'},
        passthroughBehavior="NEVER",
        timeoutInMillis=5000,
    )
    gateway.put_integration_response(
        **place,
        statusCode="200",
        responseParameters={"method.response.header.Location": "'/orders'"},
        responseTemplates={"application/json": "{}"},
    )
    code, message = refusal(
        gateway.put_integration_response,
        **place,
        statusCode="200",
        responseParameters={"method.response.header.Other": "'x'"},
    )
    assert code == "BadRequestException" and "method.response.header.Other" in message
    resource = next(
        each
        for each in gateway.get_resources(restApiId=api["id"], embed=["methods"])["items"]
        if each["path"] == "/"
    )
    method = resource["resourceMethods"]["POST"]
    assert method["requestModels"] == {"application/json": "Order"}
    assert method["methodIntegration"]["passthroughBehavior"] == "NEVER"
    assert method["methodIntegration"]["timeoutInMillis"] == 5000
    assert method["methodIntegration"]["cacheNamespace"] == api["rootResourceId"]
    assert method["methodIntegration"]["integrationResponses"]["200"]["responseTemplates"] == {"application/json": "{}"}
    assert gateway.get_resources(restApiId=api["id"])["items"][0]["resourceMethods"] == {"POST": {}}
    changed = gateway.update_integration(
        **place, patchOperations=[patch("replace", "/requestTemplates/application~1json", '{"a": 1}')]
    )
    assert changed["requestTemplates"] == {"application/json": '{"a": 1}'}
    changed = gateway.update_method(
        **place,
        patchOperations=[
            patch("replace", "/apiKeyRequired", "true"),
            patch("add", "/requestParameters/method.request.querystring.page", "false"),
        ],
    )
    assert changed["apiKeyRequired"] is True
    assert changed["requestParameters"]["method.request.querystring.page"] is False
    assert refusal(gateway.update_method, **place, patchOperations=[patch("replace", "/httpMethod", "GET")]) == (
        "BadRequestException",
        "Invalid patch path /httpMethod",
    )
    assert refusal(gateway.delete_model, restApiId=api["id"], modelName="Order") == (
        "ConflictException",
        "Cannot delete model 'Order', is referenced in method request: //POST",
    )
    gateway.delete_integration(**place)
    assert refusal(gateway.get_integration, **place) == (
        "NotFoundException",
        "Invalid Integration identifier specified",
    )


def test_what_is_not_honoured_is_refused_by_name(gateway, api):
    place = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="NONE")
    link = {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": "http://example.com"}
    assert "connectionType" in refusal(gateway.put_integration, **place, **link, connectionType="VPC_LINK")[1]
    assert "PRIVATE" in refusal(gateway.create_rest_api, name="p", endpointConfiguration={"types": ["PRIVATE"]})[1]
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        gateway.create_vpc_link(name="x", targetArns=["arn:aws:elasticloadbalancing:us-east-1:0:x"])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_stages_serve_snapshots(gateway, api):
    assert refusal(gateway.create_deployment, restApiId=api["id"]) == (
        "BadRequestException",
        "The REST API doesn't contain any methods",
    )
    mock_method(gateway, api, api["rootResourceId"])
    first = gateway.create_deployment(restApiId=api["id"], stageName="prod", variables={"table": "orders"})
    stage = gateway.get_stage(restApiId=api["id"], stageName="prod")
    assert stage["deploymentId"] == first["id"] and stage["variables"] == {"table": "orders"}
    assert stage["cacheClusterEnabled"] is False and stage["methodSettings"] == {}
    summary = gateway.get_deployment(restApiId=api["id"], deploymentId=first["id"], embed=["apisummary"])["apiSummary"]
    assert summary == {"/": {"GET": {"authorizationType": "NONE", "apiKeyRequired": False}}}
    second = gateway.create_deployment(restApiId=api["id"], description="second")
    other = gateway.create_stage(restApiId=api["id"], stageName="test", deploymentId=second["id"], tags={"a": "b"})
    assert other["tags"] == {"a": "b"}
    assert refusal(gateway.create_stage, restApiId=api["id"], stageName="test", deploymentId=second["id"]) == (
        "ConflictException",
        "Stage already exists",
    )
    assert refusal(gateway.delete_deployment, restApiId=api["id"], deploymentId=second["id"]) == (
        "BadRequestException",
        "Active stages pointing to this deployment must be moved or deleted",
    )
    stages = gateway.get_stages(restApiId=api["id"])["item"]
    assert [each["stageName"] for each in stages] == ["prod", "test"]

    def update(*operations):
        return gateway.update_stage(restApiId=api["id"], stageName="prod", patchOperations=list(operations))

    def refused(*operations):
        return refusal(
            gateway.update_stage, restApiId=api["id"], stageName="prod", patchOperations=list(operations)
        )

    changed = update(
        patch("replace", "/deploymentId", second["id"]),
        patch("replace", "/variables/table", "sales"),
        patch("replace", "/*/*/throttling/rateLimit", "12.5"),
        patch("replace", "/*/*/throttling/burstLimit", "7"),
        patch("replace", "/~1orders~1{id}/GET/metrics/enabled", "true"),
        patch("replace", "/*/*/caching/enabled", "false"),
        patch("replace", "/accessLogSettings/format", "$context.requestId"),
        patch("replace", "/accessLogSettings/destinationArn", "arn:aws:logs:us-east-1:000000000000:log-group:calls"),
    )
    assert changed["deploymentId"] == second["id"] and changed["variables"] == {"table": "sales"}
    assert changed["methodSettings"]["*/*"]["throttlingRateLimit"] == 12.5
    assert changed["methodSettings"]["*/*"]["throttlingBurstLimit"] == 7
    assert changed["methodSettings"]["~1orders~1{id}/GET"]["metricsEnabled"] is True
    assert changed["accessLogSettings"]["format"] == "$context.requestId"
    changed = update(patch("remove", "/*/*"), patch("remove", "/variables/table"), patch("remove", "/accessLogSettings"))
    assert "*/*" not in changed["methodSettings"]
    assert "variables" not in changed and "accessLogSettings" not in changed
    assert "there is no method setting" in refused(patch("remove", "/*/*"))[1]
    assert "canarySettings" in refused(patch("replace", "/canarySettings/percentTraffic", "10"))[1]
    assert "cacheClusterEnabled" in refused(patch("replace", "/cacheClusterEnabled", "true"))[1]
    assert refused(patch("replace", "/deploymentId", "nosuch"))[0] == "BadRequestException"
    gateway.delete_deployment(restApiId=api["id"], deploymentId=first["id"])
    gateway.delete_stage(restApiId=api["id"], stageName="prod")
    assert refusal(gateway.get_stage, restApiId=api["id"], stageName="prod") == (
        "NotFoundException",
        "Invalid stage identifier specified",
    )


def test_authorizers_are_kept(gateway, api):
    uri = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:000000000000:function:check/invocations"
    )
    made = gateway.create_authorizer(
        restApiId=api["id"],
        name="token",
        type="TOKEN",
        authorizerUri=uri,
        identitySource="method.request.header.Authorization",
    )
    assert made["authorizerResultTtlInSeconds"] == 300
    changed = gateway.update_authorizer(
        restApiId=api["id"],
        authorizerId=made["id"],
        patchOperations=[patch("replace", "/authorizerResultTtlInSeconds", "0")],
    )
    assert changed["authorizerResultTtlInSeconds"] == 0
    place = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    assert refusal(gateway.put_method, **place, authorizationType="CUSTOM")[0] == "BadRequestException"
    method = gateway.put_method(**place, authorizationType="CUSTOM", authorizerId=made["id"])
    assert method["authorizerId"] == made["id"]
    assert refusal(gateway.delete_authorizer, restApiId=api["id"], authorizerId=made["id"])[0] == "ConflictException"


def test_keys_and_usage_plans(gateway, api):
    mock_method(gateway, api, api["rootResourceId"])
    gateway.create_deployment(restApiId=api["id"], stageName="prod")
    key = gateway.create_api_key(name="shop", enabled=True, value="a-secret-value-of-a-shop")
    assert key["value"] == "a-secret-value-of-a-shop"
    assert "value" not in gateway.get_api_key(apiKey=key["id"])
    assert gateway.get_api_key(apiKey=key["id"], includeValue=True)["value"] == key["value"]
    assert refusal(gateway.create_api_key, name="again", value=key["value"])[0] == "ConflictException"
    assert refusal(gateway.create_api_key, value="short") == (
        "BadRequestException",
        "API Key value should be at least 20 characters",
    )
    plan = gateway.create_usage_plan(
        name="gold",
        apiStages=[{"apiId": api["id"], "stage": "prod"}],
        throttle={"rateLimit": 10, "burstLimit": 20},
        quota={"limit": 1000, "period": "MONTH"},
    )
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    keys = gateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
    assert [each["id"] for each in keys] == [key["id"]]
    assert [each["id"] for each in gateway.get_usage_plans(keyId=key["id"])["items"]] == [plan["id"]]
    stage = f"{api['id']}:prod"
    changed = gateway.update_usage_plan(
        usagePlanId=plan["id"],
        patchOperations=[
            patch("replace", "/throttle/rateLimit", "5"),
            patch("replace", f"/apiStages/{stage}/throttle/~1orders~1GET/rateLimit", "2"),
            patch("replace", f"/apiStages/{stage}/throttle//orders/GET/burstLimit", "3"),
            patch("remove", "/quota"),
        ],
    )
    assert changed["throttle"] == {"rateLimit": 5.0, "burstLimit": 20}
    assert changed["apiStages"][0]["throttle"] == {"/orders/GET": {"rateLimit": 2.0, "burstLimit": 3}}
    assert "quota" not in changed
    wrong = [patch("add", "/apiStages", f"{api['id']}:none")]
    assert refusal(gateway.update_usage_plan, usagePlanId=plan["id"], patchOperations=wrong) == (
        "NotFoundException",
        f"Invalid API Stage {{api: {api['id']}, stage: none}} specified for usageplan {plan['id']}",
    )
    usage = gateway.get_usage(usagePlanId=plan["id"], startDate="2026-11-01", endDate="2026-11-02")
    assert usage["usagePlanId"] == plan["id"]
    gateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=[patch("remove", "/apiStages", stage)])
    gateway.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"])
    gateway.delete_usage_plan(usagePlanId=plan["id"])
    rows = f"name,key,description,Enabled,usageplanIds\n\"a, b\",{'k' * 24},first,TRUE,\nc,{key['value']},,false,\n"
    imported = gateway.import_api_keys(body=rows.encode(), format="csv")
    assert len(imported["ids"]) == 1 and len(imported["warnings"]) == 1
    assert gateway.get_api_keys(nameQuery="a, b", includeValues=True)["items"][0]["value"] == "k" * 24
    gateway.delete_api_key(apiKey=key["id"])
    assert refusal(gateway.get_api_key, apiKey=key["id"]) == (
        "NotFoundException",
        "Invalid API Key identifier specified",
    )


def test_domains_lead_to_stages(gateway, api):
    mock_method(gateway, api, api["rootResourceId"])
    gateway.create_deployment(restApiId=api["id"], stageName="prod")
    domain = gateway.create_domain_name(
        domainName="api.example.com",
        regionalCertificateArn="arn:aws:acm:us-east-1:000000000000:certificate/x",
        endpointConfiguration={"types": ["REGIONAL"]},
    )
    assert domain["domainNameStatus"] == "AVAILABLE" and domain["regionalDomainName"]
    gateway.create_base_path_mapping(domainName="api.example.com", restApiId=api["id"], stage="prod")
    mappings = gateway.get_base_path_mappings(domainName="api.example.com")["items"]
    assert mappings == [{"basePath": "(none)", "restApiId": api["id"], "stage": "prod"}]
    gateway.update_base_path_mapping(
        domainName="api.example.com", basePath="(none)", patchOperations=[patch("replace", "/basePath", "v1")]
    )
    assert gateway.get_base_path_mapping(domainName="api.example.com", basePath="v1")["stage"] == "prod"
    assert refusal(gateway.delete_rest_api, restApiId=api["id"])[0] == "BadRequestException"
    gateway.delete_base_path_mapping(domainName="api.example.com", basePath="v1")
    gateway.delete_domain_name(domainName="api.example.com")
    assert refusal(gateway.get_domain_name, domainName="api.example.com")[0] == "NotFoundException"


def test_gateway_responses_have_defaults(gateway, api):
    shown = gateway.get_gateway_responses(restApiId=api["id"])["items"]
    assert len(shown) == 21 and all(each["defaultResponse"] for each in shown)
    made = gateway.put_gateway_response(
        restApiId=api["id"],
        responseType="MISSING_AUTHENTICATION_TOKEN",
        statusCode="404",
        responseParameters={"gatewayresponse.header.X-Why": "'none'"},
    )
    assert made["defaultResponse"] is False and made["statusCode"] == "404"
    place = {"restApiId": api["id"], "responseType": "MISSING_AUTHENTICATION_TOKEN"}
    changed = gateway.update_gateway_response(
        **place, patchOperations=[patch("add", "/responseTemplates/text~1plain", "no")]
    )
    assert changed["responseTemplates"]["text/plain"] == "no"
    gateway.delete_gateway_response(**place)
    assert gateway.get_gateway_response(**place)["statusCode"] == "403"
    assert refusal(gateway.delete_gateway_response, **place) == (
        "NotFoundException",
        "Gateway response type not defined on api",
    )


def test_tags_and_account(gateway, api):
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{api['id']}"
    gateway.tag_resource(resourceArn=arn, tags={"team": "shop", "stage": "ci"})
    gateway.untag_resource(resourceArn=arn, tagKeys=["stage"])
    assert gateway.get_tags(resourceArn=arn)["tags"] == {"team": "shop"}
    assert gateway.get_rest_api(restApiId=api["id"])["tags"] == {"team": "shop"}
    role = "arn:aws:iam::000000000000:role/logs"
    gateway.update_account(patchOperations=[patch("replace", "/cloudwatchRoleArn", role)])
    assert gateway.get_account()["cloudwatchRoleArn"] == role


def test_the_policy_is_shown_as_tools_expect_it(gateway):
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
                "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
            }
        ],
    }
    made = gateway.create_rest_api(name="closed", policy=json.dumps(policy))
    assert json.loads(json.loads('"' + made["policy"] + '"')) == policy
    assert refusal(gateway.create_rest_api, name="bad", policy="{")[0] == "BadRequestException"
    gateway.delete_rest_api(restApiId=made["id"])


def test_everything_survives_a_kill(server_factory):
    server = server_factory()
    gateway = server.client("apigateway")
    api = gateway.create_rest_api(name="kept")
    mock_method(gateway, api, api["rootResourceId"])
    gateway.create_deployment(restApiId=api["id"], stageName="prod")
    before = gateway.get_stage(restApiId=api["id"], stageName="prod")
    server.kill()
    server.start()
    gateway = server.client("apigateway")
    after = gateway.get_stage(restApiId=api["id"], stageName="prod")
    assert after["deploymentId"] == before["deploymentId"]
    assert gateway.get_method(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="GET")["httpMethod"] == "GET"


def test_the_cli_makes_an_api(aws_cli):
    api = aws_cli("apigateway", "create-rest-api", "--name", "cli")
    root = aws_cli("apigateway", "get-resources", "--rest-api-id", api["id"])["items"][0]["id"]
    resource = aws_cli(
        "apigateway", "create-resource", "--rest-api-id", api["id"], "--parent-id", root, "--path-part", "hello"
    )
    place = ["--rest-api-id", api["id"], "--resource-id", resource["id"], "--http-method", "GET"]
    aws_cli("apigateway", "put-method", *place, "--authorization-type", "NONE")
    aws_cli(
        "apigateway",
        "put-integration",
        *place,
        "--type",
        "MOCK",
        "--request-templates",
        '{"application/json": "{\\"statusCode\\": 200}"}',
    )
    aws_cli("apigateway", "create-deployment", "--rest-api-id", api["id"], "--stage-name", "prod")
    stage = aws_cli(
        "apigateway",
        "update-stage",
        "--rest-api-id",
        api["id"],
        "--stage-name",
        "prod",
        "--patch-operations",
        "op=replace,path=/~1hello/GET/throttling/rateLimit,value=3",
    )
    assert stage["methodSettings"]["~1hello/GET"]["throttlingRateLimit"] == 3


DEFINITION = """
openapi: 3.0.1
info: {title: imported, version: "2"}
x-amazon-apigateway-request-validators: {body: {validateRequestBody: true}}
components:
  schemas:
    Order: {type: object, required: [id], properties: {id: {type: string}}}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: aws
        httpMethod: POST
        uri: arn:aws:apigateway:us-east-1:dynamodb:action/GetItem
        credentials: arn:aws:iam::000000000000:role/r
        passthroughBehavior: never
        requestTemplates: {application/json: '{"TableName": "orders"}'}
        responses: {default: {statusCode: '200'}}
  /orders:
    post:
      x-amazon-apigateway-request-validator: body
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        responses: {default: {statusCode: '200'}}
"""


def test_a_definition_is_imported_changed_and_exported(gateway):
    api = gateway.import_rest_api(body=DEFINITION.encode(), parameters={"endpointConfigurationTypes": "REGIONAL"})
    assert api["name"] == "imported" and api["endpointConfiguration"]["types"] == ["REGIONAL"]
    paths = {each["path"]: each for each in gateway.get_resources(restApiId=api["id"], embed=["methods"])["items"]}
    assert set(paths) == {"/", "/orders", "/orders/{id}"}
    models = [each["name"] for each in gateway.get_models(restApiId=api["id"])["items"]]
    assert not {"Empty", "Error"} & set(models), "an import has the models of its definition"
    assert paths["/orders"]["resourceMethods"]["POST"]["requestModels"] == {"application/json": "Order"}
    integration = paths["/orders/{id}"]["resourceMethods"]["GET"]["methodIntegration"]
    assert integration["type"] == "AWS" and integration["passthroughBehavior"] == "NEVER"
    gateway.create_deployment(restApiId=api["id"], stageName="prod")
    for kind, version in [("oas30", "openapi"), ("swagger", "swagger")]:
        exported = gateway.get_export(
            restApiId=api["id"],
            stageName="prod",
            exportType=kind,
            parameters={"extensions": "apigateway"},
            accepts="application/json",
        )
        definition = json.loads(exported["body"].read())
        assert version in definition
        assert definition["paths"]["/orders"]["post"]["x-amazon-apigateway-request-validator"] == "body"
        again = gateway.import_rest_api(body=json.dumps(definition).encode())
        assert len(gateway.get_resources(restApiId=again["id"])["items"]) == 3
        gateway.delete_rest_api(restApiId=again["id"])
    changed = json.dumps({"swagger": "2.0", "info": {"title": "less"}, "paths": {"/new": {}}}).encode()
    gateway.put_rest_api(restApiId=api["id"], mode="merge", body=changed)
    paths = {each["path"] for each in gateway.get_resources(restApiId=api["id"])["items"]}
    assert paths == {"/", "/orders", "/orders/{id}", "/new"}
    gateway.put_rest_api(restApiId=api["id"], mode="overwrite", body=changed)
    assert {each["path"] for each in gateway.get_resources(restApiId=api["id"])["items"]} == {"/", "/new"}
    gateway.delete_rest_api(restApiId=api["id"])


def test_the_cli_takes_a_definition_from_a_file_and_gives_one_back(aws_cli, curl, tmp_path):
    given, exported = tmp_path / "given.yaml", tmp_path / "exported.json"
    given.write_text(DEFINITION)
    api = aws_cli("apigateway", "import-rest-api", "--body", f"fileb://{given}", "--parameters", "endpointConfigurationTypes=REGIONAL")
    aws_cli("apigateway", "create-deployment", "--rest-api-id", api["id"], "--stage-name", "prod")
    told = aws_cli("apigateway", "get-export", "--rest-api-id", api["id"], "--stage-name", "prod", "--export-type", "oas30",
                   "--parameters", "extensions=integrations", exported)
    assert told["contentType"] == "application/octet-stream"
    assert set(json.loads(exported.read_text())["paths"]) == {"/orders", "/orders/{id}"}
    assert curl(f"/restapis/{api['id']}/prod/_user_request_/orders", "--json", "{}") == (400, {"message": "Invalid request body"})


def test_nobody_sees_half_of_an_import(gateway, server):
    paths = {f"/part{n}": {} for n in range(200)}
    body = json.dumps({"openapi": "3.0.1", "info": {"title": "whole"}, "paths": paths}).encode()
    seen, done = [], threading.Event()

    def look(client):
        while not done.is_set():
            for each in client.get_rest_apis(limit=500)["items"]:
                if each["name"] == "whole" and each["id"] not in seen:
                    seen.append(each["id"])
                    resources = client.get_resources(restApiId=each["id"], limit=500)["items"]
                    halves.extend([each["id"]] if len(resources) != 201 else [])

    halves = []
    looking = threading.Thread(target=look, args=(server.client("apigateway"),))
    looking.start()
    made = [gateway.import_rest_api(body=body)["id"] for _ in range(10)]
    done.set()
    looking.join()
    assert not halves
    for each in made:
        gateway.delete_rest_api(restApiId=each)


def test_a_clone_is_whole(gateway, api):
    mock_method(gateway, api, api["rootResourceId"])
    clone = gateway.create_rest_api(name="clone", cloneFrom=api["id"])
    assert [each["path"] for each in gateway.get_resources(restApiId=clone["id"])["items"]] == ["/"]
    assert gateway.get_method(restApiId=clone["id"], resourceId=clone["rootResourceId"], httpMethod="GET")
    gateway.delete_rest_api(restApiId=clone["id"])


def test_a_bad_definition_leaves_nothing(gateway):
    before = len(gateway.get_rest_apis(limit=500)["items"])
    for body in [b"{", b"a: [", b"just text", b'{"openapi": "3.0.0", "paths": {"/a b": {}}}']:
        assert refusal(gateway.import_rest_api, body=body)[0] == "BadRequestException"
    broken = DEFINITION.replace("arn:aws:apigateway:us-east-1:dynamodb:action/GetItem", "nowhere")
    code, message = refusal(gateway.import_rest_api, body=broken.encode())
    assert code == "BadRequestException" and "'GET' for resource at path '/orders/{id}'" in message
    assert len(gateway.get_rest_apis(limit=500)["items"]) == before
