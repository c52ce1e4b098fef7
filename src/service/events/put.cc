// PutEvents: entries become events, in one append to the log for each bus; the answer follows when they are durable.
#include <algorithm>
#include <map>

#include "src/aws/json.h"
#include "src/base/json_text.h"
#include "src/bus/bus_policy.h"
#include "src/bus/definition.h"
#include "src/bus/event.h"
#include "src/io/clock.h"
#include "src/service/events/append_each.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"
#include "src/service/events/put_body.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

constexpr size_t request_bytes_max = 1 << 20;  // of all entries, as Entry::size counts

struct EntryResult {  // of one entry
    std::string id, code, message;
};

std::string answer(const std::vector<EntryResult>& results) {
    size_t failed = 0;
    for (const EntryResult& each : results) failed += each.id.empty() ? 1 : 0;
    std::string out = "{\"FailedEntryCount\":" + std::to_string(failed) + ",\"Entries\":[";
    for (const EntryResult& each : results) {
        if (out.back() != '[') out += ',';
        if (!each.id.empty()) {
            out += "{\"EventId\":\"" + each.id + "\"}";
            continue;
        }
        out += "{\"ErrorCode\":";
        append_json_string(each.code, out);
        out += ",\"ErrorMessage\":";
        append_json_string(each.message, out);
        out += '}';
    }
    return out + "]}";
}

EntryResult missing(std::string_view parameter) {
    return {"", "InvalidArgument",
            "Parameter " + std::string(parameter) + " is not valid. Reason: " + std::string(parameter) +
                " is a required argument."};
}

bool is_empty(const std::optional<std::string_view>& text) {
    return !text || text->empty();
}

// What is wrong with an entry by itself; no code where nothing is.
EntryResult check(const Entry& entry, std::string* detail) {
    if (is_empty(entry.source)) return missing("Source");
    if (is_empty(entry.detail_type)) return missing("DetailType");
    if (is_empty(entry.detail)) return missing("Detail");
    if (entry.source->starts_with("aws.")) {
        return {"", "NotAuthorizedForSourceException", "Not authorized for the source."};
    }
    if (!bus::compact_detail(*entry.detail, detail)) return {"", "MalformedDetail", "Detail is malformed."};
    return {};
}

bool is_throttled(const Status& status) {  // SDKs try the whole call again
    return !status.ok() && status.error().code == ErrorCode::resource_exhausted;
}

// Of an entry whose bus did not take it.
EntryResult refusal_of(const Status& status) {
    if (is_throttled(status)) return {"", "ThrottlingException", "Rate exceeded"};
    if (status.error().code == ErrorCode::not_found) {  // deleted since it was found
        return {"", "ResourceNotFoundException", "Event bus does not exist."};
    }
    return {"", "InternalFailure", "An internal error occurred."};
}

// Entries of the generic decoder, as the hot path has them; they live as long as `input`.
std::vector<Entry> entries_of(const PutEventsInput& input) {
    std::vector<Entry> out;
    for (const PutEventsRequestEntry& each : input.Entries) {
        Entry& entry = out.emplace_back();
        const auto view = [](const std::optional<std::string>& text) {
            return text ? std::optional<std::string_view>(*text) : std::nullopt;
        };
        entry.source = view(each.Source);
        entry.detail_type = view(each.DetailType);
        entry.detail = view(each.Detail);
        entry.bus = view(each.EventBusName);
        entry.time = each.Time;
        if (each.Resources) entry.resources.assign(each.Resources->begin(), each.Resources->end());
    }
    return out;
}

}  // namespace

void Events::put_events(aws::RawCall call) {
    if (aws::is_json(call.protocol())) {
        if (const auto entries = read_put_events(call.body())) return put_entries(call, *entries);
    }
    const aws::Outcome<PutEventsInput> input = call.decode<PutEventsInput>();
    if (!input.ok()) return call.fail(input.error());
    put_entries(call, entries_of(*input));
}

void Events::put_entries(const aws::RawCall& call, const std::vector<Entry>& entries) {
    const Scope& caller = call.context().scope;
    size_t bytes = 0;
    for (const Entry& entry : entries) bytes += entry.size();
    if (bytes > request_bytes_max) {
        return call.fail(validation("Total size of the entries in the request is over the limit."));
    }
    const TimestampMs now = clock_.now();
    std::vector<EntryResult> results;
    std::vector<log::Batch> batches;
    std::map<uint64_t, size_t> places;               // of shards in `batches`
    std::vector<size_t> of_entries(entries.size());  // which batch each is in
    std::string detail, event;
    for (const Entry& entry : entries) {
        EntryResult& result = results.emplace_back(check(entry, &detail));
        if (!result.code.empty()) continue;
        const BusName name = bus_name(caller, entry.bus ? std::optional(std::string(*entry.bus)) : std::nullopt);
        const Result<bus::Buses::BusPtr> bus = buses_.find(name.scope, name.name);
        if (!bus.ok()) {
            result = {"", "ResourceNotFoundException", bus.error().message};
            continue;
        }
        if (name.scope.account != caller.account && !bus::BusPolicy(**bus).allows({.account = caller.account,
                                                                                   .source = *entry.source,
                                                                                   .detail_type = *entry.detail_type,
                                                                                   .rule_arn = ""})) {
            result = {"", "AccessDeniedException", "The policy of event bus " + name.name + " does not allow it."};
            continue;
        }
        result.id = bus::make_event_id();
        event.clear();
        bus::append_event({.id = result.id,
                           .detail_type = *entry.detail_type,
                           .source = *entry.source,
                           .time = entry.time.value_or(now),
                           .resources = entry.resources,
                           .detail = detail},
                          {caller.account, name.scope.region}, &event);
        const auto [place, is_new] = places.try_emplace((*bus)->log_key, batches.size());
        if (is_new) batches.emplace_back(log::ShardKey((*bus)->log_key), (bytes + 400 * entries.size()));
        batches[place->second].add("", event);
        of_entries[results.size() - 1] = place->second;
    }
    if (batches.empty()) return call.succeed(answer(results));
    auto appended = [call, results = std::move(results),
                     of_entries = std::move(of_entries)](const std::vector<Status>& statuses) mutable {
        if (std::ranges::all_of(statuses, is_throttled)) return call.fail({"ThrottlingException", "Rate exceeded"});
        for (size_t i = 0; i < results.size(); ++i) {
            if (!results[i].id.empty() && !statuses[of_entries[i]].ok()) {
                results[i] = refusal_of(statuses[of_entries[i]]);
            }
        }
        call.succeed(answer(results));
    };
    append_each(log_, std::move(batches), std::move(appended));
}

}  // namespace millrace::service::events
