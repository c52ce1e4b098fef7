#include "src/cli/config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "src/http/outbound/policy.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kEveryday = "Everyday";
constexpr std::string_view kOutbound = "Calls to others";
constexpr std::string_view kHttp = "Bounds of the HTTP server";
constexpr std::string_view kEngines = "Engines";

// clang-format off
const std::vector<Setting>& table() {
    static const std::vector<Setting> rows = {
        {kEveryday, "data", &Config::data, "./millrace-data", Unit::none, 0, 0, {},
         "Directory that holds everything the server keeps; made where absent, and locked while a server runs on it."},
        {kEveryday, "listen", &Config::listen, "127.0.0.1:4566", Unit::none, 0, 0, {},
         "Address and port; port 0 takes any free one and the ready line says which."},
        {kEveryday, "auth", &Config::auth, "sign", Unit::none, 0, 0, {"off", "sign"},
         "sign: every request carries a valid signature (SigV4) of a key made by `millrace keys create`. off: none is "
         "looked at; allowed on loopback addresses alone."},
        {kEveryday, "durability", &Config::durability, "fsync", Unit::none, 0, 0, {"fsync", "os"},
         "fsync: an acknowledged write survives a power cut. os: it survives the end of the process, and reaches the "
         "disk when the kernel flushes."},
        {kEveryday, "tls", &Config::tls, "false", Unit::none, 0, 0, {},
         "Also speak TLS on the same port, with the certificate below or a generated, self-signed one under the data "
         "directory."},
        {kEveryday, "tls-certificate", &Config::tls_certificate, "", Unit::none, 0, 0, {},
         "PEM file with the certificate chain; needs tls-key and switches tls on."},
        {kEveryday, "tls-key", &Config::tls_key, "", Unit::none, 0, 0, {},
         "PEM file with the certificate's private key."},
        {kEveryday, "account", &Config::account, "000000000000", Unit::none, 0, 0, {},
         "Account of requests that no key signed (auth off): 12 digits."},
        {kEveryday, "region", &Config::region, "us-east-1", Unit::none, 0, 0, {},
         "Region of requests that name none (auth off)."},

        {kOutbound, "outbound-allow", &Config::outbound_allow, "", Unit::none, 0, 0, {},
         "Private hosts and addresses that polling sources, API destinations and HTTP integrations may call, as "
         "\"127.0.0.1:8080, 10.0.0.0/8, db.internal, *.corp.example:443\". Unless named here, loopback, private, "
         "link-local (cloud metadata) and other addresses that are not public are refused, after names are looked up."},
        {kOutbound, "outbound-hosts", &Config::outbound_hosts, "*", Unit::none, 0, 0, {},
         "Public hosts that they may call, in the same form; * is every one. What outbound-allow names is among them."},
        {kOutbound, "outbound-ca-file", &Config::outbound_ca_file, "", Unit::none, 0, 0, {},
         "PEM file of authorities to trust in such calls, beside the system's."},
        {kOutbound, "secrets-key-file", &Config::secrets_key_file, "", Unit::none, 0, 0, {},
         "Keys that seal the secrets of connections and the headers of sources on disk, a line each, the first for "
         "what is sealed from now on; made where it is absent. Unless given, secrets.key in the data directory."},
        {kOutbound, "sources-max", &Config::sources_max, "256", Unit::count, 1, 4096, {},
         "Polling sources; each may take a thread and the room of its largest body while it polls."},

        {kHttp, "io-threads", &Config::io_threads, "0", Unit::count, 0, 64, {},
         "Threads that move bytes; 0 is one a core, at most 4."},
        {kHttp, "header-bytes-max", &Config::header_bytes_max, "64KiB", Unit::bytes, 1024, 1 << 20, {},
         "Largest request head; a larger one gets 431."},
        {kHttp, "body-bytes-max", &Config::body_bytes_max, "64MiB", Unit::bytes, 1 << 20, uint64_t{1} << 32, {},
         "Largest body that is gathered in memory, which is every body but an object's; a larger one gets 413."},
        {kHttp, "streamed-body-bytes-max", &Config::streamed_body_bytes_max, "5TiB", Unit::bytes, 1 << 20, UINT64_MAX, {},
         "Largest body of an object or part."},
        {kHttp, "body-bytes-total-max", &Config::body_bytes_total_max, "256MiB", Unit::bytes, 1 << 20, uint64_t{1} << 40, {},
         "Gathered bodies over all connections; while it is reached, reading pauses and clients wait."},
        {kHttp, "connections-max", &Config::connections_max, "10000", Unit::count, 1, 1'000'000, {},
         "Open connections; the next one gets 503."},
        {kHttp, "streams-per-connection-max", &Config::streams_per_connection_max, "128", Unit::count, 1, 10'000, {},
         "Requests under way at once on one HTTP/2 connection."},
        {kHttp, "idle-ms-max", &Config::idle_ms_max, "75s", Unit::milliseconds, 100, 86'400'000, {},
         "How long a connection may lie idle between requests."},
        {kHttp, "header-ms-max", &Config::header_ms_max, "10s", Unit::milliseconds, 100, 3'600'000, {},
         "How long a request head may take from its first byte to its last; over it, 408."},
        {kHttp, "body-bytes-per-s-min", &Config::body_bytes_per_s_min, "1024", Unit::count, 1, 1 << 30, {},
         "Bytes per second, over any 10 s, below which a sender or reader of a body is cut off."},
        {kHttp, "stop-ms-max", &Config::stop_ms_max, "10s", Unit::milliseconds, 0, 600'000, {},
         "How long SIGTERM waits at most for requests under way, answers that are streamed among them; what is left then "
         "is cut off, and counted in the log."},

        {kEngines, "worker-threads-max", &Config::worker_threads_max, "256", Unit::count, 2, 4096, {},
         "Threads for work that may block; they start on demand and end when idle."},
        {kEngines, "worker-queue-max", &Config::worker_queue_max, "10000", Unit::count, 1, 10'000'000, {},
         "Requests that may wait for such a thread; the next one gets the service's busy error."},
        {kEngines, "log-segment-bytes", &Config::log_segment_bytes, "128MiB", Unit::bytes, 16 << 20, uint64_t{2} << 30, {},
         "Size of one file of the log; space returns by whole files."},
        {kEngines, "log-tail-cache-bytes", &Config::log_tail_cache_bytes, "32MiB", Unit::bytes, 0, uint64_t{1} << 40, {},
         "Newest records kept in memory for readers that keep up."},
        {kEngines, "log-pending-bytes-max", &Config::log_pending_bytes_max, "64MiB", Unit::bytes, 16 << 20, uint64_t{1} << 36, {},
         "Records accepted and not yet on disk; over it, writers get the service's throttling error."},
        {kEngines, "catalog-cache-bytes", &Config::catalog_cache_bytes, "16MiB", Unit::bytes, 1 << 20, uint64_t{1} << 40, {},
         "Memory that caches the catalogue and object metadata."},
        {kEngines, "catalog-write-buffer-bytes", &Config::catalog_write_buffer_bytes, "8MiB", Unit::bytes, 1 << 20, uint64_t{1} << 32, {},
         "Changes of the catalogue kept in memory, beside their log on disk, before a table file is written."},
        {kEngines, "tables-cache-bytes", &Config::tables_cache_bytes, "256MiB", Unit::bytes, 8 << 20, uint64_t{1} << 42, {},
         "Memory that caches items, indexes and filters of tables; taken as they grow."},
        {kEngines, "tables-write-buffer-bytes", &Config::tables_write_buffer_bytes, "64MiB", Unit::bytes, 1 << 20, uint64_t{1} << 32, {},
         "Changes of tables kept in memory, beside their log on disk, before a table file is written; up to four times this."},
        {kEngines, "export-span-ms-min", &Config::export_span_ms_min, "15min", Unit::milliseconds, 0, 86'400'000, {},
         "The shortest span of a table's incremental export; AWS's is 15 minutes."},
        {kEngines, "queries-running-max", &Config::queries_running_max, "2", Unit::count, 1, 1000, {},
         "Queries that run at once, each in a process of its own; more wait as QUEUED."},
        {kEngines, "queries-waiting-max", &Config::queries_waiting_max, "1000", Unit::count, 1, 1'000'000, {},
         "Queries that may wait; the next one is refused."},
        {kEngines, "query-memory-bytes-max", &Config::query_memory_bytes_max, "1GiB", Unit::bytes, 64 << 20, uint64_t{1} << 44, {},
         "Memory of one query."},
        {kEngines, "query-threads", &Config::query_threads, "2", Unit::count, 1, 1024, {},
         "Threads of one query."},
        {kEngines, "query-ms-max", &Config::query_ms_max, "30min", Unit::milliseconds, 1000, 86'400'000, {},
         "How long a query may run; Athena's own bound is 30 minutes."},
        {kEngines, "query-history-max", &Config::query_history_max, "10000", Unit::count, 1, 10'000'000, {},
         "Ended queries that are remembered; the oldest are forgotten first."},
        {kEngines, "journal-bytes-max", &Config::journal_bytes_max, "1GiB", Unit::bytes, 1 << 20, uint64_t{1} << 44, {},
         "Lines of functions and events of CloudWatch Logs that are kept, all groups together; over it the oldest go."},
        {kEngines, "api-requests-per-s-max", &Config::api_requests_per_s_max, "0", Unit::count, 0, 100'000'000, {},
         "Requests a second that the REST APIs of an account and region take together; over it, 429. 0 is no bound; AWS's "
         "is 10,000."},
        {kEngines, "api-burst-max", &Config::api_burst_max, "5000", Unit::count, 1, 100'000'000, {},
         "Requests that they take at once."},
        {kEngines, "events-retry-ms", &Config::events_retry_ms, "1s", Unit::milliseconds, 10, 600'000, {},
         "How long an event that a rule's target did not take waits for its first retry; twice as long each time, up to ten "
         "minutes, and less by chance."},
        {kEngines, "events-waiting-bytes-max", &Config::events_waiting_bytes_max, "1GiB", Unit::bytes, 1 << 20, 1ull << 44, {},
         "Events of one bus that wait for a retry, or for a target that is slow: a quarter of it for one target, less "
         "where many are broken. What finds no room goes to the target's dead letters, or is dropped and counted."},
        {kEngines, "function-environments-max", &Config::function_environments_max, "64", Unit::count, 1, 10'000, {},
         "Processes that run functions at once, of all functions together; a call that finds none free within seconds is "
         "throttled."},
        {kEngines, "function-idle-ms-max", &Config::function_idle_ms_max, "5min", Unit::milliseconds, 100, 86'400'000, {},
         "How long a process waits for the next call of its function before it ends."},
        {kEngines, "function-sandbox", &Config::function_sandbox, "auto", Unit::none, 0, 0, {"auto", "required"},
         "auto: functions see a read-only root and none of the server's data where bubblewrap is installed, and run "
         "within the other limits where it is not. required: the server does not start without it."},
        {kEngines, "function-python", &Config::function_python, "", Unit::none, 0, 0, {},
         "Interpreter of Python functions; without one, the best that is found on the path."},
        {kEngines, "function-node", &Config::function_node, "", Unit::none, 0, 0, {},
         "Interpreter of Node.js functions; without one, the node on the path."},
        {kEngines, "function-retry-ms", &Config::function_retry_ms, "1min", Unit::milliseconds, 1, 86'400'000, {},
         "How long an asynchronous call whose function failed waits for its first retry; twice as long for the second. "
         "AWS's own times are one and two minutes."},
        {kEngines, "function-events-max", &Config::function_events_max, "100000", Unit::count, 1, 100'000'000, {},
         "Asynchronous calls that may wait; the next one is throttled."},
        {kEngines, "function-event-bytes-max", &Config::function_event_bytes_max, "1GiB", Unit::bytes, 1 << 20, uint64_t{1} << 44, {},
         "Their payloads on disk, all together."},
    };
    return rows;
}
// clang-format on

struct Suffix {
    std::string_view text;
    uint64_t factor;
};
constexpr std::array kByteSuffixes = {Suffix{"KiB", 1ULL << 10}, Suffix{"MiB", 1ULL << 20}, Suffix{"GiB", 1ULL << 30},
                                      Suffix{"TiB", 1ULL << 40}};
// "ms" stands before "s", which it ends with.
constexpr std::array kTimeSuffixes = {Suffix{"ms", 1}, Suffix{"min", 60'000}, Suffix{"s", 1000}};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
    return text;
}

// Returns false for anything but digits and, where the unit has them, one suffix; and where it does not fit 64 bits.
bool parse_number(std::string_view text, Unit unit, uint64_t* out) {
    uint64_t factor = 1;
    std::span<const Suffix> suffixes;
    if (unit == Unit::bytes) suffixes = kByteSuffixes;
    if (unit == Unit::milliseconds) suffixes = kTimeSuffixes;
    for (const Suffix& suffix : suffixes) {
        if (!text.ends_with(suffix.text)) continue;
        factor = suffix.factor;
        text = trimmed(text.substr(0, text.size() - suffix.text.size()));
        break;
    }
    uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
    return !__builtin_mul_overflow(number, factor, out);
}

std::string show_number(uint64_t number, Unit unit) {
    std::span<const Suffix> suffixes;
    if (unit == Unit::bytes) suffixes = kByteSuffixes;
    if (unit == Unit::milliseconds) suffixes = kTimeSuffixes;
    const Suffix* best = nullptr;
    for (const Suffix& suffix : suffixes) {
        if (number && number % suffix.factor == 0 && (!best || suffix.factor > best->factor)) best = &suffix;
    }
    if (!best) return std::to_string(number);
    return std::to_string(number / best->factor) + " " + std::string(best->text);
}

Error refused(const Setting& setting, std::string_view given, std::string_view allowed) {
    return {ErrorCode::invalid_argument,
            std::string(setting.name) + " can not be \"" + std::string(given) + "\": it takes " + std::string(allowed)};
}

std::string environment_name(std::string_view name) {
    std::string out = "MILLRACE_";
    for (char c : name) out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

std::string allowed(const Setting& setting) {
    if (std::holds_alternative<bool Config::*>(setting.member)) return "true or false";
    if (std::holds_alternative<uint64_t Config::*>(setting.member)) {
        std::string range = setting.most == UINT64_MAX ? "at least " + show_number(setting.least, setting.unit)
                                                       : show_number(setting.least, setting.unit) + " to " +
                                                             show_number(setting.most, setting.unit);
        return range;
    }
    if (setting.choices.empty()) return "text";
    std::string words;
    for (std::string_view choice : setting.choices) words += (words.empty() ? "" : " or ") + std::string(choice);
    return words;
}

}  // namespace

std::span<const Setting> settings() {
    return table();
}

Config default_config() {
    Config config;
    for (const Setting& setting : settings()) MILLRACE_CHECK(set(config, setting, setting.fallback).ok());
    return config;
}

Status set(Config& config, const Setting& setting, std::string_view text) {
    text = trimmed(text);
    if (auto* word = std::get_if<std::string Config::*>(&setting.member)) {
        if (!setting.choices.empty() &&
            std::find(setting.choices.begin(), setting.choices.end(), text) == setting.choices.end()) {
            return refused(setting, text, allowed(setting));
        }
        config.** word = std::string(text);
    } else if (auto* flag = std::get_if<bool Config::*>(&setting.member)) {
        if (text != "true" && text != "false") return refused(setting, text, allowed(setting));
        config.** flag = text == "true";
    } else {
        uint64_t number = 0;
        if (!parse_number(text, setting.unit, &number) || number < setting.least || number > setting.most) {
            return refused(setting, text, allowed(setting));
        }
        config.*std::get<uint64_t Config::*>(setting.member) = number;
    }
    return {};
}

Status set(Config& config, std::string_view name, std::string_view text) {
    for (const Setting& setting : settings()) {
        if (setting.name == name) return set(config, setting, text);
    }
    return {ErrorCode::invalid_argument,
            "there is no setting \"" + std::string(name) + "\": `millrace serve --help` lists them"};
}

Status apply_file(Config& config, std::string_view text) {
    int line_number = 0;
    while (!text.empty()) {
        size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        ++line_number;
        line = trimmed(line.substr(0, line.find('#')));
        if (line.empty()) continue;
        const std::string where = "line " + std::to_string(line_number);
        size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            return {ErrorCode::invalid_argument, where + ": \"" + std::string(line) + "\" is not \"name = value\""};
        }
        Status status = set(config, trimmed(line.substr(0, equals)), line.substr(equals + 1));
        if (!status.ok()) return with_context(std::move(status).error(), where);
    }
    return {};
}

Status apply_environment(Config& config, char** environment) {
    for (const Setting& setting : settings()) {
        const std::string wanted = environment_name(setting.name) + "=";
        for (char** variable = environment; *variable; ++variable) {
            std::string_view text = *variable;
            if (!text.starts_with(wanted)) continue;
            Status status = set(config, setting, text.substr(wanted.size()));
            if (!status.ok()) return with_context(std::move(status).error(), environment_name(setting.name));
        }
    }
    return {};
}

Status check(const Config& config) {
    TRY_ASSIGN(HostAndPort address, parse_listen(config.listen));
    if (config.auth == "off" && !is_loopback(address.host)) {
        return {ErrorCode::invalid_argument,
                "auth off is refused on " + address.host +
                    ": whoever reaches that address could read and delete everything. Listen on 127.0.0.1, or use "
                    "--auth sign with a key from `millrace keys create`."};
    }
    if (config.tls_certificate.empty() != config.tls_key.empty()) {
        return {ErrorCode::invalid_argument, "tls-certificate and tls-key go together: give both or neither"};
    }
    if (config.account.size() != 12 || config.account.find_first_not_of("0123456789") != std::string::npos) {
        return {ErrorCode::invalid_argument, "account is 12 digits, not \"" + config.account + "\""};
    }
    if (auto allow = http::OutboundPolicy::parse(config.outbound_allow); !allow.ok())
        return with_context(std::move(allow).error(), "outbound-allow");
    if (auto hosts = http::OutboundPolicy::parse("", config.outbound_hosts); !hosts.ok())
        return with_context(std::move(hosts).error(), "outbound-hosts");
    return {};
}

Result<HostAndPort> parse_listen(std::string_view text) {
    const Error wrong{ErrorCode::invalid_argument, "listen can not be \"" + std::string(text) +
                                                       "\": it takes ADDRESS:PORT, as 127.0.0.1:4566 or [::1]:4566"};
    size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong;
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return wrong;  // an IPv6 address without brackets: which colon is the port's?
    }
    uint64_t port = 0;
    if (host.empty() || !parse_number(text.substr(colon + 1), Unit::count, &port) || port > 65535) return wrong;
    return HostAndPort{std::string(host), static_cast<uint16_t>(port)};
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string show(const Setting& setting) {
    uint64_t number = 0;
    if (std::holds_alternative<uint64_t Config::*>(setting.member) &&
        parse_number(setting.fallback, setting.unit, &number)) {
        return show_number(number, setting.unit);
    }
    return std::string(setting.fallback);
}

std::string configuration_markdown() {
    std::string out =
        "# Configuration\n\n"
        "Made from the table in src/cli/config.cc by `millrace settings`; a test holds this file to it.\n\n"
        "A setting comes from, the later winning: its default; the file that `--config FILE` or `MILLRACE_CONFIG` "
        "names\n(`name = value` a line, `#` begins a comment); the environment (`MILLRACE_HEADER_BYTES_MAX`); the "
        "command line\n(`--header-bytes-max`). Bytes are written `65536`, `64KiB`, `5TiB`; times `75s`, `10min`, "
        "`500ms`. A value out of its\nbounds stops the start with a sentence that says what is allowed.\n";
    std::string_view group;
    for (const Setting& setting : settings()) {
        if (setting.group != group) {
            group = setting.group;
            out += "\n## " + std::string(group) +
                   "\n\n| setting | default | takes | what it does |\n| --- | --- | --- | --- |\n";
        }
        const std::string fallback = show(setting);
        out += "| `" + std::string(setting.name) + "` | " + (fallback.empty() ? "none" : "`" + fallback + "`") + " | " +
               allowed(setting) + " | " + std::string(setting.sentence) + " |\n";
    }
    return out;
}

}  // namespace millrace::cli
