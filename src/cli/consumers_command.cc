#include <charconv>
#include <cstdio>
#include <ctime>
#include <memory>

#include <boost/json.hpp>

#include "src/cli/client/api.h"
#include "src/cli/commands.h"
#include "src/io/clock.h"

namespace millrace::cli {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view name) {
    return json::value_to<std::string>(object.at(json::string_view(name.data(), name.size())));
}

// "2.5s", "12m", "3h", "2d"
std::string duration(int64_t ms) {
    char out[32];
    const double seconds = static_cast<double>(ms) / 1000;
    if (seconds < 120) {
        std::snprintf(out, sizeof out, "%.1fs", seconds);
    } else if (seconds < 7200) {
        std::snprintf(out, sizeof out, "%.0fm", seconds / 60);
    } else if (seconds < 172800) {
        std::snprintf(out, sizeof out, "%.0fh", seconds / 3600);
    } else {
        std::snprintf(out, sizeof out, "%.0fd", seconds / 86400);
    }
    return out;
}

Result<TimestampMs> parse_time(const std::string& given, TimestampMs now) {
    int64_t number = 0;
    const char* const end = given.data() + given.size();
    const auto parsed = std::from_chars(given.data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) return TimestampMs(number * 1000);
    if (parsed.ec == std::errc() && parsed.ptr + 1 == end && number >= 0) {
        for (const auto& [unit, seconds] : {std::pair{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}) {
            if (*parsed.ptr == unit) return TimestampMs(now.value() - number * seconds * 1000);
        }
    }
    std::tm parts{};
    const char* const rest = strptime(given.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (rest != nullptr && *rest == '\0') return TimestampMs(int64_t{timegm(&parts)} * 1000);
    return Error{ErrorCode::invalid_argument,
                 "--to takes 2026-11-21T10:00:00Z, seconds since 1970, or how long ago (90s, 15m, 2h, 1d), not \"" +
                     given + "\""};
}

Result<std::unique_ptr<ApiClient>> client_for(const ConsumersArguments& arguments) {
    TRY_ASSIGN(const Endpoint endpoint, parse_endpoint(arguments.endpoint));
    TRY_ASSIGN(const aws::Credentials credentials, credentials_for(arguments.data));
    return std::make_unique<ApiClient>(endpoint, credentials, arguments.region);
}

void print(const json::object& consumer) {
    std::printf("%s  %s\n  %s -> %s\n  %s; %lld records in %lld calls of %s, %lld filtered, %lld given up\n",
                text(consumer, "UUID").c_str(), text(consumer, "State").c_str(),
                text(consumer, "EventSourceArn").c_str(), text(consumer, "FunctionArn").c_str(),
                text(consumer, "LastProcessingResult").c_str(),
                static_cast<long long>(consumer.at("Records").to_number<int64_t>()),
                static_cast<long long>(consumer.at("Calls").to_number<int64_t>()),
                duration(consumer.at("FunctionMillis").to_number<int64_t>()).c_str(),
                static_cast<long long>(consumer.at("Filtered").to_number<int64_t>()),
                static_cast<long long>(consumer.at("GivenUp").to_number<int64_t>()));
    for (const json::value& each : consumer.at("Shards").as_array()) {
        const json::object& shard = each.as_object();
        const int64_t behind_ms = shard.at("MillisBehind").to_number<int64_t>();
        const std::string lag = behind_ms > 0 ? duration(behind_ms) + " behind" : "up to date";
        const std::string error = text(shard, "LastError");
        std::printf("  %s  %-14s %-12s at %s%s%s\n", text(shard, "ShardId").c_str(), lag.c_str(),
                    text(shard, "State").c_str(), text(shard, "Position").c_str(), error.empty() ? "" : "  ",
                    error.c_str());
    }
}

}  // namespace

Result<int> consumers_list(const ConsumersArguments& arguments) {
    TRY_ASSIGN(const std::unique_ptr<ApiClient> client, client_for(arguments));
    TRY_ASSIGN(const std::string body, client->must_own("GET", "/_millrace/consumers", ""));
    if (arguments.json) {
        std::printf("%s\n", body.c_str());
        return 0;
    }
    try {
        const json::value parsed = json::parse(body);
        const json::array& consumers = parsed.at("consumers").as_array();
        for (const json::value& each : consumers) print(each.as_object());
        if (consumers.empty()) std::printf("no event source mappings\n");
    } catch (const std::exception& broken) {
        return Error{ErrorCode::corruption, std::string("the server's answer can not be read: ") + broken.what()};
    }
    return 0;
}

Result<int> consumers_rewind(const ConsumersArguments& arguments) {
    if (arguments.uuid.find_first_not_of("0123456789abcdefABCDEF-") != std::string::npos)
        return {ErrorCode::invalid_argument, "\"" + arguments.uuid + "\" is not a mapping's UUID"};
    TRY_ASSIGN(const TimestampMs to, parse_time(arguments.to, io::system_clock().now()));
    TRY_ASSIGN(const std::unique_ptr<ApiClient> client, client_for(arguments));
    TRY_ASSIGN(const std::string body,
               client->must_own("POST", "/_millrace/consumers/rewind",
                                "to=" + std::to_string(to.value()) + "&uuid=" + arguments.uuid));
    std::printf("%s goes on from there once the calls under way have ended\n", arguments.uuid.c_str());
    return 0;
}

}  // namespace millrace::cli
