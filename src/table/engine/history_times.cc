#include "src/table/engine/history_times.h"

#include <algorithm>

#include "src/table/engine/keys.h"

namespace millrace::table::engine {
namespace {

constexpr std::string_view first_name = "millrace.history.first", last_name = "millrace.history.last";
constexpr size_t tail_bytes = 16;  // of a history key: time, sequence

class Times final : public rocksdb::TablePropertiesCollector {
  public:
    const char* Name() const override { return "millrace.history.times"; }
    rocksdb::Status AddUserKey(const rocksdb::Slice& key, const rocksdb::Slice&, rocksdb::EntryType type,
                               rocksdb::SequenceNumber, uint64_t) override {
        if (type != rocksdb::kEntryPut || key.size() < tail_bytes) return rocksdb::Status::OK();
        const uint64_t time = read_u64(key.ToStringView().substr(key.size() - tail_bytes));
        first_ = std::min(first_, time);
        last_ = std::max(last_, time);
        return rocksdb::Status::OK();
    }
    rocksdb::Status Finish(rocksdb::UserCollectedProperties* properties) override {
        *properties = GetReadableProperties();
        return rocksdb::Status::OK();
    }
    rocksdb::UserCollectedProperties GetReadableProperties() const override {
        std::string first, last;
        append_u64(first_, &first);
        append_u64(last_, &last);
        return {{std::string(first_name), first}, {std::string(last_name), last}};
    }

  private:
    uint64_t first_ = UINT64_MAX;
    uint64_t last_ = 0;
};

class Factory final : public rocksdb::TablePropertiesCollectorFactory {
  public:
    const char* Name() const override { return "millrace.history.times"; }
    rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(Context) override { return new Times(); }
};

}  // namespace

std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> history_times() {
    return std::make_shared<Factory>();
}

bool may_hold(const rocksdb::TableProperties& file, TimestampMs from, TimestampMs to) {
    const auto& properties = file.user_collected_properties;
    const auto first = properties.find(std::string(first_name)), last = properties.find(std::string(last_name));
    if (first == properties.end() || last == properties.end()) return true;
    return read_u64(last->second) >= static_cast<uint64_t>(from.value()) &&
           read_u64(first->second) < static_cast<uint64_t>(to.value());
}

}  // namespace millrace::table::engine
