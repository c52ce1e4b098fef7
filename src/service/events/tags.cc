// Tags of buses and rules.
#include "src/bus/definition.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"
#include "src/target/arn.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

// Buses and rules have tags, as in AWS; it has to be there.
aws::Outcome<void> Events::check_taggable(const Scope& scope, const std::string& arn) {
    const auto parsed = target::parse_arn(arn);
    if (!parsed || parsed->service != "events") return validation(arn + " is not an ARN of EventBridge.");
    const Scope owner = parsed->scope(scope);
    if (owner.account != scope.account) {
        return aws::Failure{"AccessDeniedException", arn + " is another account's.", 400};
    }
    if (const auto name = parsed->after("event-bus/")) {
        EVENTS_TRY(buses_.find(owner, std::string(*name)));
        return {};
    }
    const auto rest = parsed->after("rule/");
    if (!rest) return validation("Only event buses and rules have tags.");
    const size_t slash = rest->find('/');
    const std::string bus(slash == std::string_view::npos ? bus::default_bus : rest->substr(0, slash));
    EVENTS_TRY(buses_.rule(owner, bus, std::string(slash == std::string_view::npos ? *rest : rest->substr(slash + 1))));
    return {};
}

aws::Outcome<void> Events::tag(const Scope& scope, const std::string& arn,
                               const std::optional<std::vector<Tag>>& tags) {
    if (!tags || tags->empty()) return {};
    catalog::Tags added;
    for (const Tag& each : *tags) added[each.Key] = each.Value;
    EVENTS_TRY(tags_.add(scope, arn, added));
    return {};
}

aws::Outcome<TagResourceOutput> Events::tag_resource(const aws::CallContext& context, const TagResourceInput& input) {
    TRY(check_taggable(context.scope, input.ResourceARN));
    TRY(tag(context.scope, input.ResourceARN, input.Tags));
    return TagResourceOutput{};
}

aws::Outcome<UntagResourceOutput> Events::untag_resource(const aws::CallContext& context,
                                                         const UntagResourceInput& input) {
    TRY(check_taggable(context.scope, input.ResourceARN));
    EVENTS_TRY(tags_.remove(context.scope, input.ResourceARN, input.TagKeys));
    return UntagResourceOutput{};
}

aws::Outcome<ListTagsForResourceOutput> Events::list_tags_for_resource(const aws::CallContext& context,
                                                                       const ListTagsForResourceInput& input) {
    TRY(check_taggable(context.scope, input.ResourceARN));
    EVENTS_TRY_ASSIGN(const catalog::Tags tags, tags_.get(context.scope, input.ResourceARN));
    ListTagsForResourceOutput out{.Tags = std::vector<Tag>()};
    for (const auto& [key, value] : tags) out.Tags->push_back({key, value});
    return out;
}

}  // namespace millrace::service::events
