#include "src/function/platform_log.h"

#include <cstdio>

#include "src/base/json_text.h"
#include "src/base/time_text.h"
#include "src/function/call_failure.h"
#include "src/function/definition.h"
#include "src/function/environment_log.h"
#include "src/io/clock.h"

namespace millrace::function {
namespace {

std::string ms_text(int64_t ns, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, static_cast<double>(ns) / 1e6);
    return text;
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(text, out);
    return out;
}

int64_t billed_ms(int64_t ns) {
    return (ns + 999'999) / 1'000'000;
}

// What the function itself reported is an answer of its own: the platform did its part.
bool is_platforms(const CallFailure* failure) {
    return failure != nullptr && failure->payload.empty();
}

std::string status_members(const CallFailure* failure) {
    if (!is_platforms(failure)) return R"("status":"success")";
    if (failure->timeout) return R"("status":"timeout")";
    return R"("status":"error","errorType":)" + quoted(failure->type);
}

// "python3.12" is "python:3.12", as AWS names versions of runtimes.
std::string runtime_version(std::string_view runtime) {
    const size_t digit = runtime.find_first_of("0123456789");
    if (digit == std::string_view::npos || runtime.find('.') < digit) return std::string(runtime);
    return std::string(runtime.substr(0, digit)) + ':' + std::string(runtime.substr(digit));
}

}  // namespace

PlatformLog::PlatformLog(EnvironmentLog& log, const io::Clock& clock, const FunctionDefinition& definition,
                         bool provisioned)
    : log_(log),
      clock_(clock),
      definition_(definition),
      provisioned_(provisioned),
      level_(parse_log_level(definition.logging.system_level).value_or(LogLevel::info)) {}

void PlatformLog::event(LogLevel level, std::string_view type, std::string_view record) {
    if (level < level_) return;
    std::string line = R"({"time":")" + iso_milliseconds(clock_.now()) + R"(Z","type":"platform.)";
    line += type;
    line += R"(","record":{)";
    line += record;
    line += "}}";
    log_.line(std::move(line));
}

void PlatformLog::note(std::string_view text) {
    if (!definition_.logging.json) return log_.line(std::string(text));
    if (level_ > LogLevel::info) return;
    log_.line(R"({"timestamp":")" + iso_milliseconds(clock_.now()) + R"(Z","level":"INFO","message":)" + quoted(text) +
              '}');
}

std::string PlatformLog::init_members() const {
    return std::string(R"("initializationType":)") +
           (provisioned_ ? R"("provisioned-concurrency")" : R"("on-demand")") + R"(,"phase":"init",)";
}

void PlatformLog::init_start() {
    if (!definition_.logging.json) return log_.line("INIT_START Runtime Version: " + definition_.runtime);
    event(LogLevel::info, "initStart",
          init_members() + R"("runtimeVersion":)" + quoted(runtime_version(definition_.runtime)) +
              R"(,"functionName":)" + quoted(definition_.name) + R"(,"functionVersion":)" +
              quoted(definition_.version));
}

void PlatformLog::init_done(int64_t duration_ns, const CallFailure* failure) {
    if (!definition_.logging.json) return;
    std::string members = init_members();
    if (failure == nullptr) {
        members += R"("status":"success")";
    } else {
        members += failure->timeout ? R"("status":"timeout","errorType":)" : R"("status":"error","errorType":)";
        members += quoted(failure->type);
    }
    event(failure == nullptr ? LogLevel::debug : LogLevel::warn, "initRuntimeDone", members);
    const LogLevel good = provisioned_ ? LogLevel::info : LogLevel::debug;
    event(failure == nullptr ? good : LogLevel::warn, "initReport",
          members + R"(,"metrics":{"durationMs":)" + ms_text(duration_ns, 3) + '}');
}

void PlatformLog::call_start(std::string_view request_id) {
    if (!definition_.logging.json) {
        return log_.line("START RequestId: " + std::string(request_id) + " Version: " + definition_.version);
    }
    event(LogLevel::info, "start",
          R"("requestId":)" + quoted(request_id) + R"(,"version":)" + quoted(definition_.version));
}

void PlatformLog::call_end(const CallReport& report) {
    definition_.logging.json ? report_as_json(report) : report_as_text(report);
}

void PlatformLog::report_as_text(const CallReport& report) {
    const std::string id(report.request_id);
    const CallFailure* failure = is_platforms(report.failure) ? report.failure : nullptr;
    if (failure != nullptr && failure->timeout) {
        log_.line(iso_milliseconds(clock_.now()) + "Z " + id + ' ' + failure->message);
    } else if (failure != nullptr) {
        log_.line("RequestId: " + id + " Error: " + failure->message + '\n' + failure->type);
    }
    log_.line("END RequestId: " + id);
    std::string text = "REPORT RequestId: " + id + "\tDuration: " + ms_text(report.duration_ns, 2) +
                       " ms\tBilled Duration: " + std::to_string(billed_ms(report.duration_ns)) +
                       " ms\tMemory Size: " + std::to_string(definition_.memory_mb) +
                       " MB\tMax Memory Used: " + std::to_string(report.memory_peak_mb) + " MB";
    if (report.init_ns) text += "\tInit Duration: " + ms_text(*report.init_ns, 2) + " ms";
    if (failure != nullptr && failure->timeout) text += "\tStatus: timeout";
    if (failure != nullptr && !failure->timeout) text += "\tStatus: error\tError Type: " + failure->type;
    log_.line(std::move(text));
}

void PlatformLog::report_as_json(const CallReport& report) {
    const std::string id = R"("requestId":)" + quoted(report.request_id) + ',';
    const std::string status = status_members(report.failure);
    const bool failed = is_platforms(report.failure);
    const std::string duration = R"("metrics":{"durationMs":)" + ms_text(report.duration_ns, 3);
    event(failed ? LogLevel::warn : LogLevel::debug, "runtimeDone",
          id + status + ',' + duration + R"(,"producedBytes":)" + std::to_string(report.produced_bytes) + '}');
    std::string metrics = duration + R"(,"billedDurationMs":)" + std::to_string(billed_ms(report.duration_ns)) +
                          R"(,"memorySizeMB":)" + std::to_string(definition_.memory_mb) + R"(,"maxMemoryUsedMB":)" +
                          std::to_string(report.memory_peak_mb);
    if (report.init_ns) metrics += R"(,"initDurationMs":)" + ms_text(*report.init_ns, 3);
    event(failed ? LogLevel::warn : LogLevel::info, "report", id + metrics + "}," + status);
}

}  // namespace millrace::function
