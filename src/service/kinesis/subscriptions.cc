#include "src/service/kinesis/subscriptions.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>

#include "src/aws/event_stream.h"
#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/catalog/sequence_number.h"

namespace millrace::service::kinesis {
namespace {

constexpr int64_t quiet_ms = 5000;  // an event without records says how far behind the reader is
constexpr log::ReadLimits event_limits{.records_max = 10'000, .bytes_max = 1 << 20};

// `children`: "" but in the last event of a closed shard, whose children are to be read next.
std::string event_of(const log::ReadResult& read, std::string_view children) {
    std::string json = "{\"Records\":[";
    for (size_t i = 0; i < read.records.size(); ++i) {
        const log::RecordView& record = read.records[i];
        const int64_t ms = record.time.value();
        std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
        if (i > 0) json += ',';
        json += "{\"SequenceNumber\":\"" + catalog::sequence_number(record.position.value()) +
                "\",\"ApproximateArrivalTimestamp\":" + std::to_string(ms / 1000) + "." + fraction + ",\"Data\":\"" +
                base64_encode(record.data) + "\",\"PartitionKey\":";
        append_json_string(record.partition_key, json);
        json += '}';
    }
    json += ']';
    if (children.empty()) {  // whoever goes on after it, or at it, goes on at the next record
        const uint64_t next = read.next.value();
        json += ",\"ContinuationSequenceNumber\":\"" + catalog::sequence_number(next > 0 ? next - 1 : 0) + "\"";
    } else {
        json.append(",\"ChildShards\":").append(children);
    }
    json += ",\"MillisBehindLatest\":" + std::to_string(read.behind_ms) + "}";
    return json;
}

}  // namespace

// What the log wakes, what ends it from outside, and when it began.
class Subscription {
  public:
    explicit Subscription(int64_t began_ms) : began_ms(began_ms) {}
    const int64_t began_ms;  // monotonic

    void wake() {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        wakes_.notify_all();
    }
    void end() {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        wakes_.notify_all();
    }
    bool ended() {
        const std::lock_guard lock(mutex_);
        return ended_;
    }
    void wait(int64_t ms) {
        std::unique_lock lock(mutex_);
        wakes_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return woken_ || ended_; });
        woken_ = false;
    }

  private:
    std::mutex mutex_;
    std::condition_variable wakes_;
    bool woken_ = false;
    bool ended_ = false;
};

namespace {

class EventSource final : public http::BodySource {
  public:
    EventSource(log::Log& log, const io::Clock& clock, std::shared_ptr<Subscription> subscription, log::ShardKey key,
                log::Position from, ChildrenOf children)
        : log_(log),
          clock_(clock),
          subscription_(std::move(subscription)),
          key_(key),
          from_(from),
          children_(std::move(children)) {
        wakes_ = log_.subscribe(key_, [subscription = subscription_] { subscription->wake(); });
        aws::append_event("initial-response", "{}", waiting_);
    }

    bool live() const override { return true; }

    Result<size_t> read(std::span<char> out) override {
        if (sent_ == waiting_.size() && !next_event()) return size_t{0};
        const size_t count = std::min(out.size(), waiting_.size() - sent_);
        std::memcpy(out.data(), waiting_.data() + sent_, count);
        sent_ += count;
        return count;
    }

  private:
    int64_t now_ms() const { return clock_.monotonic_ns() / 1'000'000; }

    // Waits for records, or for so long that the reader wants to hear something. False at the end.
    bool next_event() {
        waiting_.clear();
        sent_ = 0;
        const int64_t end_ms = subscription_->began_ms + subscription_ms;
        while (!over_ && !subscription_->ended()) {
            const int64_t now = now_ms();
            if (now >= end_ms) break;
            const std::optional<std::string> children = children_();  // before the read: what follows is the end then
            auto read = log_.read(key_, from_, event_limits);
            if (!read.ok() && read.error().code == ErrorCode::out_of_range) {  // expired meanwhile: passed over
                auto horizon = log_.horizon(key_);
                if (horizon.ok()) read = log_.read(key_, from_ = std::max(from_, *horizon), event_limits);
            }
            if (!read.ok()) return fail(read.error());
            from_ = read->next;
            if (children && read->at_end) {
                aws::append_event("SubscribeToShardEvent", event_of(*read, *children), waiting_);
                over_ = true;
                return true;
            }
            const bool quiet = now - told_ms_ >= quiet_ms;
            if (!read->records.empty() || (quiet && read->at_end)) {
                told_ms_ = now;
                aws::append_event("SubscribeToShardEvent", event_of(*read, ""), waiting_);
                return true;
            }
            if (read->at_end) subscription_->wait(std::min(end_ms - now, told_ms_ + quiet_ms - now));
        }
        return false;
    }

    bool fail(const Error& error) {
        const bool gone = error.code == ErrorCode::not_found;
        aws::append_exception(gone ? "ResourceNotFoundException" : "InternalFailureException",
                              gone ? "The stream does not exist any more." : error.message, waiting_);
        over_ = true;
        return true;
    }

    log::Log& log_;
    const io::Clock& clock_;
    const std::shared_ptr<Subscription> subscription_;
    const log::ShardKey key_;
    log::Position from_;
    const ChildrenOf children_;
    std::shared_ptr<void> wakes_;
    std::string waiting_;
    size_t sent_ = 0;
    int64_t told_ms_ = INT64_MIN / 2;  // the first event comes at once
    bool over_ = false;
};

}  // namespace

Result<std::unique_ptr<http::BodySource>> Subscriptions::open(const std::string& consumer_arn, const std::string& shard,
                                                              log::ShardKey key, log::Position from,
                                                              ChildrenOf children) {
    const int64_t now = clock_.monotonic_ns() / 1'000'000;
    const std::lock_guard lock(mutex_);
    if (stopping_) return Error{ErrorCode::unavailable, "stopping"};
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<Subscription>& slot = open_[{consumer_arn, shard}];
    if (const std::shared_ptr<Subscription> earlier = slot.lock()) {
        if (!earlier->ended() && now - earlier->began_ms < subscription_again_ms) {
            return Error{ErrorCode::failed_precondition,
                         "Another active subscription exists for this consumer and shard."};
        }
        earlier->end();
    } else if (open_.size() > subscriptions_max_) {
        open_.erase({consumer_arn, shard});
        return Error{ErrorCode::resource_exhausted, "Too many subscriptions are open at once."};
    }
    auto subscription = std::make_shared<Subscription>(now);
    slot = subscription;
    return std::unique_ptr<http::BodySource>(
        std::make_unique<EventSource>(log_, clock_, std::move(subscription), key, from, std::move(children)));
}

void Subscriptions::end(const std::string& consumer_arn) {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, one] : open_) {
        const std::shared_ptr<Subscription> alive = name.first == consumer_arn ? one.lock() : nullptr;
        if (alive) alive->end();
    }
}

void Subscriptions::end_all() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [name, one] : open_) {
        if (const std::shared_ptr<Subscription> alive = one.lock()) alive->end();
    }
}

}  // namespace millrace::service::kinesis
