"""REST APIs made with the JavaScript SDK and asked with Node's fetch."""

ORDERS = r"""
const { APIGateway, NotFoundException, paginateGetResources } = require("@aws-sdk/client-api-gateway");
const { Kinesis } = require("@aws-sdk/client-kinesis");
const gateway = new APIGateway({ endpoint }), kinesis = new Kinesis({ endpoint });
await kinesis.createStream({ StreamName: "orders", ShardCount: 1 });

const api = await gateway.createRestApi({ name: "shop", apiKeySource: "HEADER", tags: { team: "js" } });
assert(api.createdDate instanceof Date && Math.abs(Date.now() - api.createdDate) < 3600000);
assert.deepEqual([api.apiKeySource, api.tags, api.endpointConfiguration.types], ["HEADER", { team: "js" }, ["EDGE"]]);
const restApiId = api.id;
const orders = await gateway.createResource({ restApiId, parentId: api.rootResourceId, pathPart: "orders" });
await gateway.createModel({ restApiId, name: "Order", contentType: "application/json", schema: JSON.stringify({
    type: "object", required: ["id"], properties: { id: { type: "string" }, n: { type: "integer", minimum: 1 } } }) });
const validator = await gateway.createRequestValidator({ restApiId, name: "body", validateRequestBody: true });
const post = { restApiId, resourceId: orders.id, httpMethod: "POST" };
await gateway.putMethod({ ...post, authorizationType: "NONE", apiKeyRequired: true, requestValidatorId: validator.id,
                          requestModels: { "application/json": "Order" } });
await gateway.putIntegration({ ...post, type: "AWS", integrationHttpMethod: "POST",
    uri: "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord", passthroughBehavior: "NEVER",
    requestTemplates: { "application/json": `#set($order = $input.path('$'))
        {"StreamName": "$stageVariables.stream", "PartitionKey": "$order.id", "Data": "$util.base64Encode($input.json('$'))"}` } });
await gateway.putMethodResponse({ ...post, statusCode: "202", responseParameters: { "method.response.header.X-Shard": true } });
await gateway.putIntegrationResponse({ ...post, statusCode: "202",
    responseParameters: { "method.response.header.X-Shard": "integration.response.body.ShardId" },
    responseTemplates: { "application/json": '{"accepted": true}' } });

const shown = await gateway.getMethod(post);
assert.equal(shown.apiKeyRequired, true);
assert.equal(shown.methodIntegration.integrationResponses["202"].statusCode, "202");
const deployment = await gateway.createDeployment({ restApiId, stageName: "prod", variables: { stream: "nowhere" } });
const stage = await gateway.updateStage({ restApiId, stageName: "prod",
    patchOperations: [{ op: "replace", path: "/variables/stream", value: "orders" }] });
assert.equal(stage.deploymentId, deployment.id);
assert.deepEqual(stage.variables, { stream: "orders" });
assert(stage.createdDate instanceof Date);

const key = await gateway.createApiKey({ name: "customer", enabled: true });
const plan = await gateway.createUsagePlan({ name: "gold", apiStages: [{ apiId: restApiId, stage: "prod" }],
    throttle: { rateLimit: 1000.5, burstLimit: 1000 }, quota: { limit: 3, period: "MONTH" } });
assert.deepEqual([plan.throttle, plan.quota], [{ rateLimit: 1000.5, burstLimit: 1000 }, { limit: 3, offset: 0, period: "MONTH" }]);
await gateway.createUsagePlanKey({ usagePlanId: plan.id, keyId: key.id, keyType: "API_KEY" });

const send = async (body, headers = { "x-api-key": key.value }) => {
    const answer = await fetch(`${endpoint}/restapis/${restApiId}/prod/_user_request_/orders`, {
        method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
    return [answer.status, await answer.json(), answer.headers.get("x-shard")];
};
assert.deepEqual(await send({ id: "1" }, {}), [403, { message: "Forbidden" }, null]);
assert.deepEqual(await send({ n: 0 }), [400, { message: "Invalid request body" }, null]);
const accepted = [202, { accepted: true }, "shardId-000000000000"];
assert.deepEqual(await send({ id: "1", n: 2 }), accepted);
assert.deepEqual(await send({ id: "2", note: "grün" }), accepted);
assert.deepEqual((await send({ id: "3" })).slice(0, 2), [429, { message: "Limit Exceeded" }]);
const { ShardIterator } = await kinesis.getShardIterator({ StreamName: "orders", ShardId: "shardId-000000000000",
                                                          ShardIteratorType: "TRIM_HORIZON" });
const { Records } = await kinesis.getRecords({ ShardIterator });
assert.deepEqual(Records.map((each) => JSON.parse(Buffer.from(each.Data))), [{ id: "1", n: 2 }, { id: "2", note: "grün" }]);

for (const pathPart of ["a", "b", "c"]) await gateway.createResource({ restApiId, parentId: orders.id, pathPart });
const paths = [], sizes = [];
for await (const page of paginateGetResources({ client: gateway, pageSize: 2 }, { restApiId, embed: ["methods"] })) {
    sizes.push(page.items.length);
    paths.push(...page.items.map((each) => each.path));
}
assert.deepEqual([sizes, paths.sort()], [[2, 2, 1], ["/", "/orders", "/orders/a", "/orders/b", "/orders/c"]]);
await gateway.deleteUsagePlanKey({ usagePlanId: plan.id, keyId: key.id });
await assert.rejects(gateway.deleteUsagePlan({ usagePlanId: plan.id }), { name: "BadRequestException" });
await gateway.deleteRestApi({ restApiId });
await assert.rejects(gateway.getRestApi({ restApiId }), (error) => error instanceof NotFoundException
    && error.$metadata.httpStatusCode === 404 && error.message.startsWith("Invalid API identifier specified"));
"""

DEFINITION = """
openapi: 3.0.1
info: {title: imported, version: "7"}
paths:
  /hello/{name}:
    get:
      parameters: [{name: name, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: '200', responseTemplates: {application/json: '{"hello": "$input.params(''name'')"}'}}}
"""

IMPORTED = """
const { APIGateway } = require("@aws-sdk/client-api-gateway");
const gateway = new APIGateway({ endpoint });
const warned = await gateway.importRestApi({ body: Buffer.from(argument), failOnWarnings: true });
assert.deepEqual([warned.name, warned.version], ["imported", "7"]);
await gateway.createDeployment({ restApiId: warned.id, stageName: "v1" });
const hello = async (id) => (await fetch(`${endpoint}/restapis/${id}/v1/_user_request_/hello/ada`)).json();
assert.deepEqual(await hello(warned.id), { hello: "ada" });

for (const [exportType, version] of [["oas30", "3.0.1"], ["swagger", "2.0"]]) {
    const { body, contentType } = await gateway.getExport({ restApiId: warned.id, stageName: "v1", exportType,
        accepts: "application/json", parameters: { extensions: "integrations" } });
    assert.equal(contentType, "application/octet-stream");  // as AWS says of each export
    const definition = JSON.parse(Buffer.from(body));
    assert.equal(definition.openapi ?? definition.swagger, version);
    const again = await gateway.importRestApi({ body, parameters: { endpointConfigurationTypes: "REGIONAL" } });
    assert.deepEqual(again.endpointConfiguration.types, ["REGIONAL"]);
    await gateway.createDeployment({ restApiId: again.id, stageName: "v1" });
    assert.deepEqual(await hello(again.id), { hello: "ada" });
}
const more = JSON.stringify({ openapi: "3.0.1", info: { title: "more" }, paths: { "/more": {} } });
await gateway.putRestApi({ restApiId: warned.id, mode: "merge", body: Buffer.from(more) });
const { items } = await gateway.getResources({ restApiId: warned.id });
assert.deepEqual(items.map((each) => each.path).sort(), ["/", "/hello", "/hello/{name}", "/more"]);
await assert.rejects(gateway.importRestApi({ body: Buffer.from("{") }), { name: "BadRequestException" });
"""


def test_an_api_with_a_model_a_key_and_a_plan(node):
    node(ORDERS)


def test_a_definition_goes_in_and_out(node):
    node(IMPORTED, DEFINITION)
