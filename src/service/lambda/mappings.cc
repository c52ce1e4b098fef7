// Event source mappings: what the API says of src/flow/mapping.
#include "src/flow/mapping/engine.h"
#include "src/io/clock.h"
#include "src/service/lambda/errors.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/page.h"

namespace millrace::service::lambda {

using namespace aws::lambda;
namespace mapping = flow::mapping;

namespace {

aws::Failure mapping_failure(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return not_found(error.message);
        case ErrorCode::already_exists:
            return conflict(error.message);
        case ErrorCode::failed_precondition:
            return {"ResourceInUseException", error.message};
        case ErrorCode::invalid_argument:
        case ErrorCode::unsupported:
            return invalid_parameter(error.message);
        default:
            return failure_of(error);
    }
}

std::string_view name_of(mapping::StartingPosition start) {
    switch (start) {
        case mapping::StartingPosition::latest:
            return "LATEST";
        case mapping::StartingPosition::trim_horizon:
            return "TRIM_HORIZON";
        case mapping::StartingPosition::at_timestamp:
            break;
    }
    return "AT_TIMESTAMP";
}

template <class Output>
Output shown(const mapping::Description& description) {
    const mapping::Definition& it = description.definition;
    const mapping::Settings& settings = it.settings;
    Output out;
    out.UUID = it.uuid;
    out.EventSourceMappingArn = mapping::arn_of(it);
    out.StartingPosition = std::string(name_of(it.start));
    if (it.start == mapping::StartingPosition::at_timestamp) out.StartingPositionTimestamp = it.start_time;
    out.BatchSize = static_cast<int32_t>(settings.batch_size);
    out.MaximumBatchingWindowInSeconds = static_cast<int32_t>(settings.batching_window_s);
    out.ParallelizationFactor = static_cast<int32_t>(settings.parallelization);
    out.EventSourceArn = it.source_arn;
    if (!settings.filters.empty()) {
        auto& filters = out.FilterCriteria.emplace().Filters.emplace();
        for (const std::string& pattern : settings.filters) filters.emplace_back().Pattern = pattern;
    }
    out.FunctionArn =
        function::function_arn(settings.function.scope, settings.function.name, settings.function.qualifier);
    out.LastModified = it.modified;
    out.LastProcessingResult = description.result;
    out.State = description.state;
    out.StateTransitionReason = "User action";
    auto& on_failure = out.DestinationConfig.emplace().OnFailure.emplace();
    if (!settings.on_failure.empty()) on_failure.Destination = settings.on_failure;
    out.MaximumRecordAgeInSeconds = static_cast<int32_t>(settings.record_age_s_max);
    out.BisectBatchOnFunctionError = settings.bisect_on_error;
    out.MaximumRetryAttempts = static_cast<int32_t>(settings.retries_max);
    out.TumblingWindowInSeconds = static_cast<int32_t>(settings.tumbling_window_s);
    if (settings.report_item_failures) out.FunctionResponseTypes = std::vector<std::string>{"ReportBatchItemFailures"};
    return out;
}

// Takes what the request says; what it does not say stays. Members of the same names in Create's and Update's.
template <class Input>
aws::Outcome<void> apply(const Input& input, mapping::Settings* out) {
    if (input.Enabled) out->enabled = *input.Enabled;
    if (input.BatchSize) out->batch_size = static_cast<uint32_t>(*input.BatchSize);
    if (input.MaximumBatchingWindowInSeconds)
        out->batching_window_s = static_cast<uint32_t>(*input.MaximumBatchingWindowInSeconds);
    if (input.ParallelizationFactor) out->parallelization = static_cast<uint32_t>(*input.ParallelizationFactor);
    if (input.MaximumRecordAgeInSeconds) {
        out->record_age_s_max = *input.MaximumRecordAgeInSeconds;
        if (out->record_age_s_max >= 0 && out->record_age_s_max < record_age_s_min)
            return invalid_parameter("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800.");
    }
    if (input.MaximumRetryAttempts) out->retries_max = *input.MaximumRetryAttempts;
    if (input.BisectBatchOnFunctionError) out->bisect_on_error = *input.BisectBatchOnFunctionError;
    if (input.TumblingWindowInSeconds) out->tumbling_window_s = static_cast<uint32_t>(*input.TumblingWindowInSeconds);
    if (input.FunctionResponseTypes) out->report_item_failures = !input.FunctionResponseTypes->empty();
    if (input.DestinationConfig) {
        const auto& on_failure = input.DestinationConfig->OnFailure;
        out->on_failure = on_failure ? on_failure->Destination.value_or("") : "";
    }
    if (input.FilterCriteria) {
        out->filters.clear();
        if (input.FilterCriteria->Filters) {
            for (const auto& filter : *input.FilterCriteria->Filters) {
                if (!filter.Pattern)
                    return invalid_parameter("Invalid filter pattern definition. A filter has no Pattern.");
                out->filters.push_back(*filter.Pattern);
            }
        }
        if (out->filters.size() > filters_max)
            return invalid_parameter("Invalid filter pattern definition. There are more than " +
                                     std::to_string(filters_max) + " filters.");
        for (const std::string& text : out->filters) {
            const auto pattern = flow::pattern::Pattern::compile(text);
            if (!pattern.ok())
                return invalid_parameter("Invalid filter pattern definition. " + pattern.error().message);
        }
    }
    return {};
}

aws::Outcome<void> apply_start(const CreateEventSourceMappingInput& input, const mapping::SourceName& source,
                               TimestampMs now, mapping::Definition* out) {
    if (!input.StartingPosition) {
        return invalid_parameter(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must "
            "not "
            "be null.");
    }
    const bool at_time = *input.StartingPosition == "AT_TIMESTAMP";
    if (at_time && source.kind == mapping::SourceName::Kind::changes)
        return invalid_parameter("Unsupported starting position for arn type: " + *input.EventSourceArn);
    if (at_time != input.StartingPositionTimestamp.has_value()) {
        return invalid_parameter(at_time
                                     ? "StartingPositionTimestamp is required for StartingPosition AT_TIMESTAMP."
                                     : "StartingPositionTimestamp is only valid for StartingPosition AT_TIMESTAMP.");
    }
    if (at_time && *input.StartingPositionTimestamp > now)
        return invalid_parameter("StartingPositionTimestamp cannot be in the future.");
    out->start = at_time                               ? mapping::StartingPosition::at_timestamp
                 : *input.StartingPosition == "LATEST" ? mapping::StartingPosition::latest
                                                       : mapping::StartingPosition::trim_horizon;
    if (at_time) out->start_time = *input.StartingPositionTimestamp;
    return {};
}

}  // namespace

aws::Outcome<CreateEventSourceMappingOutput> Lambda::create_event_source_mapping(
    const aws::CallContext& context, const CreateEventSourceMappingInput& input) {
    if (!input.EventSourceArn) return invalid_parameter("Unrecognized event source.");
    auto source = mapping::parse_source_arn(*input.EventSourceArn);
    if (!source.ok()) return mapping_failure(source.error());
    if (source->scope != context.scope)
        return invalid_parameter("The event source is of another account or region: " + *input.EventSourceArn);
    mapping::Definition definition;
    definition.scope = context.scope;
    definition.source_arn = *input.EventSourceArn;
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    definition.settings.function = named.name;
    TRY(apply_start(input, *source, parts_.clock.now(), &definition));
    TRY(apply(input, &definition.settings));
    if (input.Tags) definition.tags = *input.Tags;
    if (definition.tags.size() > tags_max) return invalid_parameter("An event source mapping has at most 50 tags.");
    auto created = parts_.mappings.create(std::move(definition));
    if (!created.ok()) {
        if (created.error().code == ErrorCode::not_found)
            return invalid_parameter((source->consumer.empty() ? "Stream not found: " : "Consumer not found: ") +
                                     *input.EventSourceArn);
        return mapping_failure(created.error());
    }
    return shown<CreateEventSourceMappingOutput>(*created);
}

aws::Outcome<GetEventSourceMappingOutput> Lambda::get_event_source_mapping(const aws::CallContext& context,
                                                                           const GetEventSourceMappingInput& input) {
    auto found = parts_.mappings.describe(context.scope, input.UUID);
    if (!found.ok()) return mapping_failure(found.error());
    return shown<GetEventSourceMappingOutput>(*found);
}

aws::Outcome<ListEventSourceMappingsOutput> Lambda::list_event_source_mappings(
    const aws::CallContext& context, const ListEventSourceMappingsInput& input) {
    std::optional<function::FunctionName> function;
    if (input.FunctionName) {
        TRY_ASSIGN(function, lambda::name_of(context, *input.FunctionName));
    }
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    const mapping::MappingPage page = parts_.mappings.list(context.scope, input.EventSourceArn.value_or(""), function,
                                                           after, page_size(input.MaxItems, mappings_page_max));
    ListEventSourceMappingsOutput output;
    auto& out = output.EventSourceMappings.emplace();
    for (const mapping::Description& each : page.mappings) out.push_back(shown<EventSourceMappingConfiguration>(each));
    if (!page.next.empty()) output.NextMarker = base64_encode(page.next);
    return output;
}

aws::Outcome<UpdateEventSourceMappingOutput> Lambda::update_event_source_mapping(
    const aws::CallContext& context, const UpdateEventSourceMappingInput& input) {
    std::optional<function::FunctionName> function;
    if (input.FunctionName) {
        TRY_ASSIGN(const Named named, find_named(functions_, context, *input.FunctionName));
        function = named.name;
    }
    aws::Outcome<void> refused;
    auto updated = parts_.mappings.update(context.scope, input.UUID, [&](mapping::Settings* settings) -> Status {
        if (function) settings->function = *function;
        refused = apply(input, settings);
        if (!refused.ok()) return Error{ErrorCode::invalid_argument, refused.error().message};
        return {};
    });
    if (!refused.ok()) return std::move(refused).error();
    if (!updated.ok()) return mapping_failure(updated.error());
    return shown<UpdateEventSourceMappingOutput>(*updated);
}

aws::Outcome<DeleteEventSourceMappingOutput> Lambda::delete_event_source_mapping(
    const aws::CallContext& context, const DeleteEventSourceMappingInput& input) {
    auto removed = parts_.mappings.remove(context.scope, input.UUID);
    if (!removed.ok()) return mapping_failure(removed.error());
    return shown<DeleteEventSourceMappingOutput>(*removed);
}

aws::Outcome<bool> Lambda::edit_mapping_tags(
    const aws::CallContext& context, const std::string& resource,
    const std::function<aws::Outcome<void>(std::map<std::string, std::string>&)>& change) {
    constexpr std::string_view infix = ":event-source-mapping:";
    const size_t at = resource.find(infix);
    if (!resource.starts_with("arn:aws:lambda:") || at == std::string::npos) return false;
    auto found = parts_.mappings.describe(context.scope, resource.substr(at + infix.size()));
    if (!found.ok() || mapping::arn_of(found->definition) != resource)
        return not_found("The resource you requested does not exist: " + resource);
    std::map<std::string, std::string> tags = found->definition.tags;
    TRY(change(tags));
    if (tags == found->definition.tags) return true;
    auto kept = parts_.mappings.set_tags(context.scope, found->definition.uuid, std::move(tags));
    if (!kept.ok()) return mapping_failure(kept.error());
    return true;
}

}  // namespace millrace::service::lambda
