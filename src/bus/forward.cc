// A bus as a rule's target: events go from log to log as they are. Another account's bus has a policy, which is asked
// of each.
#include <algorithm>

#include "src/bus/dispatcher.h"
#include "src/bus/input/json_slice.h"

namespace millrace::bus {
namespace {

target::Outcome refused(std::string code, std::string message) {
    return {.kind = target::Outcome::Kind::permanent, .code = std::move(code), .message = std::move(message)};
}

std::string text_at(const SlicePath& path, std::string_view event) {
    return string_of(std::string(path.find(event).value_or("\"\"")));
}

}  // namespace

void Dispatcher::forward(Lane& lane, const std::vector<target::Item>& items, target::Deliverer::Done done) {
    static const SlicePath source = SlicePath::parse("$.source").value();
    static const SlicePath detail_type = SlicePath::parse("$.detail-type").value();
    std::vector<target::Outcome> outcomes(items.size());
    const std::string& account = lane.target().scope.account;
    const std::optional<Surroundings::OtherBus> bus = surroundings_.other_bus(lane.target().arn, account);
    if (!bus) {
        std::ranges::fill(outcomes, refused("NO_RESOURCE", "The event bus does not exist."));
        return done(std::move(outcomes));
    }
    log::Batch batch(bus->shard);
    for (size_t i = 0; i < items.size(); ++i) {
        const std::string& event = items[i].body;
        if (bus->policy && !bus->policy->allows({.account = account,
                                                 .source = text_at(source, event),
                                                 .detail_type = text_at(detail_type, event),
                                                 .rule_arn = lane.rule_target->rule_arn})) {
            outcomes[i] = refused("NO_PERMISSIONS", "The policy of the event bus does not allow it.");
            continue;
        }
        batch.add(encode(Origin{.forwarded = true}), event);
    }
    if (batch.count() == 0) return done(std::move(outcomes));
    parts_.log.append(std::move(batch), [outcomes = std::move(outcomes),
                                         done = std::move(done)](const Result<log::Appended>& appended) mutable {
        for (target::Outcome& each : outcomes) {
            if (appended.ok() || !each.ok()) continue;
            each = {.kind = target::Outcome::Kind::retryable,
                    .code = "ServiceUnavailable",
                    .message = appended.error().message};
        }
        done(std::move(outcomes));
    });
}

}  // namespace millrace::bus
