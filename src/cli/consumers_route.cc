#include "src/cli/consumers_route.h"

#include <charconv>

#include <boost/json.hpp>

#include "src/flow/mapping/engine.h"

namespace millrace::cli {
namespace {

namespace json = boost::json;
namespace mapping = flow::mapping;

http::Response respond(int status, const json::value& body) {
    http::Response response;
    response.status = status;
    response.headers.add("content-type", "application/json");
    response.body = json::serialize(body);
    return response;
}

json::object shown(const mapping::Consumer& consumer) {
    const mapping::Description& it = consumer.mapping;
    json::array shards;
    for (const mapping::ShardDescription& shard : consumer.shards) {
        shards.push_back(json::object{{"ShardId", shard.id},
                                      {"State", shard.finished    ? "finished"
                                                : shard.waiting   ? "waiting for its parents"
                                                : shard.in_flight ? "calling"
                                                                  : "idle"},
                                      {"Position", shard.position},
                                      {"MillisBehind", shard.behind_ms},
                                      {"LastError", shard.problem}});
    }
    return {
        {"UUID", it.definition.uuid},
        {"Region", it.definition.scope.region},
        {"EventSourceArn", it.definition.source_arn},
        {"FunctionArn",
         function::function_arn(it.definition.settings.function.scope, it.definition.settings.function.name,
                                it.definition.settings.function.qualifier)},
        {"State", it.state},
        {"LastProcessingResult", it.result},
        {"Calls", it.counts.calls},
        {"FunctionMillis", it.counts.function_us / 1000},
        {"Records", it.counts.done},
        {"Filtered", it.counts.filtered},
        {"GivenUp", it.counts.given_up},
        {"Shards", shards},
    };
}

// The value of `name` in a query; UUIDs and numbers need no decoding.
std::string_view parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
    }
    return {};
}

http::Response rewind(mapping::Engine& mappings, const http::RequestHead& head, const Scope& caller) {
    const std::string_view to = parameter(head.query, "to"), uuid = parameter(head.query, "uuid");
    int64_t time_ms = 0;
    const auto parsed = std::from_chars(to.data(), to.data() + to.size(), time_ms);
    if (parsed.ec != std::errc() || parsed.ptr != to.data() + to.size() || time_ms < 0)
        return respond(400, json::object{{"message", "\"to\" is milliseconds since 1970"}});
    const Status done = mappings.rewind(caller.account, uuid, TimestampMs(time_ms));
    if (done.ok()) return respond(202, json::object{});
    return respond(done.error().code == ErrorCode::not_found ? 404 : 400,
                   json::object{{"message", done.error().message}});
}

}  // namespace

std::vector<aws::OwnRoute> consumer_routes(mapping::Engine& mappings) {
    std::vector<aws::OwnRoute> routes;
    routes.push_back({"GET", "/_millrace/consumers", nullptr, [&mappings](const aws::OwnCall& call) {
                          json::array out;
                          for (const mapping::Consumer& each : mappings.consumers(call.caller.account))
                              out.push_back(shown(each));
                          return respond(200, json::object{{"consumers", out}});
                      }});
    routes.push_back({"POST", "/_millrace/consumers/rewind", nullptr,
                      [&mappings](const aws::OwnCall& call) { return rewind(mappings, call.head, call.caller); }});
    return routes;
}

}  // namespace millrace::cli
