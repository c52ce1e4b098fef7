// Functions, run for real. What only one of the sandboxes has is in sandbox/hostile_test.cc.
#include "src/function/runtime.h"

#include <csignal>

#include "src/function/runtime_testing.h"

namespace millrace::function {
namespace {

using testing::Values;

class Running : public RuntimeTest {};
INSTANTIATE_TEST_SUITE_P(Sandboxes, Running, Values(true, false),
                         [](const auto& each) { return each.param ? "bubblewrap" : "bare"; });

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_P(Running, APythonHandlerGetsItsEventAndContext) {
    NEEDS("python3");
    auto spec = python(
        "def handler(event, context):\n"
        "    assert context.get_remaining_time_in_millis() > 9000\n"
        "    return {'n': event['n'] + 1, 'arn': context.invoked_function_arn, 'memory': context.memory_limit_in_mb,\n"
        "            'id': context.aws_request_id, 'client': context.client_context.custom['who']}\n");
    RuntimeCall given;
    given.payload = R"({"n":1})";
    given.request_id = "the-id";
    given.client_context = "{\"custom\":{\"who\":\"Zo\xc3\xab\"},\n\"client\":{}}";
    auto result = start(spec, given).get();
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->payload,
              R"({"n": 2, "arn": "arn:aws:lambda:us-east-1:000000000000:function:f1", "memory": "128", )"
              R"("id": "the-id", "client": "Zo\u00eb"})");
    EXPECT_EQ(result->function_error, "");
    EXPECT_EQ(result->executed_version, "$LATEST");
    EXPECT_TRUE(result->cold);
}

TEST_P(Running, ModuleGlobalsAreKeptBetweenCalls) {
    NEEDS("python3");
    auto spec = python("n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n\n");
    EXPECT_EQ(call(spec).payload, "1");
    const InvocationResult second = call(spec);
    EXPECT_EQ(second.payload, "2");
    EXPECT_FALSE(second.cold);
}

TEST_P(Running, PythonValuesAreWrittenAsAwsWritesThem) {
    NEEDS("python3");
    auto spec = python(
        "import decimal, collections\n"
        "P = collections.namedtuple('P', 'x y')\n"
        "values = [lambda: b'text', lambda: {'data': b'YWJj'}, lambda: decimal.Decimal('1.10'), lambda: None,\n"
        "          lambda: (1, 2), lambda: {b'k': 1}, lambda: float('nan'), lambda: 'é', lambda: {1, 2}]\n"
        "def handler(event, context):\n    return values[event]()\n");
    EXPECT_EQ(call(spec, "0").payload, R"("text")");
    EXPECT_EQ(call(spec, "1").payload, R"({"data": "YWJj"})");
    EXPECT_EQ(call(spec, "2").payload, "1.10");
    EXPECT_EQ(call(spec, "3").payload, "null");
    EXPECT_EQ(call(spec, "4").payload, "[1, 2]");
    EXPECT_EQ(call(spec, "5").payload, R"({"k": 1})");
    EXPECT_EQ(call(spec, "6").payload, "NaN");
    EXPECT_EQ(call(spec, "7").payload, R"("\u00e9")");
    const InvocationResult failed = call(spec, "8");
    EXPECT_EQ(failed.function_error, "Unhandled");
    EXPECT_TRUE(has(failed.payload, R"("errorType": "Runtime.MarshalError")")) << failed.payload;
    EXPECT_TRUE(has(failed.payload, "Object of type set is not JSON serializable")) << failed.payload;
}

TEST_P(Running, APythonExceptionIsAwssErrorObject) {
    NEEDS("python3");
    auto spec = python("def handler(event, context):\n    raise ValueError('no such order')\n");
    const InvocationResult result = call(spec);
    EXPECT_EQ(result.function_error, "Unhandled");
    EXPECT_TRUE(has(result.payload, R"("errorMessage": "no such order", "errorType": "ValueError")")) << result.payload;
    EXPECT_TRUE(has(result.payload, R"("stackTrace": ["  File \")")) << result.payload;
    EXPECT_TRUE(has(result.payload, R"(main.py\", line 2, in handler)")) << result.payload;
    EXPECT_FALSE(has(result.payload, "millrace_bootstrap"));
    EXPECT_TRUE(has(lines_.text(), "[ERROR] ValueError: no such order\nTraceback (most recent call last):\n"));
    EXPECT_EQ(call(spec).function_error, "Unhandled");  // the environment lives on
}

TEST_P(Running, WhatKeepsAPythonFunctionFromStartingIsNamed) {
    NEEDS("python3");
    auto type = [&](const std::string& handler, const std::string& code) {
        const std::string payload = call(function("python3.11", handler, {{"main.py", code}})).payload;
        const size_t at = payload.find(R"("errorType": ")");
        return at == std::string::npos ? payload : payload.substr(at + 14, payload.find('"', at + 14) - at - 14);
    };
    EXPECT_EQ(type("main.handler", "import no_such_module\n"), "Runtime.ImportModuleError");
    EXPECT_EQ(type("main.handler", "raise ImportError(name='boto3')"), "Runtime.ImportModuleError");
    EXPECT_TRUE(has(lines_.text(), " has no boto3, which AWS's runtimes bring: ")) << lines_.text();
    EXPECT_EQ(type("other.handler", ""), "Runtime.ImportModuleError");
    EXPECT_EQ(type("main.handler", "def x("), "Runtime.UserCodeSyntaxError");
    EXPECT_EQ(type("main.handler", "x = 1\n"), "Runtime.HandlerNotFound");
    EXPECT_EQ(type("main", "x = 1\n"), "Runtime.MalformedHandlerName");
    EXPECT_EQ(type("main.handler", "raise KeyError('k')\n"), "KeyError");
}

TEST_P(Running, LogLinesAreAwss) {
    NEEDS("python3");
    auto spec = python(
        "import logging\nlogging.getLogger().setLevel('INFO')\n"
        "def handler(event, context):\n    print('to stdout')\n    logging.info('two\\nlines')\n    print('no end', "
        "end='')\n");
    RuntimeCall given;
    given.payload = "{}";
    given.request_id = "rid";
    given.want_log_tail = true;
    auto result = start(spec, given).get();
    ASSERT_TRUE(result.ok());
    const std::string text = lines_.text();
    EXPECT_TRUE(has(text, "START RequestId: rid Version: $LATEST\nto stdout\n[INFO]\t20")) << text;
    EXPECT_TRUE(has(text, "Z\trid\ttwo\nlines\nno end\nEND RequestId: rid\nREPORT RequestId: rid\tDuration: ")) << text;
    EXPECT_TRUE(has(text, " ms\tMemory Size: 128 MB\tMax Memory Used: ")) << text;
    EXPECT_TRUE(has(text, " MB\tInit Duration: ")) << text;
    EXPECT_TRUE(result->log_tail.starts_with("START RequestId: rid")) << result->log_tail;
    EXPECT_TRUE(has(lines_.last_stream(), "/aws/lambda/f1 20")) << lines_.last_stream();
    EXPECT_TRUE(has(lines_.last_stream(), "/[$LATEST]")) << lines_.last_stream();
}

TEST_P(Running, NodeHandlersOfEveryKind) {
    NEEDS("node");
    EXPECT_EQ(
        call(node("exports.handler = async (event) => ({ n: event.n + 1, u: undefined });"), R"({"n":1})").payload,
        R"({"n":2})");
    EXPECT_EQ(call(node("exports.handler = (event, context, callback) => setTimeout(() => callback(null, 'late'), 5);"))
                  .payload,
              R"("late")");
    EXPECT_EQ(call(node("exports.handler = async () => {};")).payload, "null");
    EXPECT_EQ(call(node("exports.handler = () => {};")).payload, "null");
    EXPECT_EQ(
        call(node("exports.handler = (e, context) => context.succeed(context.getRemainingTimeInMillis() > 9000);"))
            .payload,
        "true");
    EXPECT_EQ(call(function("nodejs20.x", "main.handler", {{"main.mjs", "export const handler = async () => 'esm';"}}))
                  .payload,
              R"("esm")");
    EXPECT_EQ(
        call(function("nodejs20.x", "src/main.a.b",
                      {{"package.json", R"({"type":"module"})"},
                       {"src/main.js", "export const a = { b: async () => import.meta.url.endsWith('main.js') };"}}))
            .payload,
        "true");
    const std::string thrown =
        call(node("exports.handler = async () => { throw new RangeError('too far'); };")).payload;
    EXPECT_TRUE(
        thrown.starts_with(R"({"errorType":"RangeError","errorMessage":"too far","trace":["RangeError: too far")"))
        << thrown;
    const std::string failed = call(node("exports.handler = (e, c, done) => done('plain text');")).payload;
    EXPECT_EQ(failed, R"({"errorType":"string","errorMessage":"plain text","trace":[]})");
}

TEST_P(Running, WhatKeepsANodeFunctionFromStartingIsNamed) {
    NEEDS("node");
    auto payload = [&](const std::string& code) { return call(node(code)).payload; };
    EXPECT_TRUE(has(payload("require('no-such-module')"), "Runtime.ImportModuleError"));
    EXPECT_TRUE(has(payload("exports.handler = ("), "Runtime.UserCodeSyntaxError"));
    EXPECT_TRUE(has(payload("exports.other = 1"),
                    R"("Runtime.HandlerNotFound","errorMessage":"main.handler is undefined or not exported")"));
    EXPECT_TRUE(has(payload("exports.handler = awslambda.streamifyResponse(async () => {})"), "Runtime.StreamError"));
    EXPECT_TRUE(has(payload("exports.handler = async () => { Promise.reject(new Error('lost')); await new Promise(r => "
                            "setTimeout(r, 50)); }"),
                    "Runtime.UnhandledPromiseRejection"));
}

TEST_P(Running, ConsoleLinesOfNodeAreAwss) {
    NEEDS("node");
    call(node("exports.handler = async () => { console.warn('look\\nhere', { a: 1 }); };"));
    EXPECT_TRUE(has(lines_.text(), "\tWARN\tlook\nhere { a: 1 }\n")) << lines_.text();
}

TEST_P(Running, AProvidedFunctionIsItsOwnBootstrap) {
    NEEDS("curl");
    auto spec = function("provided.al2023", "any", {{"bootstrap", R"(#!/bin/sh
while true; do
  event=$(curl -sS -D $TMPDIR/head http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next)
  id=$(grep -i Lambda-Runtime-Aws-Request-Id $TMPDIR/head | tr -d '\r' | cut -d' ' -f2)
  curl -sS -o /dev/null -d "{\"got\":$event}" http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response
done
)"}});
    EXPECT_EQ(call(spec, "[1]").payload, R"({"got":[1]})");
    EXPECT_EQ(call(spec, "[2]").payload, R"({"got":[2]})");
    const InvocationResult none = call(function("provided.al2023", "any", {{"readme", "x"}}));
    EXPECT_EQ(none.function_error, "Unhandled");
    EXPECT_TRUE(has(none.payload, "Runtime.InvalidEntrypoint")) << none.payload;
    EXPECT_TRUE(has(none.payload, "Couldn't find valid bootstrap(s)")) << none.payload;
}

TEST_P(Running, LayersAreWhatOptMeansToEachRuntime) {
    NEEDS("python3");
    auto spec = python(
        "import shared\nimport os\ndef handler(e, c):\n"
        "    return [shared.value, os.environ['PATH'].split(':')[-1].endswith('/bin')]\n");
    spec->opt_directory = folder("layer", {{"python/shared.py", "value = 7\n"}});
    EXPECT_EQ(call(spec).payload, "[7, true]");
    NEEDS("node");
    auto other = node("exports.handler = async () => require('shared');");
    other->opt_directory = folder("layer2", {{"nodejs/node_modules/shared/index.js", "module.exports = 8;"}});
    EXPECT_EQ(call(other).payload, "8");
}

TEST_P(Running, TheEnvironmentIsTheDocumentedOneAndNothingElse) {
    NEEDS("python3");
    ::setenv("SECRET_OF_THE_SERVER", "x", 1);
    Surroundings around;
    around.endpoint_url = "http://127.0.0.1:4566";
    around.credentials = [](const std::string& account) { return Credentials{"key-of-" + account, "s", "t"}; };
    runtime().set_surroundings(around);
    auto spec = python("import os\ndef handler(e, c):\n    return [os.environ.get(n) for n in e]\n");
    spec->definition.environment = {{"MINE", "1"}, {"AWS_REGION", "mars"}, {"TZ", "Europe/Vienna"}};
    EXPECT_EQ(call(spec, R"(["MINE","AWS_REGION","TZ","AWS_ENDPOINT_URL","AWS_ACCESS_KEY_ID","AWS_EXECUTION_ENV",
                             "AWS_LAMBDA_FUNCTION_NAME","_HANDLER","SECRET_OF_THE_SERVER","MILLRACE_OPT"])")
                  .payload,
              R"(["1", "us-east-1", "Europe/Vienna", "http://127.0.0.1:4566", "key-of-000000000000", )"
              R"("AWS_Lambda_python3.11", "f1", "main.handler", null, null])");
}

TEST_P(Running, ATimeoutIsAwssAndTheNextCallStartsAnew) {
    NEEDS("python3");
    auto spec = python("import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'awake'\n");
    spec->definition.timeout_s = 1;
    const InvocationResult late = call(spec, "30");
    EXPECT_EQ(late.function_error, "Unhandled");
    EXPECT_EQ(late.payload, R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: )" + late.request_id +
                                R"( Error: Task timed out after 1.00 seconds"})");
    EXPECT_TRUE(has(lines_.text(), late.request_id + " Task timed out after 1.00 seconds\nEND")) << lines_.text();
    const InvocationResult next = call(spec, "0");
    EXPECT_EQ(next.payload, R"("awake")");
    EXPECT_TRUE(next.cold);
}

TEST_P(Running, AnExitIsAwssError) {
    NEEDS("python3");
    const InvocationResult exited = call(python("import os\ndef handler(e, c):\n    os._exit(3)\n"));
    EXPECT_EQ(exited.payload, R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: )" + exited.request_id +
                                  R"( Error: Runtime exited with error: exit status 3"})");
    const InvocationResult crashed = call(python("import os\ndef handler(e, c):\n    os.kill(os.getpid(), 11)\n"));
    EXPECT_TRUE(has(crashed.payload, "Runtime exited with error: signal: segmentation fault")) << crashed.payload;
    const InvocationResult early = call(python("import os\nos._exit(0)\n"));
    EXPECT_TRUE(has(early.payload, "Runtime exited without providing a reason")) << early.payload;
}

TEST_P(Running, CallsAtOnceGetEnvironmentsOfTheirOwn) {
    NEEDS("python3");
    // Each takes so long that the last of them is there before the first is done, on a slow machine, too.
    auto spec =
        python("import time, os\nme = os.urandom(8).hex()\ndef handler(e, c):\n    time.sleep(2)\n    return me\n");
    std::vector<std::future<Result<InvocationResult>>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(start(spec, "{}"));
    std::set<std::string> seen;
    for (auto& each : calls) {
        auto result = each.get();
        ASSERT_TRUE(result.ok());
        seen.insert(result->payload);
    }
    EXPECT_GE(seen.size(), 3u);
}

TEST_P(Running, ReservedConcurrencyIsTheMostThatThereIsOfEnvironments) {
    NEEDS("curl");
    // A runtime that takes its time between an answer and the question for the next call.
    auto spec = function("provided.al2023", "any", {{"bootstrap", R"(#!/bin/sh
me=$(cat /proc/sys/kernel/random/uuid)
while true; do
  curl -sS -o /dev/null -D $TMPDIR/head http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next
  id=$(grep -i Lambda-Runtime-Aws-Request-Id $TMPDIR/head | tr -d '\r' | cut -d' ' -f2)
  curl -sS -o /dev/null -d "\"$me\"" http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response
  sleep 0.2
done
)"}});
    runtime().set_reserved(spec->definition.scope, spec->definition.name, 1);
    const std::string first = call(spec).payload;
    EXPECT_EQ(first.size(), 38u) << first;
    for (int i = 0; i < 4; ++i) EXPECT_EQ(call(spec).payload, first);
}

TEST_P(Running, ReservedConcurrencyThrottlesAtOnce) {
    NEEDS("python3");
    auto spec = python("import time\ndef handler(e, c):\n    time.sleep(e)\n");
    runtime().set_reserved(spec->definition.scope, spec->definition.name, 1);
    auto first = start(spec, "1");
    auto second = start(spec, "0").get();
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::resource_exhausted);
    EXPECT_TRUE(second.error().message.starts_with("ReservedFunctionConcurrentInvocationLimitExceeded"));
    EXPECT_TRUE(first.get().ok());
    EXPECT_TRUE(start(spec, "0").get().ok());
    runtime().set_reserved(spec->definition.scope, spec->definition.name, 0);
    EXPECT_FALSE(start(spec, "0").get().ok());
}

TEST_P(Running, WhereAllEnvironmentsAreTakenAnIdleOneMakesRoomAndElseCallsWaitAWhile) {
    NEEDS("python3");
    options_.environments_max = 1;
    auto slow = python(
        "import time\ndef handler(e, c):\n    print('it runs', e, flush=True)\n    time.sleep(e)\n    return 1\n");
    auto other = python("def handler(e, c):\n    return 2\n");
    EXPECT_EQ(call(slow, "0").payload, "1");
    EXPECT_EQ(call(other).payload, "2");
    auto busy = start(slow, "2");
    EXPECT_TRUE(until([&] { return has(lines_.text(), "it runs 2"); }));
    RuntimeCall impatient;
    impatient.wait_ms_max = 100;
    auto refused = start(other, impatient).get();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(call(other).payload, "2");  // waits
    EXPECT_TRUE(busy.get().ok());
}

TEST_P(Running, ANewRevisionDropsTheOldEnvironmentsAfterTheirCalls) {
    NEEDS("python3");
    auto old_spec = python("import time\ndef handler(e, c):\n    time.sleep(e)\n    return 'old'\n");
    auto running = start(old_spec, "0.5");
    auto new_spec = std::make_shared<EnvironmentSpec>(*old_spec);
    new_spec->definition.revision_id = "2";
    new_spec->code_directory = folder("new", {{"main.py", "def handler(e, c):\n    return 'new'\n"}});
    runtime().retire(new_spec->definition.scope, new_spec->definition.name, "$LATEST", "2");
    EXPECT_EQ(call(new_spec).payload, R"("new")");
    auto result = running.get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->payload, R"("old")");
}

TEST_P(Running, IdleEnvironmentsEnd) {
    NEEDS("python3");
    options_.idle_ms_max = 200;
    auto spec = python("n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    return n\n");
    EXPECT_EQ(call(spec).payload, "1");
    EXPECT_TRUE(until([&] {  // another one than the first answers, once that was idle for long enough
        std::this_thread::sleep_for(std::chrono::milliseconds(1000));
        return call(spec).payload == "1";
    }));
}

TEST_P(Running, ProvisionedEnvironmentsAreReadyBeforeTheFirstCallAndReplaced) {
    NEEDS("python3");
    auto spec = python(
        "import os\ndef handler(e, c):\n    if e: os._exit(1)\n    return "
        "os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n");
    runtime().set_provisioned(spec, 2);
    auto ready = [&] {
        return until(
            [&] { return runtime().provisioned(spec->definition.scope, spec->definition.name, "$LATEST").ready == 2; });
    };
    EXPECT_TRUE(ready());
    const InvocationResult first = call(spec, "0");
    EXPECT_EQ(first.payload, R"("provisioned-concurrency")");
    EXPECT_FALSE(has(lines_.text(), "Init Duration"));
    EXPECT_EQ(call(spec, "1").function_error, "Unhandled");
    EXPECT_TRUE(ready());
}

TEST_P(Running, ProvisionedEnvironmentsHaveLongerToStart) {
    NEEDS("python3");
    options_.init_ms_max = 100;
    auto spec = python("import time\ntime.sleep(1.2)\ndef handler(e, c):\n    return 1\n");
    spec->definition.timeout_s = 1;
    EXPECT_TRUE(has(call(spec).payload, "Sandbox.Timedout"));
    runtime().set_provisioned(spec, 1);
    EXPECT_TRUE(until(
        [&] { return runtime().provisioned(spec->definition.scope, spec->definition.name, "$LATEST").ready == 1; }));
    EXPECT_EQ(call(spec).payload, "1");
}

TEST_P(Running, AnUnknownRuntimeIsRefusedByName) {
    auto result = start(function("java21", "x", {}), "{}").get();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::unsupported);
    EXPECT_TRUE(has(result.error().message, "java21")) << result.error().message;
}

TEST_P(Running, AnotherMinorVersionRunsAndSaysSo) {
    NEEDS("python3");
    auto spec = function("python3.1", "main.handler", {{"main.py", "def handler(e, c):\n    return 1\n"}});
    EXPECT_EQ(call(spec).payload, "1");
    EXPECT_TRUE(has(lines_.text(), "[millrace] python3.1 was asked for; this machine's python 3.")) << lines_.text();
}

}  // namespace
}  // namespace millrace::function
