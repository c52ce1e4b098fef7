"""EventBridge Pipes through the JavaScript SDK: records arrive while a pipe runs, and go on where it was stopped."""

PIPE = r"""
const { Pipes, ConflictException, NotFoundException } = require("@aws-sdk/client-pipes");
const { Kinesis } = require("@aws-sdk/client-kinesis");
const pipes = new Pipes({ endpoint }), kinesis = new Kinesis({ endpoint });
const arn = (StreamName) => `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
for (const StreamName of ["from", "to"]) await kinesis.createStream({ StreamName, ShardCount: 1 });
const put = (...values) => kinesis.putRecords({ StreamName: "from", Records: values.map((value) => (
    { PartitionKey: "k", Data: Buffer.from(JSON.stringify(value)) })) });
const arrived = (count) => eventually(async () => {
    const { ShardIterator } = await kinesis.getShardIterator({ StreamName: "to", ShardId: "shardId-000000000000",
                                                              ShardIteratorType: "TRIM_HORIZON" });
    const { Records } = await kinesis.getRecords({ ShardIterator });
    return Records.length === count && Records.map((each) => [each.PartitionKey, JSON.parse(Buffer.from(each.Data))]);
});

const Name = "large", RoleArn = "arn:aws:iam::000000000000:role/pipes";
const asked = { Name, RoleArn, Source: arn("from"), Target: arn("to"), Description: "d", Tags: { team: "js" },
    SourceParameters: { KinesisStreamParameters: { StartingPosition: "TRIM_HORIZON", BatchSize: 5 },
                        FilterCriteria: { Filters: [{ Pattern: '{"data": {"total": [{"numeric": [">", 10]}]}}' }] } },
    TargetParameters: { KinesisStreamParameters: { PartitionKey: "$.data.id" }, InputTemplate: '{"order": <$.data.id>}' } };
const becomes = (state) => eventually(async () => (await pipes.describePipe({ Name })).CurrentState === state);
const made = await pipes.createPipe(asked);
assert.deepEqual([made.Name, made.DesiredState, made.CurrentState], [Name, "RUNNING", "CREATING"]);
assert(made.CreationTime instanceof Date && Math.abs(Date.now() - made.CreationTime) < 3600000);
await becomes("RUNNING");
const shown = await pipes.describePipe({ Name });
for (const each of ["RoleArn", "Source", "Target", "Description", "Tags", "TargetParameters"]) assert.deepEqual(shown[each], asked[each]);
assert.deepEqual(shown.SourceParameters.FilterCriteria, asked.SourceParameters.FilterCriteria);
await assert.rejects(pipes.createPipe(asked), ConflictException);

await put({ id: "a", total: 11 }, { id: "b", total: 9 }, { id: "c", total: 12 });
assert.deepEqual(await arrived(2), [["a", { order: "a" }], ["c", { order: "c" }]]);
assert.equal((await pipes.stopPipe({ Name })).DesiredState, "STOPPED");
await becomes("STOPPED");
await put({ id: "d", total: 13 });
await pipes.updatePipe({ Name, RoleArn, TargetParameters: { KinesisStreamParameters: { PartitionKey: "p" }, InputTemplate: "<$.data.total>" } });
await becomes("STOPPED");
assert.equal((await pipes.startPipe({ Name })).DesiredState, "RUNNING");
assert.deepEqual((await arrived(3))[2], ["p", 13]);
await becomes("RUNNING");

assert.deepEqual((await pipes.listPipes({ NamePrefix: "lar" })).Pipes.map((each) => [each.Name, each.CurrentState]), [[Name, "RUNNING"]]);
await assert.rejects(pipes.createPipe({ ...asked, Name: "q", Target: "arn:aws:sqs:us-east-1:000000000000:q" }),
                     { name: "ValidationException", message: /SQS/ });
await pipes.deletePipe({ Name });
await eventually(() => pipes.describePipe({ Name }).then(() => false, (error) => error instanceof NotFoundException));
"""


def test_a_pipe_from_its_making_to_its_end(node):
    node(PIPE)
