"""The parts of a REST API are read, changed and taken away again, through the JavaScript SDK."""

import pytest

PARTS = r"""
const { APIGateway, NotFoundException, ConflictException } = require("@aws-sdk/client-api-gateway");
const gateway = new APIGateway({ endpoint });
const { id: restApiId, rootResourceId: resourceId } = await gateway.createRestApi({ name: "parts" });
const replace = (path, value) => ({ op: "replace", path, value });
const gone = (promise) => assert.rejects(promise, NotFoundException);
const names = (page) => page.items.map((each) => each.name).sort();
"""

MODELS = PARTS + r"""
const contentType = "application/json", schema = JSON.stringify({ type: "object", required: ["id"] });
assert.deepEqual(names(await gateway.getModels({ restApiId })), ["Empty", "Error"]);
const made = await gateway.createModel({ restApiId, name: "Order", contentType, schema, description: "d" });
await assert.rejects(gateway.createModel({ restApiId, name: "Order", contentType, schema }), ConflictException);
const { $metadata, ...shown } = await gateway.getModel({ restApiId, modelName: "Order" });
assert.deepEqual(shown, { id: made.id, name: "Order", description: "d", contentType, schema });
const changed = await gateway.updateModel({ restApiId, modelName: "Order",
    patchOperations: [replace("/schema", '{"type": "array"}'), replace("/description", "e")] });
assert.deepEqual([JSON.parse(changed.schema), changed.description], [{ type: "array" }, "e"]);
await assert.rejects(gateway.updateModel({ restApiId, modelName: "Order", patchOperations: [replace("/schema", "{")] }), { name: "BadRequestException" });

const validator = await gateway.createRequestValidator({ restApiId, name: "both", validateRequestBody: true });
const requestValidatorId = validator.id;
assert.deepEqual([validator.validateRequestBody, validator.validateRequestParameters], [true, false]);
const stricter = await gateway.updateRequestValidator({ restApiId, requestValidatorId,
    patchOperations: [replace("/name", "all"), replace("/validateRequestParameters", "true")] });
assert.deepEqual([stricter.name, stricter.validateRequestBody, stricter.validateRequestParameters], ["all", true, true]);
assert.equal((await gateway.getRequestValidator({ restApiId, requestValidatorId })).name, "all");
assert.deepEqual(names(await gateway.getRequestValidators({ restApiId })), ["all"]);

// What a method uses stays.
const method = { restApiId, resourceId, httpMethod: "POST" };
await gateway.putMethod({ ...method, authorizationType: "NONE", requestValidatorId, requestModels: { [contentType]: "Order" } });
await assert.rejects(gateway.deleteModel({ restApiId, modelName: "Order" }), ConflictException);
await gateway.deleteMethod(method);
await gone(gateway.getMethod(method));
await gateway.deleteModel({ restApiId, modelName: "Order" });
await gateway.deleteRequestValidator({ restApiId, requestValidatorId });
await gone(gateway.getModel({ restApiId, modelName: "Order" }));
await gone(gateway.getRequestValidator({ restApiId, requestValidatorId }));
"""

RESPONSES = PARTS + r"""
const method = { restApiId, resourceId, httpMethod: "GET" }, response = { ...method, statusCode: "200" };
await gateway.putMethod({ ...method, authorizationType: "NONE" });
await gone(gateway.putIntegrationResponse(response));
await gateway.putIntegration({ ...method, type: "MOCK", requestTemplates: { "application/json": '{"statusCode": 200}' } });
await gateway.putMethodResponse({ ...response, responseModels: { "application/json": "Empty" } });
await gateway.putIntegrationResponse({ ...response, responseTemplates: { "application/json": "one" } });
const header = "method.response.header.X-Kind";
const declared = await gateway.updateMethodResponse({ ...response, patchOperations: [{ op: "add", path: `/responseParameters/${header}`, value: "true" }] });
assert.deepEqual(declared.responseParameters, { [header]: true });
assert.deepEqual((await gateway.getMethodResponse(response)).responseModels, { "application/json": "Empty" });
const mapped = await gateway.updateIntegrationResponse({ ...response, patchOperations: [
    { op: "add", path: `/responseParameters/${header}`, value: "'mock'" }, replace("/responseTemplates/application~1json", "two") ] });
assert.deepEqual([mapped.responseParameters, mapped.responseTemplates], [{ [header]: "'mock'" }, { "application/json": "two" }]);
assert.deepEqual((await gateway.getIntegrationResponse(response)).responseTemplates, { "application/json": "two" });

const first = await gateway.createDeployment({ restApiId, stageName: "prod", description: "first" });
const ask = async () => { const answer = await fetch(`${endpoint}/restapis/${restApiId}/prod/_user_request_/`);
                          return [answer.status, answer.headers.get("x-kind"), await answer.text()]; };
assert.deepEqual(await ask(), [200, "mock", "two"]);
await gateway.deleteIntegrationResponse(response);
await gateway.deleteMethodResponse(response);
await gone(gateway.getIntegrationResponse(response));
await gone(gateway.getMethodResponse(response));
assert.deepEqual(await ask(), [200, "mock", "two"]);  // the stage serves what was deployed
const second = await gateway.createDeployment({ restApiId, description: "second" });
const renamed = await gateway.updateDeployment({ restApiId, deploymentId: second.id, patchOperations: [replace("/description", "2nd")] });
assert.equal(renamed.description, "2nd");
const { items } = await gateway.getDeployments({ restApiId });
assert.deepEqual(new Map(items.map((each) => [each.id, each.description])), new Map([[first.id, "first"], [second.id, "2nd"]]));
await assert.rejects(gateway.deleteDeployment({ restApiId, deploymentId: first.id }), { name: "BadRequestException" });
await gateway.deleteDeployment({ restApiId, deploymentId: second.id });

for (const domainName of ["a.example.com", "b.example.com"])
    await gateway.createDomainName({ domainName, regionalCertificateArn: "arn:aws:acm:us-east-1:000000000000:certificate/1",
                                     endpointConfiguration: { types: ["REGIONAL"] } });
const page = await gateway.getDomainNames({ limit: 1 });
const rest = await gateway.getDomainNames({ limit: 1, position: page.position });
assert.deepEqual([...page.items, ...rest.items].map((each) => each.domainName), ["a.example.com", "b.example.com"]);
"""


@pytest.mark.parametrize("script", [MODELS, RESPONSES], ids=["models and validators", "responses and deployments"])
def test_parts(node, script):
    node(script)
