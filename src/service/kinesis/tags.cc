// Tags, by the older operations (of a stream) and the newer ones (of a resource).
#include "src/service/kinesis/errors.h"
#include "src/service/kinesis/kinesis.h"
#include "src/service/kinesis/limits.h"

namespace millrace::service::kinesis {
namespace {

shapes::Tag tag_shape(const std::string& key, const std::string& value) {
    shapes::Tag tag;
    tag.Key = key;
    tag.Value = value;
    return tag;
}

}  // namespace

std::optional<aws::Failure> Kinesis::edit_tags(const StreamPointer& stream,
                                               const std::map<std::string, std::string>& add,
                                               const std::vector<std::string>& remove) {
    const std::lock_guard lock(streams_.edit_mutex());
    const auto now = streams_.find(stream->stream.scope, stream->stream.name);  // as it is under the lock
    if (!now) return stream_not_found(stream->stream.scope, stream->stream.name);
    catalog::Stream edited = now->stream;
    for (const auto& [key, value] : add) {
        if (key.starts_with("aws:")) return invalid_argument("Tag keys may not begin with aws:.");
        edited.tags[key] = value;
    }
    for (const auto& key : remove) edited.tags.erase(key);
    if (edited.tags.size() > tags_max) {
        return invalid_argument("Failed to add tags to stream " + edited.name + " under account " +
                                edited.scope.account + " because a given stream cannot have more than " +
                                std::to_string(tags_max) + " tags associated with it.");
    }
    if (auto replaced = streams_.replace(std::move(edited)); !replaced) return failure_of(replaced.error());
    return std::nullopt;
}

Outcome<shapes::AddTagsToStreamOutput> Kinesis::add_tags_to_stream(const CallContext& context,
                                                                   const shapes::AddTagsToStreamInput& input) {
    TRY_ASSIGN(const StreamPointer stream, find(context, input.StreamName, input.StreamARN));
    if (auto failure = edit_tags(stream, input.Tags, {})) return std::move(*failure);
    return shapes::AddTagsToStreamOutput{};
}

Outcome<shapes::RemoveTagsFromStreamOutput> Kinesis::remove_tags_from_stream(
    const CallContext& context, const shapes::RemoveTagsFromStreamInput& input) {
    TRY_ASSIGN(const StreamPointer stream, find(context, input.StreamName, input.StreamARN));
    if (auto failure = edit_tags(stream, {}, input.TagKeys)) return std::move(*failure);
    return shapes::RemoveTagsFromStreamOutput{};
}

Outcome<shapes::ListTagsForStreamOutput> Kinesis::list_tags_for_stream(const CallContext& context,
                                                                       const shapes::ListTagsForStreamInput& input) {
    TRY_ASSIGN(const StreamPointer stream, find(context, input.StreamName, input.StreamARN));
    const size_t limit = input.Limit ? static_cast<size_t>(*input.Limit) : list_tags_default;
    shapes::ListTagsForStreamOutput output;
    output.HasMoreTags = false;
    for (const auto& [key, value] : stream->stream.tags) {
        if (input.ExclusiveStartTagKey && key <= *input.ExclusiveStartTagKey) continue;
        if (output.Tags.size() == limit) {
            output.HasMoreTags = true;
            break;
        }
        output.Tags.push_back(tag_shape(key, value));
    }
    return output;
}

Outcome<shapes::TagResourceOutput> Kinesis::tag_resource(const CallContext& context,
                                                         const shapes::TagResourceInput& input) {
    TRY_ASSIGN(const StreamPointer stream, find(context, std::nullopt, input.ResourceARN));
    if (auto failure = edit_tags(stream, input.Tags, {})) return std::move(*failure);
    return shapes::TagResourceOutput{};
}

Outcome<shapes::UntagResourceOutput> Kinesis::untag_resource(const CallContext& context,
                                                             const shapes::UntagResourceInput& input) {
    TRY_ASSIGN(const StreamPointer stream, find(context, std::nullopt, input.ResourceARN));
    if (auto failure = edit_tags(stream, {}, input.TagKeys)) return std::move(*failure);
    return shapes::UntagResourceOutput{};
}

Outcome<shapes::ListTagsForResourceOutput> Kinesis::list_tags_for_resource(
    const CallContext& context, const shapes::ListTagsForResourceInput& input) {
    TRY_ASSIGN(const StreamPointer stream, find(context, std::nullopt, input.ResourceARN));
    shapes::ListTagsForResourceOutput output;
    output.Tags.emplace();
    for (const auto& [key, value] : stream->stream.tags) output.Tags->push_back(tag_shape(key, value));
    return output;
}

}  // namespace millrace::service::kinesis
