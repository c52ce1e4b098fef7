"""EventBridge Scheduler through the JavaScript SDK: schedules are kept as they were made, and what is due is carried out."""

SCHEDULER = r"""
const { Scheduler, ConflictException, ResourceNotFoundException, paginateListSchedules } = require("@aws-sdk/client-scheduler");
const scheduler = new Scheduler({ endpoint });
const Target = { Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/due", RoleArn: "arn:aws:iam::000000000000:role/r",
                 KinesisParameters: { PartitionKey: "k" } };
const FlexibleTimeWindow = { Mode: "OFF" };
"""

KEPT = SCHEDULER + r"""
const GroupName = "reports", Name = "monthly";
const { ScheduleGroupArn } = await scheduler.createScheduleGroup({ Name: GroupName, Tags: [{ Key: "team", Value: "js" }] });
assert.deepEqual((await scheduler.listTagsForResource({ ResourceArn: ScheduleGroupArn })).Tags, [{ Key: "team", Value: "js" }]);
const StartDate = new Date("2199-01-01T00:00:00Z"), EndDate = new Date("2199-12-31T00:00:00Z");
const asked = { Name, GroupName, ScheduleExpression: "cron(0 8 1 * ? *)", ScheduleExpressionTimezone: "Europe/Berlin",
    StartDate, EndDate, Description: "d", State: "ENABLED", ActionAfterCompletion: "NONE",
    FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 5 }, Target: { ...Target, Input: '{"n": 1}' } };
const { ScheduleArn } = await scheduler.createSchedule(asked);
const { $metadata, Arn, CreationDate, LastModificationDate, ...shown } = await scheduler.getSchedule({ Name, GroupName });
assert.deepEqual(shown, { ...asked, Target: { ...asked.Target,
    RetryPolicy: { MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185 } } });
assert.equal(Arn, ScheduleArn);
assert(CreationDate instanceof Date && Math.abs(Date.now() - CreationDate) < 3600000);
await assert.rejects(scheduler.createSchedule(asked), ConflictException);
await assert.rejects(scheduler.createSchedule({ ...asked, Name: "x", ScheduleExpression: "rate(1 week)" }), { name: "ValidationException" });

for (const each of ["a", "b", "c"])
    await scheduler.createSchedule({ Name: each, GroupName, ScheduleExpression: "rate(7 days)", StartDate, FlexibleTimeWindow, Target });
await scheduler.updateSchedule({ Name: "b", GroupName, ScheduleExpression: "rate(14 days)", State: "DISABLED", FlexibleTimeWindow, Target });
const updated = await scheduler.getSchedule({ Name: "b", GroupName });
assert.deepEqual([updated.ScheduleExpression, updated.StartDate, updated.State], ["rate(14 days)", undefined, "DISABLED"]);
const pages = [];
for await (const page of paginateListSchedules({ client: scheduler, pageSize: 3 }, { GroupName }))
    pages.push(page.Schedules.map((each) => each.Name));
assert.deepEqual(pages, [["a", "b", "c"], ["monthly"]]);
await scheduler.deleteSchedule({ Name, GroupName });
await assert.rejects(scheduler.getSchedule({ Name, GroupName }), ResourceNotFoundException);
await scheduler.deleteScheduleGroup({ Name: GroupName });
await eventually(async () => (await scheduler.listScheduleGroups({ NamePrefix: GroupName })).ScheduleGroups.length === 0);
await assert.rejects(scheduler.getSchedule({ Name: "a", GroupName }), ResourceNotFoundException);
"""

DUE = SCHEDULER + r"""
const { Kinesis } = require("@aws-sdk/client-kinesis");
const kinesis = new Kinesis({ endpoint });
await kinesis.createStream({ StreamName: "due", ShardCount: 1 });
// "Now", which is over when the server reads it: it was due within the last minute.
const at = new Date().toISOString().slice(0, 19);
for (const ActionAfterCompletion of ["DELETE", "NONE"])
    await scheduler.createSchedule({ Name: ActionAfterCompletion, ScheduleExpression: `at(${at})`, ActionAfterCompletion,
        FlexibleTimeWindow, Target: { ...Target, Input: '{"at": "<aws.scheduler.scheduled-time>", "arn": "<aws.scheduler.schedule-arn>"}' } });
const { ShardIterator } = await kinesis.getShardIterator({ StreamName: "due", ShardId: "shardId-000000000000",
                                                          ShardIteratorType: "TRIM_HORIZON" });
const records = await eventually(async () => {
    const { Records } = await kinesis.getRecords({ ShardIterator });
    return Records.length === 2 && Records.map((each) => [each.PartitionKey, JSON.parse(Buffer.from(each.Data))]);
});
const prefix = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/";
assert.deepEqual(records.sort((a, b) => a[1].arn < b[1].arn ? -1 : 1), ["DELETE", "NONE"].map((each) => ["k", { at: `${at}Z`, arn: prefix + each }]));
await eventually(async () => {
    const { Schedules } = await scheduler.listSchedules({ GroupName: "default" });
    return Schedules.length === 1 && Schedules[0].Name === "NONE";
});
"""


def test_schedules_and_groups_are_kept(node):
    node(KEPT)


def test_what_is_due_once_is_carried_out(node):
    node(DUE)
