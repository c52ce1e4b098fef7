"""EventBridge through the JavaScript SDK: what is put reaches streams and URLs, is archived, replayed and tried out."""

import pytest

STREAM = r"""
const { EventBridge, ResourceNotFoundException, InvalidEventPatternException } = require("@aws-sdk/client-eventbridge");
const { Kinesis } = require("@aws-sdk/client-kinesis");
const events = new EventBridge({ endpoint }), kinesis = new Kinesis({ endpoint });
const stream = async (StreamName) => {
    await kinesis.createStream({ StreamName, ShardCount: 1 });
    return `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
};
const read = async (StreamName) => {
    const { ShardIterator } = await kinesis.getShardIterator({ StreamName, ShardId: "shardId-000000000000",
                                                              ShardIteratorType: "TRIM_HORIZON" });
    return (await kinesis.getRecords({ ShardIterator })).Records.map((each) => JSON.parse(Buffer.from(each.Data)));
};
"""

DELIVERED = STREAM + r"""
const EventBusName = "orders", Name = "large";
const { EventBusArn } = await events.createEventBus({ Name: EventBusName, Tags: [{ Key: "team", Value: "js" }] });
const pattern = { source: ["shop"], detail: { total: [{ numeric: [">", 10] }] } };
const { RuleArn } = await events.putRule({ Name, EventBusName, EventPattern: JSON.stringify(pattern) });
const Arn = await stream("large");
assert.deepEqual(await events.putTargets({ Rule: Name, EventBusName, Targets: [
    { Id: "whole", Arn },
    { Id: "part", Arn: await stream("part"), InputTransformer: { InputPathsMap: { id: "$.detail.id", at: "$.time" },
                                                                 InputTemplate: '{"order": <id>, "at": <at>}' } }] })
    .then((answer) => [answer.FailedEntryCount, answer.FailedEntries]), [0, []]);
const { ArchiveArn } = await events.createArchive({ ArchiveName: "all", EventSourceArn: EventBusArn, RetentionDays: 1 });

const Time = new Date(Date.now() - 600000);
const entry = (detail, more) => ({ EventBusName, Source: "shop", DetailType: "order", Time, Detail: JSON.stringify(detail), ...more });
const put = await events.putEvents({ Entries: [entry({ id: "a", total: 11 }), entry({ id: "b", total: 10 }),
                                               entry(1), entry({ id: "c", total: 12 }, { Resources: ["arn:x"] })] });
assert.equal(put.FailedEntryCount, 1);
assert.equal(put.Entries[2].ErrorCode, "MalformedDetail");
const at = Time.toISOString().replace(/\.\d+/, "");
const whole = await eventually(async () => (await read("large")).length === 2 && read("large"));
assert.deepEqual(whole.map((each) => [each.id, each.detail.id, each.time, each.resources]),
                 [[put.Entries[0].EventId, "a", at, []], [put.Entries[3].EventId, "c", at, ["arn:x"]]]);
const part = await eventually(async () => (await read("part")).length === 2 && read("part"));
assert.deepEqual(part, [{ order: "a", at }, { order: "c", at }]);

const Event = JSON.stringify(whole[0]);
assert.equal((await events.testEventPattern({ Event, EventPattern: JSON.stringify(pattern) })).Result, true);
assert.equal((await events.testEventPattern({ Event, EventPattern: '{"source": [{"anything-but": "shop"}]}' })).Result, false);
await assert.rejects(events.testEventPattern({ Event, EventPattern: '{"source": "shop"}' }), InvalidEventPatternException);

// A replay sends what is in the archive to that rule once more, and says so.
await eventually(async () => (await events.describeArchive({ ArchiveName: "all" })).EventCount === 3);
const started = await events.startReplay({ ReplayName: "again", EventSourceArn: ArchiveArn, EventStartTime: new Date(Time - 60000),
    EventEndTime: new Date(), Destination: { Arn: EventBusArn, FilterArns: [RuleArn] } });
assert(started.ReplayStartTime instanceof Date);
await eventually(async () => (await events.describeReplay({ ReplayName: "again" })).State === "COMPLETED");
const twice = await eventually(async () => (await read("large")).length === 4 && read("large"));
assert.deepEqual(twice.slice(2).map((each) => [each.detail.id, each["replay-name"]]), [["a", "again"], ["c", "again"]]);

const { Rules } = await events.listRules({ EventBusName });
assert.deepEqual(Rules.map((each) => [each.Name, each.Arn, each.State]), [[Name, RuleArn, "ENABLED"]]);
assert.deepEqual((await events.listTargetsByRule({ Rule: Name, EventBusName })).Targets.map((each) => each.Id).sort(), ["part", "whole"]);
await assert.rejects(events.deleteRule({ Name, EventBusName }), { name: "ValidationException" });
await events.removeTargets({ Rule: Name, EventBusName, Ids: ["whole", "part"] });
await events.deleteRule({ Name, EventBusName });
await events.deleteArchive({ ArchiveName: "all" });
await events.deleteEventBus({ Name: EventBusName });
await assert.rejects(events.describeEventBus({ Name: EventBusName }), ResourceNotFoundException);
"""

DESTINATION = STREAM + r"""
const http = require("node:http");
const seen = [];
const site = http.createServer(async (request, answer) => {
    const body = Buffer.concat(await request.toArray()).toString();
    seen.push([request.method, request.url, request.headers["x-api-key"], JSON.parse(body)]);
    answer.statusCode = seen.length === 1 ? 503 : 200;  // it is tried again
    answer.end();
});
await new Promise((listens) => site.listen(0, "127.0.0.1", listens));
const { ConnectionArn, ConnectionState } = await events.createConnection({ Name: "site", AuthorizationType: "API_KEY",
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-api-key", ApiKeyValue: "hush" } } });
assert.equal(ConnectionState, "AUTHORIZED");
const { ApiDestinationArn } = await events.createApiDestination({ Name: "site", ConnectionArn, HttpMethod: "PUT",
    InvocationEndpoint: `http://127.0.0.1:${site.address().port}/orders/*`, InvocationRateLimitPerSecond: 300 });
await events.putRule({ Name: "site", EventPattern: '{"detail-type": [{"prefix": "order."}]}' });
await events.putTargets({ Rule: "site", Targets: [{ Id: "1", Arn: ApiDestinationArn, InputPath: "$.detail",
    RoleArn: "arn:aws:iam::000000000000:role/r", HttpParameters: { PathParameterValues: ["$.detail.id"] } }] });
await events.putEvents({ Entries: [{ Source: "shop", DetailType: "order.paid", Detail: '{"id": "7"}' }] });
await eventually(() => seen.length === 2);
assert.deepEqual(seen, Array(2).fill(["PUT", "/orders/7", "hush", { id: "7" }]));
const connection = await events.describeConnection({ Name: "site" });
assert.deepEqual(connection.AuthParameters, { ApiKeyAuthParameters: { ApiKeyName: "x-api-key" } });
assert.deepEqual((await events.listApiDestinations({ ConnectionArn })).ApiDestinations.map((each) => each.Name), ["site"]);
"""

SCHEDULED = STREAM + r"""
const { Name, ScheduleExpression } = argument, Arn = await stream(Name);
await events.putRule({ Name, ScheduleExpression, State: "DISABLED" });
await events.putTargets({ Rule: Name, Targets: [{ Id: "1", Arn }] });
const shown = await events.describeRule({ Name });
assert.deepEqual([shown.ScheduleExpression, shown.State, shown.EventPattern], [ScheduleExpression, "DISABLED", undefined]);
await assert.rejects(events.putRule({ Name: "no", ScheduleExpression: "rate(1 minutes)" }), { name: "ValidationException" });
await events.createEventBus({ Name });
await assert.rejects(events.putRule({ Name: "no", EventBusName: Name, ScheduleExpression }), { name: "ValidationException" });
await events.enableRule({ Name });
"""

FIRED = SCHEDULED + r"""
const [event] = await eventually(async () => { const found = await read(Name); return found.length && found; }, 90);
assert.deepEqual([event.source, event["detail-type"], event.resources, event.detail],
                 ["aws.events", "Scheduled Event", [`arn:aws:events:us-east-1:000000000000:rule/${Name}`], {}]);
"""


SERVER_OPTIONS = ["--outbound-allow", "127.0.0.1", "--events-retry-ms", "20ms"]


def test_a_bus_with_a_rule_two_targets_and_an_archive(node):
    node(DELIVERED)


def test_a_connection_and_an_api_destination(node):
    node(DESTINATION)


def test_a_rule_may_be_a_schedule(node):
    node(SCHEDULED, {"Name": "monthly", "ScheduleExpression": "cron(0 8 1 * ? *)"})


@pytest.mark.long
def test_a_rule_that_is_a_schedule_is_carried_out(node):
    node(FIRED, {"Name": "minutes", "ScheduleExpression": "rate(1 minute)"})
