#include "src/service/firehose/errors.h"
#include "src/service/firehose/firehose.h"
#include "src/service/firehose/limits.h"

namespace millrace::service::firehose {

using namespace aws::firehose;
using aws::CallContext;
using aws::Failure;
using aws::Outcome;

namespace {

constexpr size_t tags_limit_default = 50;

}  // namespace

Outcome<TagDeliveryStreamOutput> Firehose::tag_delivery_stream(const CallContext& context,
                                                               const TagDeliveryStreamInput& input) {
    auto seen = engine_.describe(context.scope, input.DeliveryStreamName);
    if (!seen.ok()) return not_found(context.scope, input.DeliveryStreamName);
    auto tags = seen->definition.tags;
    for (const Tag& tag : input.Tags) tags[tag.Key] = tag.Value.value_or("");
    if (tags.size() > tags_max) {
        return Failure{"LimitExceededException", "A delivery stream has at most " + std::to_string(tags_max) + " tags"};
    }
    auto changed = engine_.set_tags(context.scope, input.DeliveryStreamName, std::move(tags));
    if (!changed.ok()) return failure_of(changed.error());
    return TagDeliveryStreamOutput{};
}

Outcome<UntagDeliveryStreamOutput> Firehose::untag_delivery_stream(const CallContext& context,
                                                                   const UntagDeliveryStreamInput& input) {
    auto seen = engine_.describe(context.scope, input.DeliveryStreamName);
    if (!seen.ok()) return not_found(context.scope, input.DeliveryStreamName);
    auto tags = seen->definition.tags;
    for (const std::string& key : input.TagKeys) tags.erase(key);
    auto changed = engine_.set_tags(context.scope, input.DeliveryStreamName, std::move(tags));
    if (!changed.ok()) return failure_of(changed.error());
    return UntagDeliveryStreamOutput{};
}

Outcome<ListTagsForDeliveryStreamOutput> Firehose::list_tags_for_delivery_stream(
    const CallContext& context, const ListTagsForDeliveryStreamInput& input) {
    auto seen = engine_.describe(context.scope, input.DeliveryStreamName);
    if (!seen.ok()) return not_found(context.scope, input.DeliveryStreamName);
    ListTagsForDeliveryStreamOutput out;
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : tags_limit_default;
    const auto& tags = seen->definition.tags;
    for (auto at = tags.upper_bound(input.ExclusiveStartTagKey.value_or("")); at != tags.end(); ++at) {
        if (out.Tags.size() == limit) {
            out.HasMoreTags = true;
            break;
        }
        out.Tags.push_back({at->first, at->second});
    }
    return out;
}

}  // namespace millrace::service::firehose
