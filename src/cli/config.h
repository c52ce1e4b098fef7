// The configuration table: every knob of the server with its type, default, bounds, unit and a sentence. The command
// line, the environment, the configuration file, --help and docs/configuration.md are all made from it, so a new knob
// is one member of Config and one row in config.cc.
//
// Where a setting is given more than once, the later of these wins: its default, the configuration file (--config FILE
// or MILLRACE_CONFIG), the environment (MILLRACE_HEADER_BYTES_MAX), the command line (--header-bytes-max).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/base/result.h"

namespace millrace::cli {

struct Config {
    // What people set.
    std::string data;
    std::string listen;
    std::string auth;
    std::string durability;
    bool tls = false;
    std::string tls_certificate;
    std::string tls_key;
    std::string account;
    std::string region;
    // Calls to others.
    std::string outbound_allow;
    std::string outbound_hosts;
    std::string outbound_ca_file;
    std::string secrets_key_file;
    uint64_t sources_max = 0;
    // Bounds of the HTTP server.
    uint64_t io_threads = 0;
    uint64_t header_bytes_max = 0;
    uint64_t body_bytes_max = 0;
    uint64_t streamed_body_bytes_max = 0;
    uint64_t body_bytes_total_max = 0;
    uint64_t connections_max = 0;
    uint64_t streams_per_connection_max = 0;
    uint64_t idle_ms_max = 0;
    uint64_t header_ms_max = 0;
    uint64_t body_bytes_per_s_min = 0;
    uint64_t stop_ms_max = 0;
    // Bounds of the engines.
    uint64_t worker_threads_max = 0;
    uint64_t worker_queue_max = 0;
    uint64_t log_segment_bytes = 0;
    uint64_t log_tail_cache_bytes = 0;
    uint64_t log_pending_bytes_max = 0;
    uint64_t catalog_cache_bytes = 0;
    uint64_t tables_cache_bytes = 0;
    uint64_t tables_write_buffer_bytes = 0;
    uint64_t export_span_ms_min = 0;
    uint64_t catalog_write_buffer_bytes = 0;
    uint64_t queries_running_max = 0;
    uint64_t queries_waiting_max = 0;
    uint64_t query_memory_bytes_max = 0;
    uint64_t query_threads = 0;
    uint64_t query_ms_max = 0;
    uint64_t query_history_max = 0;
    uint64_t journal_bytes_max = 0;
    uint64_t api_requests_per_s_max = 0;
    uint64_t api_burst_max = 0;
    uint64_t function_environments_max = 0;
    uint64_t function_idle_ms_max = 0;
    std::string function_sandbox;
    std::string function_python;
    std::string function_node;
    uint64_t events_retry_ms = 0;
    uint64_t events_waiting_bytes_max = 0;
    uint64_t function_retry_ms = 0;
    uint64_t function_events_max = 0;
    uint64_t function_event_bytes_max = 0;
};

enum class Unit : uint8_t {
    none,
    count,
    bytes,         // "64KiB", "256MiB", "5TiB" or a plain number of bytes
    milliseconds,  // "75s", "10min", "500ms" or a plain number of milliseconds
};

struct Setting {
    using Member = std::variant<std::string Config::*, uint64_t Config::*, bool Config::*>;
    std::string_view group;  // a heading in the documents
    std::string_view name;   // "header-bytes-max"
    Member member;
    std::string_view fallback;  // the default, as one would write it
    Unit unit = Unit::none;
    uint64_t least = 0;
    uint64_t most = UINT64_MAX;
    std::vector<std::string_view> choices;  // for words: the ones allowed; empty for any text
    std::string_view sentence;
};

// Every row, in the order of the documents. Valid for ever.
std::span<const Setting> settings();
Config default_config();

// Sets one from text. invalid_argument names the setting, what was given and what is allowed.
Status set(Config& config, const Setting& setting, std::string_view text);
// By name ("header-bytes-max"); invalid_argument where no setting has it.
Status set(Config& config, std::string_view name, std::string_view text);

// "name = value" a line, '#' begins a comment. Errors name the line.
Status apply_file(Config& config, std::string_view text);
// MILLRACE_NAME variables. A variable that begins with MILLRACE_SERVE_ and names no setting is not looked for.
Status apply_environment(Config& config, char** environment);
// What no single row can say: invalid_argument with a sentence on what to change.
Status check(const Config& config);

struct HostAndPort {
    std::string host;
    uint16_t port = 0;
};
// "127.0.0.1:4566", "[::1]:4566", "localhost:0".
Result<HostAndPort> parse_listen(std::string_view text);
// Addresses that only this machine can reach.
bool is_loopback(std::string_view host);

// "64 KiB", "75 s": for people.
std::string show(const Setting& setting);
// docs/configuration.md.
std::string configuration_markdown();

}  // namespace millrace::cli
