#include "src/service/pipes/parameters.h"

#include "src/service/pipes/errors.h"
#include "src/target/target.h"

namespace millrace::service::pipes {

using namespace aws::pipes;  // the generated shapes
namespace pipe = flow::pipe;
namespace mapping = flow::mapping;

namespace {

bool is_kinesis(const pipe::Pipe& of) {
    return of.source.starts_with("arn:aws:kinesis:");
}

// What the parameters of both kinds of streams, new and changed, have in common.
template <class Stream>
void read_stream(const Stream& from, mapping::Settings* out) {
    if (from.BatchSize) out->batch_size = static_cast<uint32_t>(*from.BatchSize);
    if (from.MaximumBatchingWindowInSeconds) {
        out->batching_window_s = static_cast<uint32_t>(*from.MaximumBatchingWindowInSeconds);
    }
    if (from.ParallelizationFactor) out->parallelization = static_cast<uint32_t>(*from.ParallelizationFactor);
    if (from.MaximumRecordAgeInSeconds) out->record_age_s_max = *from.MaximumRecordAgeInSeconds;
    if (from.MaximumRetryAttempts) out->retries_max = *from.MaximumRetryAttempts;
    if (from.OnPartialBatchItemFailure) out->bisect_on_error = true;  // AUTOMATIC_BISECT is the one there is
    if (from.DeadLetterConfig) out->on_failure = from.DeadLetterConfig->Arn.value_or("");
}

template <class Parameters>
aws::Outcome<void> read(const Parameters& from, pipe::Pipe* out) {
    if (from.FilterCriteria) {
        out->settings.filters.clear();
        if (from.FilterCriteria->Filters) {
            for (const Filter& each : *from.FilterCriteria->Filters) {
                if (each.Pattern && !each.Pattern->empty()) out->settings.filters.push_back(*each.Pattern);
            }
        }
    }
    const bool kinesis = from.KinesisStreamParameters.has_value();
    if (!kinesis && !from.DynamoDBStreamParameters) return {};
    if (kinesis != is_kinesis(*out) || (kinesis && from.DynamoDBStreamParameters)) {
        return invalid("The source's parameters have to be those of the source " + out->source + ".");
    }
    if (kinesis) {
        read_stream(*from.KinesisStreamParameters, &out->settings);
    } else {
        read_stream(*from.DynamoDBStreamParameters, &out->settings);
    }
    return {};
}

pipe::HttpParameters http_of(const auto& from) {
    pipe::HttpParameters out;
    if (from.PathParameterValues) out.path_values = *from.PathParameterValues;
    if (from.HeaderParameters) out.headers = *from.HeaderParameters;
    if (from.QueryStringParameters) out.query = *from.QueryStringParameters;
    return out;
}

template <class Parameters>
void show_http(const std::optional<pipe::HttpParameters>& http, std::optional<Parameters>* out) {
    if (!http) return;
    Parameters& shown = out->emplace();
    if (!http->path_values.empty()) shown.PathParameterValues = http->path_values;
    if (!http->headers.empty()) shown.HeaderParameters = http->headers;
    if (!http->query.empty()) shown.QueryStringParameters = http->query;
}

}  // namespace

aws::Outcome<void> read_source(const PipeSourceParameters& from, pipe::Pipe* out) {
    TRY(read(from, out));
    const std::string* start = nullptr;
    if (from.KinesisStreamParameters) start = &from.KinesisStreamParameters->StartingPosition;
    if (from.DynamoDBStreamParameters) start = &from.DynamoDBStreamParameters->StartingPosition;
    if (start == nullptr) {
        return invalid(
            "StartingPosition in the source's KinesisStreamParameters or DynamoDBStreamParameters is "
            "required.");
    }
    out->start = *start == "LATEST"         ? mapping::StartingPosition::latest
                 : *start == "TRIM_HORIZON" ? mapping::StartingPosition::trim_horizon
                                            : mapping::StartingPosition::at_timestamp;
    if (out->start != mapping::StartingPosition::at_timestamp) return {};
    const auto time = from.KinesisStreamParameters ? from.KinesisStreamParameters->StartingPositionTimestamp
                                                   : std::optional<TimestampMs>();
    if (!time) return invalid("StartingPositionTimestamp is required with the starting position AT_TIMESTAMP.");
    out->start_time = *time;
    return {};
}

aws::Outcome<void> read_source(const UpdatePipeSourceParameters& from, pipe::Pipe* out) {
    return read(from, out);
}

void read_enrichment(const PipeEnrichmentParameters& from, pipe::Endpoint* out) {
    if (from.InputTemplate) out->input_template = *from.InputTemplate;
    if (from.HttpParameters) out->http = http_of(*from.HttpParameters);
}

void read_target(const PipeTargetParameters& from, pipe::Endpoint* out) {
    if (from.InputTemplate) out->input_template = *from.InputTemplate;
    if (from.HttpParameters) out->http = http_of(*from.HttpParameters);
    if (from.LambdaFunctionParameters && from.LambdaFunctionParameters->InvocationType) {
        out->has_invocation_type = true;
        out->fire_and_forget = *from.LambdaFunctionParameters->InvocationType == "FIRE_AND_FORGET";
    }
    if (from.KinesisStreamParameters) out->partition_key = from.KinesisStreamParameters->PartitionKey;
    if (from.EventBridgeEventBusParameters) {
        out->has_bus = true;
        out->source = from.EventBridgeEventBusParameters->Source.value_or("");
        out->detail_type = from.EventBridgeEventBusParameters->DetailType.value_or("");
        out->time = from.EventBridgeEventBusParameters->Time.value_or("");
        out->resources = from.EventBridgeEventBusParameters->Resources.value_or(std::vector<std::string>());
    }
    if (from.CloudWatchLogsParameters) {
        out->has_log = true;
        out->log_stream = from.CloudWatchLogsParameters->LogStreamName.value_or("");
        out->log_time = from.CloudWatchLogsParameters->Timestamp.value_or("");
    }
}

aws::Outcome<void> check(const pipe::Pipe& of) {
    const Result<target::Kind> kind = target::kind_of(of.target.arn);
    if (!kind.ok()) return invalid(kind.error().message);
    const pipe::Endpoint& to = of.target;
    const auto only_for = [&](bool given, target::Kind wanted, std::string_view name) {
        return given && *kind != wanted ? std::string(name) : std::string();
    };
    for (const std::string& wrong :
         {only_for(to.has_invocation_type, target::Kind::function, "LambdaFunctionParameters"),
          only_for(to.partition_key.has_value(), target::Kind::stream, "KinesisStreamParameters"),
          only_for(to.has_bus, target::Kind::bus, "EventBridgeEventBusParameters"),
          only_for(to.has_log, target::Kind::log_group, "CloudWatchLogsParameters"),
          only_for(to.http.has_value(), target::Kind::api_destination, "HttpParameters")}) {
        if (!wrong.empty()) return invalid(wrong + " are not for the target " + to.arn + ".");
    }
    if (*kind == target::Kind::stream && !to.partition_key) {
        return invalid("KinesisStreamParameters with a PartitionKey are required where the target is a stream.");
    }
    const bool enriches_one_by_one = of.enrichment.arn.find(":api-destination/") != std::string::npos;
    if (of.settings.batch_size > 1 && (*kind == target::Kind::api_destination || enriches_one_by_one)) {
        return invalid("BatchSize has to be 1 where the enrichment or the target is an API destination.");
    }
    return {};
}

PipeSourceParameters source_parameters(const pipe::Pipe& of) {
    PipeSourceParameters out;
    if (!of.settings.filters.empty()) {
        auto& filters = out.FilterCriteria.emplace().Filters.emplace();
        for (const std::string& pattern : of.settings.filters) filters.emplace_back().Pattern = pattern;
    }
    const auto show = [&](auto& stream) {
        stream.BatchSize = static_cast<int32_t>(of.settings.batch_size);
        stream.MaximumBatchingWindowInSeconds = static_cast<int32_t>(of.settings.batching_window_s);
        stream.ParallelizationFactor = static_cast<int32_t>(of.settings.parallelization);
        stream.MaximumRecordAgeInSeconds = static_cast<int32_t>(of.settings.record_age_s_max);
        stream.MaximumRetryAttempts = static_cast<int32_t>(of.settings.retries_max);
        if (of.settings.bisect_on_error) stream.OnPartialBatchItemFailure = "AUTOMATIC_BISECT";
        if (!of.settings.on_failure.empty()) stream.DeadLetterConfig.emplace().Arn = of.settings.on_failure;
        stream.StartingPosition = of.start == mapping::StartingPosition::latest         ? "LATEST"
                                  : of.start == mapping::StartingPosition::trim_horizon ? "TRIM_HORIZON"
                                                                                        : "AT_TIMESTAMP";
    };
    if (is_kinesis(of)) {
        show(out.KinesisStreamParameters.emplace());
        if (of.start == mapping::StartingPosition::at_timestamp) {
            out.KinesisStreamParameters->StartingPositionTimestamp = of.start_time;
        }
    } else {
        show(out.DynamoDBStreamParameters.emplace());
    }
    return out;
}

std::optional<PipeEnrichmentParameters> enrichment_parameters(const pipe::Endpoint& endpoint) {
    if (endpoint.arn.empty() || (endpoint.input_template.empty() && !endpoint.http)) return std::nullopt;
    PipeEnrichmentParameters out;
    if (!endpoint.input_template.empty()) out.InputTemplate = endpoint.input_template;
    show_http(endpoint.http, &out.HttpParameters);
    return out;
}

std::optional<PipeTargetParameters> target_parameters(const pipe::Endpoint& endpoint) {
    PipeTargetParameters out;
    bool any = !endpoint.input_template.empty() || endpoint.http;
    if (!endpoint.input_template.empty()) out.InputTemplate = endpoint.input_template;
    show_http(endpoint.http, &out.HttpParameters);
    if ((any |= endpoint.has_invocation_type, endpoint.has_invocation_type)) {
        out.LambdaFunctionParameters.emplace().InvocationType =
            endpoint.fire_and_forget ? "FIRE_AND_FORGET" : "REQUEST_RESPONSE";
    }
    const auto some = [](const std::string& text) {
        return text.empty() ? std::optional<std::string>() : std::optional<std::string>(text);
    };
    if (endpoint.partition_key) {
        any = true;
        out.KinesisStreamParameters.emplace().PartitionKey = *endpoint.partition_key;
    }
    if (endpoint.has_bus) {
        any = true;
        auto& bus = out.EventBridgeEventBusParameters.emplace();
        bus.Source = some(endpoint.source);
        bus.DetailType = some(endpoint.detail_type);
        bus.Time = some(endpoint.time);
        if (!endpoint.resources.empty()) bus.Resources = endpoint.resources;
    }
    if (endpoint.has_log) {
        any = true;
        auto& logs = out.CloudWatchLogsParameters.emplace();
        logs.LogStreamName = some(endpoint.log_stream);
        logs.Timestamp = some(endpoint.log_time);
    }
    return any ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace millrace::service::pipes
