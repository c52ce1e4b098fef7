// Reading a lane's next records into an event.
#include <algorithm>

#include "src/flow/mapping/event_text.h"
#include "src/flow/mapping/lane.h"
#include "src/io/clock.h"

namespace millrace::flow::mapping {
namespace {

constexpr size_t read_records_min = 16, read_records_max = 10'000;
constexpr size_t tail_bytes_max = 1024;  // of a window's event, without its state

}  // namespace

int64_t Lane::window_ms() const {
    return int64_t{host_.definition().settings.tumbling_window_s} * 1000;
}

// Windows lie on the clock, from 1970 on, by the time when a record came into the stream.
TimestampMs Lane::window_of(TimestampMs time) const {
    return TimestampMs(time.value() - time.value() % window_ms());
}

bool Lane::window_over() const {
    if (!at_end_ || !checkpoint_.window) return false;
    const int64_t over_ms = checkpoint_.window->start.value() + window_ms() + host_.options().window_grace_ms;
    return host_.clock().now().value() >= over_ms;
}

Result<Lane::Stop> Lane::gather(int64_t turn_ends_ns) {
    const size_t count_max = host_.definition().settings.batch_size;
    const std::optional<Position> end = ranges_.empty() ? std::nullopt : std::optional(ranges_.front().end);
    if (end && batch_.next < ranges_.front().from) batch_.next = ranges_.front().from;
    for (;;) {
        if (end && batch_.next >= *end) return Stop::range_end;
        if (batch_.entries.size() >= count_max && !end) return Stop::full;
        const size_t expected = end ? std::max<size_t>(ranges_.front().records, 1) : count_max;
        const size_t wanted = expected - std::min(expected - 1, batch_.entries.size());
        const size_t count = std::clamp(wanted * of_, read_records_min, read_records_max);
        const bool closed = shard_.closed;
        TRY_ASSIGN(const SourceRead read, host_.source().read(shard_, batch_.next, count));
        for (const SourceRecord& record : read.records) {
            if (end && record.position >= *end) {
                batch_.next = *end;
                return Stop::range_end;
            }
            if (batch_.entries.size() >= count_max && !end) return Stop::full;
            Error error;
            if (const auto stop = add(read, record, &error)) {
                if (*stop == Stop::turn) return error;
                hold(batch_.text.capacity());
                return *stop;
            }
            batch_.next = Position(record.position.value() + 1);
        }
        batch_.next = std::max(batch_.next, read.next);
        hold(batch_.text.capacity());
        at_end_ = read.at_end;
        at_end_closed_ = read.at_end && closed;
        if (read.at_end) return end ? Stop::range_end : batch_.entries.size() >= count_max ? Stop::full : Stop::at_end;
        if (host_.clock().monotonic_ns() >= turn_ends_ns) return Stop::turn;
    }
}

// nullopt: the record is in the batch, or is none of ours. Stop::turn: *error is why it can not be read.
std::optional<Lane::Stop> Lane::add(const SourceRead& read, const SourceRecord& record, Error* error) {
    if (of_ > 1 && (record.order_hash >> 32) * of_ >> 32 != number_) return std::nullopt;
    Source& source = host_.source();
    auto passes = host_.filter().passes(source, shard_, read, record);
    if (!passes.ok()) {
        *error = std::move(passes).error();
        return Stop::turn;
    }
    if (!*passes) {
        if (ranges_.empty()) ++counts_.filtered;
        passed_over_ = true;
        return std::nullopt;
    }
    size_t tail_bytes = 2;
    if (window_ms() > 0) {
        const TimestampMs window = window_of(record.time);
        if (checkpoint_.window && window > checkpoint_.window->start) return Stop::window_end;
        if (!batch_.entries.empty() && window > window_of(batch_.entries.front().time)) return Stop::window_end;
        tail_bytes = tail_bytes_max + (checkpoint_.window ? checkpoint_.window->state.size() : 2);
    }
    const size_t before = batch_.text.size();
    batch_.text += before == 0 ? "{\"Records\":[" : ",";
    if (Status appended = source.append_event(shard_, read, record, &batch_.text); !appended.ok()) {
        *error = std::move(appended).error();
        return Stop::turn;
    }
    const bool fits = batch_.text.size() + tail_bytes <= host_.options().event_bytes_max;
    if (!fits && !batch_.entries.empty()) {
        batch_.text.resize(before);
        return Stop::full;
    }
    batch_.entries.push_back({record.position, record.time, batch_.text.size()});
    if (fits) return std::nullopt;
    batch_.next = Position(record.position.value() + 1);
    return Stop::oversized;
}

}  // namespace millrace::flow::mapping
