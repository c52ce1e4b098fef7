#include "src/cli/sources_route.h"

#include <boost/json.hpp>

#include "src/source/engine.h"

namespace millrace::cli {
namespace {

namespace json = boost::json;

http::Response respond(int status, const json::value& body) {
    http::Response response;
    response.status = status;
    response.headers.add("content-type", "application/json");
    response.body = json::serialize(body);
    return response;
}

int status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return 400;
        case ErrorCode::permission_denied:
            return 403;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::already_exists:
            return 409;
        case ErrorCode::resource_exhausted:
            return 429;
        case ErrorCode::unavailable:
            return 503;
        default:
            return 500;
    }
}

http::Response outcome(const Status& status, int good) {
    if (status.ok()) return respond(good, json::object{});
    return respond(status_of(status.error().code), json::object{{"message", status.error().message}});
}

std::string_view doing(const source::Shown& it) {
    if (it.definition.paused) return it.under_way ? "pausing" : "paused";
    switch (it.standing.doing) {
        case source::Standing::Doing::polling:
            return "polling";
        case source::Standing::Doing::sending:
            return "sending";
        case source::Standing::Doing::held:
            return "waiting for its destination";
        case source::Standing::Doing::waiting:
            break;
    }
    return it.standing.failures_in_a_row > 0 ? "backing off" : "waiting";
}

json::value text(std::string_view view) {
    return json::string(view.data(), view.size());
}

json::object shown(const source::Shown& it) {
    const source::Definition& definition = it.definition;
    const source::Standing& standing = it.standing;
    const source::Counts& counts = standing.counts;
    json::array headers;  // their values may be secrets
    for (const auto& [name, value] : definition.headers) headers.push_back(json::string(name));
    json::object out{
        {"Name", definition.name},
        {"Region", definition.scope.region},
        {"Url", definition.url},
        {"EveryMillis", definition.every_ms},
        {"TimeoutMillis", definition.timeout_ms},
        {"BytesMax", definition.bytes_max},
        {"RedirectsMax", definition.redirects_max},
        {"HeaderNames", headers},
        {"Format", text(source::name_of(definition.format))},
        {"Records", definition.records},
        {"Key", definition.key},
        {"RememberSeconds", definition.remember_ms / 1000},
        {"KeysMax", definition.keys_max},
        {"Destination", definition.destination},
        {"EventSource", definition.event_source},
        {"DetailType", definition.detail_type},
        {"RecordsPerEvent", definition.records_per_event},
        {"PartitionKey", definition.partition_key},
        {"CreatedMillis", definition.created.value()},
    };
    out["State"] = text(doing(it));
    out["Polls"] = counts.polls;
    out["Unchanged"] = counts.unchanged;
    out["Failures"] = counts.failures;
    out["Bytes"] = counts.bytes;
    out["RecordsSeen"] = counts.seen;
    out["RecordsSent"] = counts.sent;
    out["RecordsRepeated"] = counts.repeated;
    out["RecordsRefused"] = counts.refused;
    out["RecordsLetGo"] = counts.let_go;
    out["RecordsKeyless"] = counts.keyless;
    out["LinesMalformed"] = counts.malformed;
    out["KeysRemembered"] = standing.keys;
    out["LastStatus"] = standing.last_status;
    out["LastError"] = standing.last_error;
    out["LastErrorMillis"] = standing.last_error_at.value();
    out["LastRefusal"] = standing.last_refusal;
    out["LastPollMillis"] = standing.last_poll_at.value();
    out["LastDoneMillis"] = standing.last_done_at.value();
    out["LagMillis"] = standing.lag_ms;
    out["FailuresInARow"] = standing.failures_in_a_row;
    return out;
}

// The value of "name" in a query; names need no decoding.
std::string name_in(std::string_view query) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.starts_with("name=")) return std::string(pair.substr(5));
    }
    return {};
}

}  // namespace

std::vector<aws::OwnRoute> source_routes(source::Engine& sources) {
    const auto add = [&sources](const aws::OwnCall& call) -> Status {
        TRY_ASSIGN(source::Definition definition, source::from_user(call.body, call.caller));
        return sources.add(std::move(definition));
    };
    std::vector<aws::OwnRoute> routes;
    routes.push_back({"GET", "/_millrace/sources", nullptr, [&sources](const aws::OwnCall& call) {
                          json::array out;
                          for (const source::Shown& each : sources.list(call.caller.account))
                              out.push_back(shown(each));
                          return respond(200, json::object{{"sources", out}});
                      }});
    routes.push_back(
        {"POST", "/_millrace/sources", nullptr, [add](const aws::OwnCall& call) { return outcome(add(call), 201); }});
    routes.push_back({"POST", "/_millrace/sources/pause", nullptr, [&sources](const aws::OwnCall& call) {
                          return outcome(sources.pause(call.caller, name_in(call.head.query)), 200);
                      }});
    routes.push_back({"POST", "/_millrace/sources/resume", nullptr, [&sources](const aws::OwnCall& call) {
                          return outcome(sources.resume(call.caller, name_in(call.head.query)), 200);
                      }});
    routes.push_back({"DELETE", "/_millrace/sources", nullptr, [&sources](const aws::OwnCall& call) {
                          return outcome(sources.remove(call.caller, name_in(call.head.query)), 200);
                      }});
    return routes;
}

}  // namespace millrace::cli
