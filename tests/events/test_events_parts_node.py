"""Archives, replays, connections and API destinations are listed, changed and taken away again, through the JavaScript SDK."""

PARTS = r"""
const { EventBridge, ResourceNotFoundException, ResourceAlreadyExistsException, IllegalStatusException } = require("@aws-sdk/client-eventbridge");
const events = new EventBridge({ endpoint });
const gone = (promise) => assert.rejects(promise, ResourceNotFoundException);
"""

ARCHIVES = PARTS + r"""
const { EventBusArn } = await events.createEventBus({ Name: "shop" });
const updated = await events.updateEventBus({ Name: "shop", Description: "ours" });
assert.deepEqual([updated.Arn, updated.Description], [EventBusArn, "ours"]);
assert.equal((await events.describeEventBus({ Name: "shop" })).Description, "ours");

const ArchiveName = "all";
const { ArchiveArn } = await events.createArchive({ ArchiveName, EventSourceArn: EventBusArn, RetentionDays: 3 });
await assert.rejects(events.createArchive({ ArchiveName, EventSourceArn: EventBusArn }), ResourceAlreadyExistsException);
await events.updateArchive({ ArchiveName, RetentionDays: 7, EventPattern: '{"source": ["shop"]}', Description: "d" });
const archive = await events.describeArchive({ ArchiveName });
assert.deepEqual([archive.RetentionDays, archive.EventPattern, archive.Description, archive.State, archive.EventSourceArn],
                 [7, '{"source": ["shop"]}', "d", "ENABLED", EventBusArn]);
await assert.rejects(events.updateArchive({ ArchiveName, EventPattern: '{"source": "shop"}' }), { name: "InvalidEventPatternException" });
assert.deepEqual((await events.listArchives({ EventSourceArn: EventBusArn })).Archives.map((each) => each.ArchiveName), ["all"]);

const between = { EventStartTime: new Date(Date.now() - 60000), EventEndTime: new Date(), Destination: { Arn: EventBusArn } };
for (const ReplayName of ["r1", "r2"]) {
    await events.startReplay({ ReplayName, EventSourceArn: ArchiveArn, ...between });
    await eventually(async () => (await events.describeReplay({ ReplayName })).State === "COMPLETED");
}
const page = await events.listReplays({ NamePrefix: "r", Limit: 1 });
const rest = await events.listReplays({ NamePrefix: "r", Limit: 1, NextToken: page.NextToken });
assert.deepEqual([...page.Replays, ...rest.Replays].map((each) => [each.ReplayName, each.State, each.EventSourceArn]),
                 [["r1", "COMPLETED", ArchiveArn], ["r2", "COMPLETED", ArchiveArn]]);
await assert.rejects(events.cancelReplay({ ReplayName: "r1" }), IllegalStatusException);
await gone(events.cancelReplay({ ReplayName: "nobody" }));
await events.deleteArchive({ ArchiveName });
await gone(events.describeArchive({ ArchiveName }));
"""

CONNECTIONS = PARTS + r"""
const Name = "site";
const { ConnectionArn } = await events.createConnection({ Name, AuthorizationType: "BASIC",
    AuthParameters: { BasicAuthParameters: { Username: "u", Password: "hush" } } });
const InvocationEndpoint = "https://shop.example/orders";
const { ApiDestinationArn } = await events.createApiDestination({ Name, ConnectionArn, InvocationEndpoint, HttpMethod: "POST" });
const changed = await events.updateApiDestination({ Name, HttpMethod: "PUT", InvocationRateLimitPerSecond: 7, Description: "d" });
assert.equal(changed.ApiDestinationArn, ApiDestinationArn);
const shown = await events.describeApiDestination({ Name });
assert.deepEqual([shown.HttpMethod, shown.InvocationRateLimitPerSecond, shown.Description, shown.InvocationEndpoint, shown.ConnectionArn],
                 ["PUT", 7, "d", InvocationEndpoint, ConnectionArn]);
assert(shown.LastModifiedTime >= shown.CreationTime);

await events.updateConnection({ Name, AuthorizationType: "API_KEY", AuthParameters: {
    ApiKeyAuthParameters: { ApiKeyName: "x-key", ApiKeyValue: "hush" } } });
const connection = await events.describeConnection({ Name });
assert.deepEqual([connection.AuthorizationType, connection.ConnectionState, connection.AuthParameters],
                 ["API_KEY", "AUTHORIZED", { ApiKeyAuthParameters: { ApiKeyName: "x-key" } }]);
const { Connections } = await events.listConnections({ ConnectionState: "AUTHORIZED" });
assert.deepEqual(Connections.map((each) => [each.Name, each.AuthorizationType]), [[Name, "API_KEY"]]);
assert.deepEqual((await events.listConnections({ ConnectionState: "DEAUTHORIZED" })).Connections, []);
await events.deleteApiDestination({ Name });
await gone(events.describeApiDestination({ Name }));
await events.deleteConnection({ Name });
await gone(events.describeConnection({ Name }));
"""


def test_archives_and_replays(node):
    node(ARCHIVES)


def test_connections_and_api_destinations(node):
    node(CONNECTIONS)
