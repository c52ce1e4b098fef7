// Event buses: up to ten items a PutEvents, each under the target's heading.
#include <algorithm>

#include <boost/json.hpp>

#include "src/base/json_text.h"
#include "src/target/arn.h"
#include "src/target/calls.h"

namespace millrace::target {
namespace {

namespace json = boost::json;

constexpr size_t entries_max = 10;     // a PutEvents
constexpr size_t bytes_max = 900'000;  // of their details

class BusCalls final : public Calls {
  public:
    BusCalls(const Target& target, std::span<const Item> items)
        : target_(target),
          items_(items),  // As who delivers, not as the bus's owner: its policy says who may put events on it.
          scope_{target.scope.account, parse_arn(target.arn)->scope(target.scope).region} {}
    size_t concurrency() const override { return 1; }

    Step next(size_t first, size_t count_max) override {
        std::string body = "{\"Entries\":[";
        size_t bytes = 0, end = first;
        for (; end < items_.size() && end - first < std::min(entries_max, count_max); ++end) {
            bytes += items_[end].body.size();
            if (end > first && bytes > bytes_max) break;
            body += end == first ? "{" : ",{";
            append_entry(items_[end], body);
            body += '}';
        }
        body += "]}";
        return {json_call(scope_, "events", "PutEvents", std::move(body)), first, end - first};
    }

    std::unique_ptr<ServiceCall> read(const Step&, const ServiceAnswer& answer, std::span<Outcome> outcomes) override {
        boost::system::error_code error;
        const json::value root = answer.ok() ? json::parse(answer.body, error) : json::value();
        const auto* entries = !error && root.is_object() ? root.as_object().if_contains("Entries") : nullptr;
        if (entries == nullptr || !entries->is_array() || entries->as_array().size() != outcomes.size()) {
            const Outcome failure = failure_of(answer);
            for (Outcome& outcome : outcomes) outcome = failure;
            return nullptr;
        }
        for (size_t i = 0; i < outcomes.size(); ++i) read_entry(entries->as_array()[i], outcomes[i]);
        return nullptr;
    }

  private:
    void append_entry(const Item& item, std::string& body) const {
        const Heading& heading = target_.heading;
        append_member("EventBusName", target_.arn, body);
        body += ',';
        append_member("Source", heading.source, body);
        body += ',';
        append_member("DetailType", heading.detail_type, body);
        if (!heading.resources.empty()) {
            body += ",\"Resources\":[";
            for (const std::string& resource : heading.resources) {
                if (body.back() != '[') body += ',';
                append_json_string(resource, body);
            }
            body += ']';
        }
        const std::optional<TimestampMs> time = item.time ? item.time : heading.time;
        if (time) body += ",\"Time\":" + std::to_string(time->value() / 1000);
        if (!heading.trace_header.empty()) {
            body += ',';
            append_member("TraceHeader", heading.trace_header, body);
        }
        body += ',';
        append_member("Detail", item.body, body);
    }

    static void read_entry(const json::value& entry, Outcome& outcome) {
        const json::object* object = entry.if_object();
        const auto text = [&](const char* name) -> std::string {
            const auto* found = object != nullptr ? object->if_contains(name) : nullptr;
            return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
        };
        const std::string code = text("ErrorCode");
        if (!code.empty()) outcome = failure_of(code, text("ErrorMessage"), 400);
    }

    const Target& target_;
    const std::span<const Item> items_;
    const Scope scope_;
};

}  // namespace

std::unique_ptr<Calls> make_bus_calls(const Target& target, std::span<const Item> items) {
    return std::make_unique<BusCalls>(target, items);
}

std::unique_ptr<Calls> make_calls(Kind kind, const Target& target, std::span<const Item> items,
                                  const io::Clock& clock) {
    switch (kind) {
        case Kind::stream:
        case Kind::firehose:
            return make_record_calls(kind, target, items);
        case Kind::function:
            return make_function_calls(target, items);
        case Kind::log_group:
            return make_log_calls(target, items, clock);
        case Kind::bus:
            return make_bus_calls(target, items);
        case Kind::action:
            return make_action_calls(target, items);
        case Kind::api_destination:
            break;
    }
    return nullptr;
}

}  // namespace millrace::target
