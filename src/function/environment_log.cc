#include "src/function/environment_log.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/function/definition.h"
#include "src/function/functions.h"
#include "src/io/clock.h"

namespace millrace::function {
namespace {

constexpr uint64_t burst_bytes = 4 << 20;
constexpr uint64_t bytes_per_s = 1 << 20;

std::string day_of(TimestampMs time) {
    const time_t seconds = time.value() / 1000;
    tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    std::snprintf(text, sizeof text, "%04d/%02d/%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    return text;
}

}  // namespace

EnvironmentLog::EnvironmentLog(LogSink& sink, const io::Clock& clock, const FunctionDefinition& definition)
    : sink_(sink),
      clock_(clock),
      definition_(definition),
      level_(definition.logging.json ? parse_log_level(definition.logging.application_level).value_or(LogLevel::info)
                                     : LogLevel::trace),
      group_(definition.logging.group.empty() ? "/aws/lambda/" + definition.name : definition.logging.group),
      budget_(burst_bytes) {
    stream_ = day_of(clock.now()) + '/' + (definition.logging.group.empty() ? "" : definition.name) + '[' +
              definition.version + ']' + hex_encode(random_bytes(16));
}

void EnvironmentLog::output(std::string_view bytes) {
    budget_ -= std::min<uint64_t>(budget_, bytes.size());
    while (!bytes.empty()) {
        const size_t end = bytes.find('\n');
        const size_t room = event_bytes_max - unfinished_.size();
        if (end == std::string_view::npos && bytes.size() < room) {
            unfinished_ += bytes;
            return;
        }
        const bool whole_line = end != std::string_view::npos && end <= room;
        const size_t part = whole_line ? end : room;
        unfinished_ += bytes.substr(0, part);
        bytes.remove_prefix(part + (whole_line ? 1 : 0));
        emit_own(unfinished_);
        unfinished_.clear();
    }
}

void EnvironmentLog::line(std::string text) {
    if (!unfinished_.empty()) {
        emit_own(unfinished_);
        unfinished_.clear();
    }
    emit(text);
}

void EnvironmentLog::emit_own(std::string_view text) {
    if (level_ == LogLevel::trace || level_of_line(text) >= level_) emit(text);
}

void EnvironmentLog::emit(std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    // Runtimes write an event of several lines with \r between them, as a pipe knows no events (AWS's own clients do).
    std::string event(text);
    std::replace(event.begin(), event.end(), '\r', '\n');
    tail_ += event;
    tail_ += '\n';
    if (tail_.size() > 4 * tail_bytes_max) tail_.erase(0, tail_.size() - tail_bytes_max);
    if (!event.empty()) sink_.write(definition_.scope, group_, stream_, clock_.now(), std::move(event));
}

void EnvironmentLog::begin_tail() {
    tail_.clear();
}

std::string EnvironmentLog::tail() const {
    return tail_.size() > tail_bytes_max ? tail_.substr(tail_.size() - tail_bytes_max) : tail_;
}

uint64_t EnvironmentLog::allowance(int64_t now_ns) {
    if (refilled_ns_ == 0) refilled_ns_ = now_ns;
    const uint64_t refill = static_cast<uint64_t>(now_ns - refilled_ns_) / 1000 * bytes_per_s / 1'000'000;
    if (refill > 0) {
        budget_ = std::min(burst_bytes, budget_ + refill);
        refilled_ns_ = now_ns;
    }
    return budget_;
}

}  // namespace millrace::function
