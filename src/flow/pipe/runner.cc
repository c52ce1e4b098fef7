#include "src/flow/pipe/runner.h"

#include <algorithm>
#include <utility>

#include "src/base/json_text.h"
#include "src/flow/mapping/answer.h"
#include "src/io/clock.h"
#include "src/io/executor.h"

namespace millrace::flow::pipe {
namespace {

std::string failures_text(const std::vector<std::string>& sequences) {
    std::string out = "{\"batchItemFailures\":[";
    for (const std::string& each : sequences) {
        out += out.back() == '[' ? "{\"itemIdentifier\":" : ",{\"itemIdentifier\":";
        append_json_string(each, out);
        out += '}';
    }
    return out + "]}";
}

}  // namespace

struct Runner::Batch {
    std::shared_ptr<const Program> program;
    Events records;
    mapping::CallDone done;
};

void Runner::set(std::shared_ptr<const Program> program) {
    const std::lock_guard lock(mutex_);
    program_ = std::move(program);
}

std::string Runner::problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
}

void Runner::remember(std::string problem) {
    const std::lock_guard lock(mutex_);
    problem_ = std::move(problem);
}

void Runner::run(std::string payload, mapping::CallDone done) {
    auto batch = std::make_shared<Batch>();
    {
        const std::lock_guard lock(mutex_);
        batch->program = program_;
    }
    batch->done = std::move(done);
    Result<Events> events = batch->program->events_of(payload);
    if (!events.ok()) return fail(*batch, events.error().message);
    batch->records = std::move(*events);
    if (batch->program->enriches()) return enrich(std::move(batch));
    deliver(batch, batch->records);
}

void Runner::enrich(std::shared_ptr<Batch> batch) {
    Result<Delivery> delivery = batch->program->to_enrichment(batch->records, clock_.now());
    if (!delivery.ok()) return fail(*batch, delivery.error().message);
    deliver_(std::move(*delivery), [self = shared_from_this(), batch](std::vector<target::Outcome> outcomes) {
        // Answers come from threads that may not be kept: what they hold is read on another one.
        auto go_on = [self, batch, outcomes = std::move(outcomes)] {
            Events events;
            for (const target::Outcome& outcome : outcomes) {
                if (!outcome.ok()) return self->fail(*batch, outcome, "the enrichment");
                Result<Events> some = batch->program->enriched(outcome.answer);
                if (!some.ok()) return self->fail(*batch, some.error().message);
                std::move(some->begin(), some->end(), std::back_inserter(events));
            }
            if (events.empty()) return self->succeed(*batch);
            self->deliver(batch, events);
        };
        if (!self->executor_.submit(std::move(go_on))) {
            batch->done(Error{ErrorCode::unavailable, "The server is busy, or stopping."});
        }
    });
}

void Runner::deliver(const std::shared_ptr<Batch>& batch, const Events& events) {
    Result<Delivery> delivery = batch->program->to_target(events, clock_.now());
    if (!delivery.ok()) return fail(*batch, delivery.error().message);
    deliver_(std::move(*delivery), [self = shared_from_this(), batch](std::vector<target::Outcome> outcomes) {
        if (!batch->program->sends_batches()) return self->delivered(*batch, outcomes);
        // As above: what a function answered may be long.
        if (!self->executor_.submit([self, batch, outcomes] { self->delivered(*batch, outcomes); })) {
            batch->done(Error{ErrorCode::unavailable, "The server is busy, or stopping."});
        }
    });
}

void Runner::delivered(Batch& batch, const std::vector<target::Outcome>& outcomes) {
    const auto failed = std::find_if(outcomes.begin(), outcomes.end(), [](const auto& each) { return !each.ok(); });
    if (failed != outcomes.end()) {
        const auto at = static_cast<size_t>(failed - outcomes.begin());
        const bool one_by_one = !batch.program->enriches() && outcomes.size() == batch.records.size();
        if (!one_by_one || batch.program->sends_batches() || at == 0) return fail(batch, *failed, "the target");
        remember("the target: " + failed->code + ": " + failed->message);
        function::InvocationResult result;
        result.payload = failures_text({ids_of(batch.records[at]).sequence});
        return batch.done(std::move(result));
    }
    if (!batch.program->sends_batches()) return succeed(batch);
    // A function may say what has to come again; by event ids, as pipes have it, or by sequence numbers.
    const auto answer = mapping::read_answer(outcomes.front().answer, true, false);
    if (!answer.ok() || answer->failed.empty()) return succeed(batch);
    std::vector<std::string> sequences;
    std::vector<RecordIds> known;
    for (const Event& event : batch.records) known.push_back(ids_of(event));
    for (const std::string& each : answer->failed) {
        const auto found = std::find_if(known.begin(), known.end(), [&](const auto& ids) { return ids.event == each; });
        sequences.push_back(found == known.end() ? each : found->sequence);
    }
    remember("the target: it reports records that failed");
    function::InvocationResult result;
    result.payload = failures_text(sequences);
    batch.done(std::move(result));
}

void Runner::fail(Batch& batch, const target::Outcome& outcome, std::string_view where) {
    std::string message = std::string(where) + ": " + outcome.code + ": " + outcome.message;
    if (outcome.attempted) return fail(batch, std::move(message));
    remember(message);
    batch.done(Error{ErrorCode::resource_exhausted, std::move(message)});  // spends no attempt
}

void Runner::fail(Batch& batch, std::string message) {
    remember(std::move(message));
    function::InvocationResult result;
    result.function_error = "Unhandled";
    batch.done(std::move(result));
}

void Runner::succeed(Batch& batch, std::string payload) {
    remember("");
    function::InvocationResult result;
    result.payload = std::move(payload);
    batch.done(std::move(result));
}

}  // namespace millrace::flow::pipe
