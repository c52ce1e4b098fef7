"""The REST API before the stream: who may post, what an order looks like, and the template that makes it a record."""

import json

import pipeline

TOKEN = "a-token-of-the-shop"
STAGE = "v1"

# JSON Schema, draft 4.
ORDER = {
    "$schema": "http://json-schema.org/draft-04/schema#", "title": "Order", "type": "object",
    "required": ["order_id", "customer_id", "ordered_at", "address", "products"],
    "properties": {
        "order_id": {"type": "string", "minLength": 1},
        "customer_id": {"type": "string", "pattern": "^c-[0-9]+$"},
        "ordered_at": {"type": "string"},
        "address": {"type": "object", "required": ["street", "city", "country"]},
        "products": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["sku", "quantity", "price_cents"],
            "properties": {"quantity": {"type": "integer", "minimum": 1}, "price_cents": {"type": "integer", "minimum": 0}}}},
    },
}

RECORD = """{
    "StreamName": "%s",
    "PartitionKey": "$input.path('$.customer_id')",
    "Data": "$util.base64Encode($input.body)"
}""" % pipeline.STREAM

# As text: what is wrong is told with quotes in it, which gateway responses do not escape.
REFUSED = "$context.error.message: $context.error.validationErrorString"


def build(client, function_arn):
    """Returns the URL's path of POST /orders, below the endpoint."""
    gateway = client("apigateway")
    api = gateway.create_rest_api(name="orders")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
    gateway.create_model(restApiId=api, name="Order", contentType="application/json", schema=json.dumps(ORDER))
    validator = gateway.create_request_validator(restApiId=api, name="bodies", validateRequestBody=True)["id"]
    door = gateway.create_authorizer(
        restApiId=api, name="door", type="TOKEN", identitySource="method.request.header.Authorization",
        authorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn}/invocations",
        authorizerResultTtlInSeconds=300)["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
    gateway.put_method(**method, authorizationType="CUSTOM", authorizerId=door, requestValidatorId=validator,
                       requestModels={"application/json": "Order"})
    gateway.put_integration(**method, type="AWS", integrationHttpMethod="POST", credentials=pipeline.ROLE,
                            uri="arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
                            requestTemplates={"application/json": RECORD}, passthroughBehavior="NEVER")
    for status, pattern, template in (("200", None, """{"sequence": "$input.path('$.SequenceNumber')"}"""),
                                      ("503", "[45]\\d{2}", """{"message": "the order was not taken: try again"}""")):
        gateway.put_method_response(**method, statusCode=status)
        gateway.put_integration_response(**method, statusCode=status, responseTemplates={"application/json": template},
                                         **({"selectionPattern": pattern} if pattern else {}))
    gateway.put_gateway_response(restApiId=api, responseType="BAD_REQUEST_BODY",
                                 responseTemplates={"text/plain": REFUSED})
    gateway.create_deployment(restApiId=api, stageName=STAGE)
    return f"/restapis/{api}/{STAGE}/_user_request_/orders"
