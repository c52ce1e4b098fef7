// CloudWatch Logs: many lines a call, in the order of their times; the log stream is made where it is missing.
#include <algorithm>
#include <numeric>

#include <boost/json.hpp>

#include "src/base/json_text.h"
#include "src/base/time_text.h"
#include "src/io/clock.h"
#include "src/target/arn.h"
#include "src/target/calls.h"

namespace millrace::target {
namespace {

namespace json = boost::json;

constexpr size_t lines_max = 10'000;     // a PutLogEvents
constexpr size_t bytes_max = 1'048'576;  // with what each line costs beside its text
constexpr size_t line_overhead = 26;
constexpr int64_t span_ms_max = 23 * 3'600'000;  // AWS: 24 hours from the first to the last

class LogCalls final : public Calls {
  public:
    LogCalls(const Target& target, std::span<const Item> items, const io::Clock& clock)
        : items_(items), now_(clock.now()), stream_(target.log_stream) {
        const Arn arn = *parse_arn(target.arn);
        scope_ = arn.scope(target.scope);
        std::string_view group = *arn.after("log-group:");
        if (group.ends_with(":*")) group.remove_suffix(2);
        group_ = group;
        if (stream_.empty()) stream_ = "millrace/" + iso_seconds(now_).substr(0, 10);
    }
    size_t concurrency() const override { return 1; }

    Step next(size_t first, size_t count_max) override {
        const int64_t begin = time_of(first);
        size_t bytes = 0, end = first;
        while (end < items_.size() && end - first < std::min(lines_max, count_max) &&
               std::abs(time_of(end) - begin) < span_ms_max / 2) {
            bytes += items_[end].body.size() + line_overhead;
            if (end > first && bytes > bytes_max) break;
            ++end;
        }
        order_.resize(end - first);
        std::iota(order_.begin(), order_.end(), first);
        std::sort(order_.begin(), order_.end(),
                  [&](size_t a, size_t b) { return std::pair(time_of(a), a) < std::pair(time_of(b), b); });
        std::string body = names();
        body += ",\"logEvents\":[";
        for (const size_t i : order_) {
            if (body.back() != '[') body += ',';
            body += "{\"timestamp\":" + std::to_string(time_of(i)) + ',';
            append_member("message", items_[i].body, body);
            body += '}';
        }
        body += "]}";
        return {json_call(scope_, "logs", "PutLogEvents", std::move(body)), first, end - first};
    }

    std::unique_ptr<ServiceCall> read(const Step& step, const ServiceAnswer& answer,
                                      std::span<Outcome> outcomes) override {
        if (!answer.ok()) {
            const Outcome failure = failure_of(answer);
            for (Outcome& outcome : outcomes) outcome = failure;
            if (failure.code != "ResourceNotFoundException") return nullptr;
            return std::make_unique<ServiceCall>(json_call(scope_, "logs", "CreateLogStream", names() + '}'));
        }
        read_rejected(step, answer, outcomes);
        return nullptr;
    }

  private:
    int64_t time_of(size_t i) const { return items_[i].time.value_or(now_).value(); }

    std::string names() const {
        std::string out = "{";
        append_member("logGroupName", group_, out);
        out += ',';
        append_member("logStreamName", stream_, out);
        return out;
    }

    // Lines too old or too new are passed over by the service, which says where they begin and end.
    void read_rejected(const Step& step, const ServiceAnswer& answer, std::span<Outcome> outcomes) const {
        boost::system::error_code error;
        const json::value root = json::parse(answer.body, error);
        if (error || !root.is_object()) return;
        const auto* info = root.as_object().if_contains("rejectedLogEventsInfo");
        if (info == nullptr || !info->is_object()) return;
        const auto number = [&](const char* name, size_t otherwise) {
            const auto* found = info->as_object().if_contains(name);
            return found != nullptr && found->is_int64() ? static_cast<size_t>(found->as_int64()) : otherwise;
        };
        const size_t too_old = std::max(number("tooOldLogEventEndIndex", 0), number("expiredLogEventEndIndex", 0));
        const size_t too_new = number("tooNewLogEventStartIndex", order_.size());
        for (size_t i = 0; i < order_.size(); ++i) {
            if (i >= too_old && i < too_new) continue;
            outcomes[order_[i] - step.first] =
                failure_of("InvalidParameterException", "The event is too old or too new for its log group.", 400);
        }
    }

    const std::span<const Item> items_;
    const TimestampMs now_;
    Scope scope_;
    std::string group_, stream_;
    std::vector<size_t> order_;  // of the step under way
};

}  // namespace

std::unique_ptr<Calls> make_log_calls(const Target& target, std::span<const Item> items, const io::Clock& clock) {
    return std::make_unique<LogCalls>(target, items, clock);
}

}  // namespace millrace::target
