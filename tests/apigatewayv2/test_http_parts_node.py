"""The parts of an HTTP API are read, changed and taken away again, through the JavaScript SDK."""

PARTS = r"""
const { ApiGatewayV2, NotFoundException } = require("@aws-sdk/client-apigatewayv2");
const apis = new ApiGatewayV2({ endpoint });
const gone = (promise) => assert.rejects(promise, NotFoundException);
const { ApiId } = await apis.createApi({ Name: "parts", ProtocolType: "HTTP" });
const { IntegrationId } = await apis.createIntegration({ ApiId, IntegrationType: "AWS_PROXY", PayloadFormatVersion: "2.0",
    IntegrationUri: "arn:aws:lambda:us-east-1:000000000000:function:f" });

const { RouteId } = await apis.createRoute({ ApiId, RouteKey: "GET /orders", Target: `integrations/${IntegrationId}`, OperationName: "list" });
const route = await apis.updateRoute({ ApiId, RouteId, RouteKey: "GET /orders/{id}", AuthorizationType: "AWS_IAM" });
assert.deepEqual([route.RouteKey, route.AuthorizationType, route.OperationName, route.Target],
                 ["GET /orders/{id}", "AWS_IAM", "list", `integrations/${IntegrationId}`]);
await assert.rejects(apis.updateRoute({ ApiId, RouteId, RouteKey: "orders" }), { name: "BadRequestException" });

const StageName = "prod", RouteKey = "GET /orders/{id}";
const DestinationArn = "arn:aws:logs:us-east-1:000000000000:log-group:access";
await apis.createStage({ ApiId, StageName, AccessLogSettings: { DestinationArn, Format: "$context.requestId" },
    DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 50 },
    RouteSettings: { [RouteKey]: { ThrottlingRateLimit: 10.5, ThrottlingBurstLimit: 5 } } });
const stage = await apis.getStage({ ApiId, StageName });
assert.deepEqual(stage.AccessLogSettings, { DestinationArn, Format: "$context.requestId" });
assert.equal(stage.RouteSettings[RouteKey].ThrottlingRateLimit, 10.5);
await apis.deleteAccessLogSettings({ ApiId, StageName });
await apis.deleteRouteSettings({ ApiId, StageName, RouteKey });
const less = await apis.getStage({ ApiId, StageName });
assert.deepEqual([less.AccessLogSettings, less.RouteSettings ?? {}, less.DefaultRouteSettings.ThrottlingBurstLimit], [undefined, {}, 50]);
await gone(apis.deleteRouteSettings({ ApiId, StageName, RouteKey: "GET /nothing" }));

const first = await apis.createDeployment({ ApiId, StageName, Description: "first" });
const second = await apis.createDeployment({ ApiId, Description: "second" });
const renamed = await apis.updateDeployment({ ApiId, DeploymentId: second.DeploymentId, Description: "2nd" });
assert.deepEqual([renamed.Description, renamed.DeploymentStatus], ["2nd", "DEPLOYED"]);
const { Items } = await apis.getDeployments({ ApiId });
assert.deepEqual(new Map(Items.map((each) => [each.DeploymentId, each.Description])),
                 new Map([[first.DeploymentId, "first"], [second.DeploymentId, "2nd"]]));
await apis.deleteDeployment({ ApiId, DeploymentId: second.DeploymentId });

const DomainName = "api.example.com";
for (const name of [DomainName, "other.example.com"])
    await apis.createDomainName({ DomainName: name, DomainNameConfigurations: [
        { CertificateArn: "arn:aws:acm:us-east-1:000000000000:certificate/1", EndpointType: "REGIONAL", SecurityPolicy: "TLS_1_2" }] });
assert.deepEqual((await apis.getDomainNames({})).Items.map((each) => each.DomainName).sort(), [DomainName, "other.example.com"]);
const { ApiMappingId } = await apis.createApiMapping({ DomainName, ApiId, Stage: StageName, ApiMappingKey: "v1" });
const mapping = await apis.updateApiMapping({ DomainName, ApiMappingId, ApiId, ApiMappingKey: "v1/orders" });
assert.deepEqual([mapping.ApiMappingKey, mapping.Stage], ["v1/orders", StageName]);
const { $metadata, ...shown } = await apis.getApiMapping({ DomainName, ApiMappingId });
assert.deepEqual((await apis.getApiMappings({ DomainName })).Items, [shown]);
await assert.rejects(apis.deleteStage({ ApiId, StageName }), { name: "BadRequestException" });
await apis.deleteApiMapping({ DomainName, ApiMappingId });
await gone(apis.getApiMapping({ DomainName, ApiMappingId }));

await assert.rejects(apis.deleteIntegration({ ApiId, IntegrationId }), { name: "ConflictException" });
await apis.deleteRoute({ ApiId, RouteId });
await gone(apis.getRoute({ ApiId, RouteId }));
await apis.deleteIntegration({ ApiId, IntegrationId });
await apis.deleteStage({ ApiId, StageName });
"""


def test_parts(node):
    node(PARTS)
