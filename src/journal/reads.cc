// Events back: one stream by its index, a group in order of time, or some of its streams merged.
#include <algorithm>

#include "src/journal/store.h"

namespace millrace::journal {
namespace {

constexpr size_t merged_streams_max = 100;

size_t counted(const StoredEvent& event) {
    return event.message.size() + event_overhead_bytes;
}

// The first position that a read may give.
Position lowest(const std::optional<int64_t>& from_ms, const std::optional<Position>& after) {
    Position low{from_ms.value_or(INT64_MIN), 0};
    if (after) low = std::max(low, {after->time_ms, after->arrival + 1});
    return low;
}

// Counts what a page holds and what it cost to find.
class Pages {
  public:
    explicit Pages(const GroupRead& what) : what_(what) {}

    // Returns false where the page has to end before this event.
    bool take(StoredEvent event) {
        const size_t bytes = counted(event);
        const bool matches = !what_.matches || what_.matches(event.message);
        if (matches && !page.events.empty() &&
            (page.events.size() >= what_.count_max || bytes_ + bytes > what_.bytes_max)) {
            page.next = before_;
            return false;
        }
        before_ = event.position;
        scanned_bytes_ += bytes;
        ++scanned_;
        if (matches) {
            bytes_ += bytes;
            page.events.push_back(std::move(event));
        }
        if (scanned_bytes_ < what_.scanned_bytes_max && scanned_ < what_.scanned_max) return true;
        page.next = before_;
        return false;
    }
    // Passed over without a look at its message.
    bool pass(Position position, size_t bytes) {
        before_ = position;
        scanned_bytes_ += bytes;
        ++scanned_;
        if (scanned_bytes_ < what_.scanned_bytes_max && scanned_ < what_.scanned_max) return true;
        page.next = before_;
        return false;
    }
    GroupPage page;

  private:
    const GroupRead& what_;
    Position before_;
    size_t bytes_ = 0, scanned_bytes_ = 0, scanned_ = 0;
};

}  // namespace

Result<std::optional<StoredEvent>> Store::event_at(uint64_t group, Position position) {
    TRY_ASSIGN(const std::optional<std::string> value, get(event_key(group, position)));
    if (!value) return std::optional<StoredEvent>();
    EventRecord record;
    TRY(decode(*value, record));
    return std::optional(
        StoredEvent{position, record.ingested, std::string(record.stream_name), std::string(record.message)});
}

Result<std::vector<StoredEvent>> Store::read(const Scope& scope, const std::string& group, const std::string& stream,
                                             const StreamRead& what) {
    TRY_ASSIGN(const LiveGroup live, need(scope, group));
    const uint64_t id = live.record.id;
    TRY_ASSIGN(const std::optional<StreamRecord> record, find_stream(id, stream));
    if (!record) return Error{ErrorCode::not_found, "The specified log stream does not exist."};
    std::string end = index_key(id, record->id + 1, {INT64_MIN, 0});
    if (what.to_ms) end = std::min(end, index_key(id, record->id, {*what.to_ms, 0}));
    if (what.before) end = std::min(end, index_key(id, record->id, *what.before));
    std::string begin = index_key(id, record->id, lowest(what.from_ms, what.after));
    std::vector<StoredEvent> events;
    if (begin >= end) return events;
    Walk walk(*database_, std::move(begin), std::move(end));
    size_t bytes = 0;
    what.newest ? walk->SeekToLast() : walk->SeekToFirst();
    for (; walk->Valid(); what.newest ? walk->Prev() : walk->Next()) {
        TRY_ASSIGN(std::optional<StoredEvent> event, event_at(id, position_in(walk->key().ToStringView())));
        if (!event) continue;  // taken away since the walk began
        bytes += counted(*event);
        if (!events.empty() && (events.size() >= what.count_max || bytes > what.bytes_max)) break;
        events.push_back(*std::move(event));
    }
    TRY(walk.status());
    if (what.newest) std::reverse(events.begin(), events.end());
    return events;
}

Result<GroupPage> Store::read(const Scope& scope, const std::string& group, const GroupRead& what) {
    TRY_ASSIGN(const LiveGroup live, need(scope, group));
    if (what.streams.empty()) return scan(live.record.id, what);
    return merge(live.record.id, what);
}

Result<GroupPage> Store::scan(uint64_t group, const GroupRead& what) {
    std::string begin = event_key(group, lowest(what.from_ms, what.after));
    std::string end = what.to_ms ? event_key(group, {*what.to_ms, 0}) : rows_end('E', group);
    Pages pages(what);
    if (begin >= end) return std::move(pages.page);
    Walk walk(*database_, std::move(begin), std::move(end));
    for (walk->SeekToFirst(); walk->Valid(); walk->Next()) {
        const Position position = position_in(walk->key().ToStringView());
        EventRecord record;
        TRY(decode(walk->value().ToStringView(), record));
        if (!record.stream_name.starts_with(what.stream_prefix)) {
            if (!pages.pass(position, walk->value().size())) break;
            continue;
        }
        if (!pages.take({position, record.ingested, std::string(record.stream_name), std::string(record.message)})) {
            break;
        }
    }
    TRY(walk.status());
    return std::move(pages.page);
}

Result<GroupPage> Store::merge(uint64_t group, const GroupRead& what) {
    if (what.streams.size() > merged_streams_max) {
        return Error{ErrorCode::invalid_argument, "at most 100 log streams may be named"};
    }
    std::vector<std::unique_ptr<Walk>> walks;
    for (const std::string& name : what.streams) {
        TRY_ASSIGN(const std::optional<StreamRecord> record, find_stream(group, name));
        if (!record) continue;
        std::string begin = index_key(group, record->id, lowest(what.from_ms, what.after));
        std::string end = what.to_ms ? index_key(group, record->id, {*what.to_ms, 0})
                                     : index_key(group, record->id + 1, {INT64_MIN, 0});
        if (begin >= end) continue;
        walks.push_back(std::make_unique<Walk>(*database_, std::move(begin), std::move(end)));
        (*walks.back())->SeekToFirst();
    }
    Pages pages(what);
    while (true) {
        Walk* first = nullptr;
        Position position;
        for (const auto& walk : walks) {
            TRY(walk->status());
            if (!(*walk)->Valid()) continue;
            const Position at = position_in((*walk)->key().ToStringView());
            if (first && at >= position) continue;
            first = walk.get();
            position = at;
        }
        if (!first) break;
        TRY_ASSIGN(std::optional<StoredEvent> event, event_at(group, position));
        if (event && !pages.take(*std::move(event))) break;
        (*first)->Next();
    }
    return std::move(pages.page);
}

}  // namespace millrace::journal
