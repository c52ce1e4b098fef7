// How asynchronous calls are tried, and who is told of their end.
#include "src/io/clock.h"
#include "src/service/lambda/edit.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/page.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

// The ARN names $LATEST where no other version is meant, as AWS's does.
std::string arn_of(const function::FunctionName& name) {
    return function::function_arn(name.scope, name.name, name.qualifier.empty() ? "$LATEST" : name.qualifier);
}

template <class Output>
Output shown(const function::FunctionName& name, const function::EventInvokeConfig& it) {
    Output out;
    out.FunctionArn = arn_of(name);
    out.LastModified = it.modified;
    if (it.retries_max) out.MaximumRetryAttempts = static_cast<int32_t>(*it.retries_max);
    if (it.age_s_max) out.MaximumEventAgeInSeconds = static_cast<int32_t>(*it.age_s_max);
    auto& destinations = out.DestinationConfig.emplace();
    destinations.OnSuccess.emplace();
    destinations.OnFailure.emplace();
    if (!it.on_success.empty()) destinations.OnSuccess->Destination = it.on_success;
    if (!it.on_failure.empty()) destinations.OnFailure->Destination = it.on_failure;
    return out;
}

aws::Outcome<void> check_destination(function::Functions& functions, const aws::CallContext& context,
                                     std::string_view arn, bool of_success) {
    if (arn.empty()) return {};
    if (!functions.accepts_destination(arn)) {
        return not_honoured("DestinationConfig", "destinations are functions, event buses and S3 buckets; " +
                                                     std::string(arn) + " is none of them (there is no SQS or SNS)");
    }
    if (arn.starts_with("arn:aws:s3:")) {
        if (!of_success) return {};
        return invalid_parameter("S3 buckets are destinations of failures alone.");
    }
    if (arn.starts_with("arn:aws:events:")) return {};  // whose policy is asked when something is put
    const Result<function::FunctionName> name = function::parse_function_name(context.scope, arn);
    if (name.ok() && name->scope == context.scope && functions.check(*name).ok()) return {};
    return invalid_parameter("The destination ARN " + std::string(arn) + " is invalid: there is no such function.");
}

// Takes what the request says; `keep`: what it does not say stays.
template <class Input>
aws::Outcome<void> apply(function::Functions& functions, const aws::CallContext& context, const Input& input,
                         TimestampMs now, bool keep, function::EventInvokeConfig& it) {
    if (!keep) it = {};
    if (input.MaximumRetryAttempts) it.retries_max = static_cast<uint32_t>(*input.MaximumRetryAttempts);
    if (input.MaximumEventAgeInSeconds) it.age_s_max = static_cast<uint32_t>(*input.MaximumEventAgeInSeconds);
    if (input.DestinationConfig) {
        if (input.DestinationConfig->OnSuccess) {
            it.on_success = input.DestinationConfig->OnSuccess->Destination.value_or("");
        }
        if (input.DestinationConfig->OnFailure) {
            it.on_failure = input.DestinationConfig->OnFailure->Destination.value_or("");
        }
    }
    it.modified = now;
    TRY(check_destination(functions, context, it.on_success, true));
    return check_destination(functions, context, it.on_failure, false);
}

aws::Failure none(const function::FunctionName& name) {
    return not_found("The function " + arn_of(name) + " doesn't have an EventInvokeConfig");
}

}  // namespace

aws::Outcome<PutFunctionEventInvokeConfigOutput> Lambda::put_function_event_invoke_config(
    const aws::CallContext& context, const PutFunctionEventInvokeConfigInput& input) {
    if (!input.MaximumRetryAttempts && !input.MaximumEventAgeInSeconds && !input.DestinationConfig) {
        return invalid_parameter("You must specify at least one of error handling or destination setting.");
    }
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    function::EventInvokeConfig made;
    TRY(apply(functions_, context, input, parts_.clock.now(), false, made));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        record.event_invoke[named.name.qualifier] = made;
        return {};
    }));
    return shown<PutFunctionEventInvokeConfigOutput>(named.name, made);
}

aws::Outcome<UpdateFunctionEventInvokeConfigOutput> Lambda::update_function_event_invoke_config(
    const aws::CallContext& context, const UpdateFunctionEventInvokeConfigInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    function::EventInvokeConfig changed;
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        const auto at = record.event_invoke.find(named.name.qualifier);
        if (at == record.event_invoke.end()) return none(named.name);
        TRY(apply(functions_, context, input, parts_.clock.now(), true, at->second));
        changed = at->second;
        return {};
    }));
    return shown<UpdateFunctionEventInvokeConfigOutput>(named.name, changed);
}

aws::Outcome<GetFunctionEventInvokeConfigOutput> Lambda::get_function_event_invoke_config(
    const aws::CallContext& context, const GetFunctionEventInvokeConfigInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    const auto at = named.record->event_invoke.find(named.name.qualifier);
    if (at == named.record->event_invoke.end()) return none(named.name);
    return shown<GetFunctionEventInvokeConfigOutput>(named.name, at->second);
}

aws::Outcome<ListFunctionEventInvokeConfigsOutput> Lambda::list_function_event_invoke_configs(
    const aws::CallContext& context, const ListFunctionEventInvokeConfigsInput& input) {
    TRY_ASSIGN(Named named, find_named(functions_, context, input.FunctionName));
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    const size_t page = page_size(input.MaxItems, config_page_max);
    const auto& configs = named.record->event_invoke;
    std::vector<std::string> qualifiers;
    for (auto at = input.Marker ? configs.upper_bound(after) : configs.begin();
         at != configs.end() && qualifiers.size() <= page; ++at) {
        qualifiers.push_back(at->first);
    }
    ListFunctionEventInvokeConfigsOutput output;
    output.NextMarker = cut_page(qualifiers, page, [](const std::string& last) { return last; });
    auto& list = output.FunctionEventInvokeConfigs.emplace();
    for (const std::string& qualifier : qualifiers) {
        named.name.qualifier = qualifier;
        list.push_back(shown<FunctionEventInvokeConfig>(named.name, configs.at(qualifier)));
    }
    return output;
}

aws::Outcome<DeleteFunctionEventInvokeConfigOutput> Lambda::delete_function_event_invoke_config(
    const aws::CallContext& context, const DeleteFunctionEventInvokeConfigInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        if (record.event_invoke.erase(named.name.qualifier) == 0) return none(named.name);
        return {};
    }));
    return DeleteFunctionEventInvokeConfigOutput{};
}

}  // namespace millrace::service::lambda
