"""HTTP APIs made with the JavaScript SDK and asked with Node's fetch; the issuer of tokens and a URL behind the API are Node's too."""


from support.functions import create

SHOP = r"""
const { ApiGatewayV2, ConflictException, NotFoundException } = require("@aws-sdk/client-apigatewayv2");
const crypto = require("node:crypto"), http = require("node:http");
const apis = new ApiGatewayV2({ endpoint });
// Browsers and curl know that the names in .localhost are this machine; not every machine's resolver does.
const dns = require("node:dns"), lookup = dns.lookup;
dns.lookup = (name, ...rest) => lookup(name.endsWith(".localhost") ? "127.0.0.1" : name, ...rest);

const key = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const site = http.createServer((request, answer) => {
    const said = request.url.endsWith("openid-configuration") ? { issuer: url, jwks_uri: `${url}/keys` }
        : request.url === "/keys" ? { keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: "1", use: "sig" }] }
        : { path: request.url, from: request.headers["x-from"] };
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify(said));
});
await new Promise((listens) => site.listen(0, "127.0.0.1", listens));
const url = `http://127.0.0.1:${site.address().port}`;
const token = (claims) => {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "RS256", kid: "1" })}.${part({ iss: url, aud: "shop", exp: Date.now() / 1000 + 300, ...claims })}`;
    return `Bearer ${text}.${crypto.sign("sha256", Buffer.from(text), key.privateKey).toString("base64url")}`;
};

const { ApiId, ApiEndpoint, CreatedDate } = await apis.createApi({ Name: "shop", ProtocolType: "HTTP", CorsConfiguration: {
    AllowOrigins: ["https://shop.example"], AllowMethods: ["*"], AllowHeaders: ["authorization"], MaxAge: 60 } });
assert(CreatedDate instanceof Date && Math.abs(Date.now() - CreatedDate) < 3600000);
const { IntegrationId: functions } = await apis.createIntegration({ ApiId, IntegrationType: "AWS_PROXY",
    IntegrationUri: "arn:aws:lambda:us-east-1:000000000000:function:echo", PayloadFormatVersion: "2.0" });
const { IntegrationId: urls } = await apis.createIntegration({ ApiId, IntegrationType: "HTTP_PROXY", IntegrationMethod: "GET",
    IntegrationUri: `${url}/behind/{proxy}`, PayloadFormatVersion: "1.0",
    RequestParameters: { "append:header.x-from": "$context.routeKey" } });
const { AuthorizerId } = await apis.createAuthorizer({ ApiId, Name: "tokens", AuthorizerType: "JWT",
    IdentitySource: ["$request.header.Authorization"], JwtConfiguration: { Issuer: url, Audience: ["shop"] } });
const route = { ApiId, Target: `integrations/${functions}` };
await apis.createRoute({ ...route, RouteKey: "POST /orders/{id}", AuthorizationType: "JWT", AuthorizerId,
                         AuthorizationScopes: ["orders.write"] });
await apis.createRoute({ ApiId, RouteKey: "GET /urls/{proxy+}", Target: `integrations/${urls}` });
const stage = await apis.createStage({ ApiId, StageName: "$default", AutoDeploy: true, StageVariables: { tier: "js" } });
assert(stage.AutoDeploy && stage.CreatedDate instanceof Date);

const ask = (path, options) => fetch(ApiEndpoint + path, options);
const post = (authorization) => ask("/orders/7?a=1&a=2", { method: "POST", body: "{}", headers: { authorization } });
assert.equal((await ask("/orders/7", { method: "POST" })).status, 401);
assert.equal((await post(token({ aud: "other" }))).status, 401);
assert.equal((await post(token({ scope: "orders.read" }))).status, 403);
const answer = await post(token({ scope: "orders.read orders.write", sub: "ada" }));
assert.equal(answer.status, 200);
const event = await answer.json();
assert.equal(event.requestContext.authorizer.jwt.claims.sub, "ada");
assert.deepEqual([event.version, event.routeKey, event.pathParameters, event.queryStringParameters, event.stageVariables],
                 ["2.0", "POST /orders/{id}", { id: "7" }, { a: "1,2" }, { tier: "js" }]);
assert.deepEqual(await (await ask("/urls/x/y?z=1")).json(), { path: "/behind/x/y?z=1", from: "GET /urls/{proxy+}" });
assert.deepEqual(await (await ask("/nothing")).json(), { message: "Not Found" });

const { Items } = await apis.getRoutes({ ApiId });
assert.deepEqual(Items.map((each) => each.RouteKey).sort(), ["GET /urls/{proxy+}", "POST /orders/{id}"]);
await assert.rejects(apis.createRoute({ ...route, RouteKey: "POST /orders/{id}" }), ConflictException);
const changed = await apis.updateApi({ ApiId, Description: "ours", CorsConfiguration: { AllowOrigins: ["*"] } });
assert.deepEqual([changed.Description, changed.CorsConfiguration.AllowOrigins], ["ours", ["*"]]);
const { body } = await apis.exportApi({ ApiId, Specification: "OAS30", OutputType: "JSON", StageName: "$default" });
assert.deepEqual(Object.keys(JSON.parse(Buffer.from(body)).paths).sort(), ["/orders/{id}", "/urls/{proxy+}"]);
await assert.rejects(apis.createApi({ Name: "ws", ProtocolType: "WEBSOCKET", RouteSelectionExpression: "$request.body.action" }),
                     { name: "BadRequestException", message: /WebSocket/ });
await apis.deleteApi({ ApiId });
await assert.rejects(apis.getApi({ ApiId }), NotFoundException);
"""


SERVER_OPTIONS = ["--outbound-allow", "127.0.0.1"]


def test_an_api_with_routes_tokens_and_cors(node, boto):
    create(boto("lambda"), "echo")
    node(SHOP)
