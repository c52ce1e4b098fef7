#include <charconv>
#include <cstdio>
#include <memory>

#include <boost/json.hpp>

#include "src/cli/client/api.h"
#include "src/cli/commands.h"
#include "src/cli/sources_arguments.h"

namespace millrace::cli {
namespace {

namespace json = boost::json;

struct Word {
    std::string_view unit;
    uint64_t factor;
};
constexpr Word times[] = {{"ms", 1},        {"s", 1'000},      {"min", 60'000}, {"m", 60'000},
                          {"h", 3'600'000}, {"d", 86'400'000}, {"", 1}};
constexpr Word sizes[] = {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"KB", 1'000}, {"MB", 1'000'000}, {"", 1}};
constexpr Word counts[] = {{"", 1}};

// "15m" in milliseconds, "8MiB" in bytes.
Result<uint64_t> measured(const std::string& option, std::string_view text, std::span<const Word> words,
                          std::string_view example) {
    uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem == std::errc()) {
        const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
        for (const Word& word : words) {
            if (word.unit == unit && number <= UINT64_MAX / word.factor) return number * word.factor;
        }
    }
    return Error{ErrorCode::invalid_argument,
                 option + " takes a number as " + std::string(example) + ", not \"" + std::string(text) + "\""};
}

Result<std::unique_ptr<ApiClient>> client_for(const SourcesArguments& arguments) {
    TRY_ASSIGN(const Endpoint endpoint, parse_endpoint(arguments.endpoint));
    TRY_ASSIGN(const aws::Credentials credentials, credentials_for(arguments.data));
    return std::make_unique<ApiClient>(endpoint, credentials, arguments.region);
}

Status check_name(const std::string& name) {
    if (name.find_first_of("&=?#% /") == std::string::npos && !name.empty()) return {};
    return {ErrorCode::invalid_argument, "\"" + name + "\" is no source's name"};
}

Result<int> change(const SourcesArguments& arguments, std::string_view method, std::string_view path,
                   std::string_view said) {
    TRY(check_name(arguments.source.name));
    TRY_ASSIGN(const std::unique_ptr<ApiClient> client, client_for(arguments));
    TRY_ASSIGN(const std::string body, client->must_own(method, path, "name=" + arguments.source.name));
    std::printf("%s %.*s\n", arguments.source.name.c_str(), static_cast<int>(said.size()), said.data());
    return 0;
}

std::string text(const json::object& object, const char* name) {
    return json::value_to<std::string>(object.at(name));
}

unsigned long long number(const json::object& object, const char* name) {
    return object.at(name).to_number<unsigned long long>();
}

void print(const json::object& source) {
    std::printf("%s  %s  %s\n  %s every %llu ms -> %s\n", text(source, "Name").c_str(), text(source, "State").c_str(),
                number(source, "LagMillis") > 0 ? (std::to_string(number(source, "LagMillis")) + " ms behind").c_str()
                                                : "up to date",
                text(source, "Url").c_str(), number(source, "EveryMillis"), text(source, "Destination").c_str());
    std::printf("  %llu records seen: %llu sent, %llu repeated, %llu refused; %llu keys remembered\n",
                number(source, "RecordsSeen"), number(source, "RecordsSent"), number(source, "RecordsRepeated"),
                number(source, "RecordsRefused"), number(source, "KeysRemembered"));
    std::printf("  %llu polls (%llu unchanged, %llu failed), %llu bytes, last status %llu\n", number(source, "Polls"),
                number(source, "Unchanged"), number(source, "Failures"), number(source, "Bytes"),
                number(source, "LastStatus"));
    const std::string error = text(source, "LastError");
    if (!error.empty()) std::printf("  %s\n", error.c_str());
    const std::string refusal = text(source, "LastRefusal");
    if (!refusal.empty()) std::printf("  refused: %s\n", refusal.c_str());
}

}  // namespace

Result<std::string> source_json(const SourceArguments& it) {
    json::object out{{"Name", it.name}, {"Url", it.url}, {"Destination", it.to}};
    const std::pair<const char*, const std::string*> texts[] = {{"Format", &it.format},
                                                                {"Records", &it.records},
                                                                {"Key", &it.key},
                                                                {"EventSource", &it.event_source},
                                                                {"DetailType", &it.detail_type},
                                                                {"PartitionKey", &it.partition_key}};
    for (const auto& [name, value] : texts) {
        if (!value->empty()) out[name] = *value;
    }
    const struct {
        const char* name;
        const char* option;
        const std::string* value;
        std::span<const Word> words;
        const char* example;
        uint64_t divisor;
    } numbers[] = {{"EveryMillis", "--every", &it.every, times, "500ms, 1s or 15m", 1},
                   {"TimeoutMillis", "--timeout", &it.timeout, times, "500ms or 10s", 1},
                   {"BytesMax", "--max-bytes", &it.bytes_max, sizes, "8MiB", 1},
                   {"RedirectsMax", "--redirects", &it.redirects_max, counts, "3", 1},
                   {"RememberSeconds", "--remember", &it.remember, times, "30m, 24h or 30d", 1000},
                   {"KeysMax", "--keys-max", &it.keys_max, counts, "1000000", 1},
                   {"RecordsPerEvent", "--per-event", &it.records_per_event, counts, "100", 1}};
    for (const auto& each : numbers) {
        if (each.value->empty()) continue;
        TRY_ASSIGN(const uint64_t value, measured(each.option, *each.value, each.words, each.example));
        out[each.name] = value / each.divisor;
    }
    json::object headers;
    for (const std::string& header : it.headers) {
        const size_t colon = header.find(':');
        if (colon == std::string::npos)
            return Error{ErrorCode::invalid_argument, "--header takes \"Name: value\", not \"" + header + "\""};
        const size_t begin = std::min(header.find_first_not_of(' ', colon + 1), header.size());
        headers[header.substr(0, colon)] = header.substr(begin);
    }
    if (!headers.empty()) out["Headers"] = headers;
    return json::serialize(out);
}

Result<int> sources_add(const SourcesArguments& arguments) {
    TRY_ASSIGN(const std::string body, source_json(arguments.source));
    TRY_ASSIGN(const std::unique_ptr<ApiClient> client, client_for(arguments));
    TRY_ASSIGN(const std::string answer, client->must_own("POST", "/_millrace/sources", "", body));
    std::printf("%s is polled from now on; `millrace sources` shows how it goes\n", arguments.source.name.c_str());
    return 0;
}

Result<int> sources_list(const SourcesArguments& arguments) {
    TRY_ASSIGN(const std::unique_ptr<ApiClient> client, client_for(arguments));
    TRY_ASSIGN(const std::string body, client->must_own("GET", "/_millrace/sources", ""));
    if (arguments.json) {
        std::printf("%s\n", body.c_str());
        return 0;
    }
    try {
        const json::value parsed = json::parse(body);
        const json::array& sources = parsed.at("sources").as_array();
        for (const json::value& each : sources) print(each.as_object());
        if (sources.empty()) std::printf("no sources\n");
    } catch (const std::exception& broken) {
        return Error{ErrorCode::corruption, std::string("the server's answer can not be read: ") + broken.what()};
    }
    return 0;
}

Result<int> sources_pause(const SourcesArguments& arguments) {
    return change(arguments, "POST", "/_millrace/sources/pause", "is paused; a poll under way is finished");
}

Result<int> sources_resume(const SourcesArguments& arguments) {
    return change(arguments, "POST", "/_millrace/sources/resume", "is polled again");
}

Result<int> sources_remove(const SourcesArguments& arguments) {
    return change(arguments, "DELETE", "/_millrace/sources", "is removed, and what it remembered forgotten");
}

}  // namespace millrace::cli
