// How much runs at once: reserved for a function, and kept ready for a version.
#include "src/function/runtime.h"
#include "src/io/clock.h"
#include "src/service/lambda/edit.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/page.h"
#include "src/service/lambda/times.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

template <class Output>
Output provisioned_of(function::Functions& functions, const function::FunctionName& name,
                      const function::Provisioned& it) {
    Output out;
    const Result<function::FunctionDefinition> version = functions.find(name);
    function::ProvisionedCounts counts;
    if (version.ok()) counts = functions.provisioned(name.scope, name.name, version->version);
    const uint32_t ready = std::min(counts.ready, it.count);
    out.RequestedProvisionedConcurrentExecutions = static_cast<int32_t>(it.count);
    out.AllocatedProvisionedConcurrentExecutions = static_cast<int32_t>(ready);
    out.AvailableProvisionedConcurrentExecutions = static_cast<int32_t>(ready);
    const bool failed = ready < it.count && !counts.failure.empty();
    out.Status = ready >= it.count ? "READY" : failed ? "FAILED" : "IN_PROGRESS";
    if (failed) out.StatusReason = counts.failure;
    out.LastModified = dashed_time(it.modified);
    return out;
}

aws::Failure unpublished() {
    return invalid_parameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
}

aws::Outcome<Named> find_provisionable(function::Functions& functions, const aws::CallContext& context,
                                       const std::string& function_name, const std::string& qualifier) {
    TRY_ASSIGN(Named named, find_named(functions, context, function_name, qualifier));
    if (!named.name.qualifier.empty()) return named;
    return unpublished();
}

aws::Failure no_config() {
    return {"ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
            404,
            {{"Type", "User"}},
            {}};
}

}  // namespace

aws::Outcome<GetAccountSettingsOutput> Lambda::get_account_settings(const aws::CallContext& context,
                                                                    const GetAccountSettingsInput&) {
    const function::Functions::Usage usage = functions_.usage(context.scope);
    const function::FunctionsOptions& options = functions_.options();
    GetAccountSettingsOutput output;
    AccountLimit& limit = output.AccountLimit.emplace();
    limit.TotalCodeSize = static_cast<int64_t>(options.code_bytes_max);
    limit.CodeSizeUnzipped = static_cast<int64_t>(unpacked_bytes_max);
    limit.CodeSizeZipped = static_cast<int64_t>(package_bytes_max);
    limit.ConcurrentExecutions = static_cast<int32_t>(options.concurrency_max);
    limit.UnreservedConcurrentExecutions =
        static_cast<int32_t>(options.concurrency_max) - static_cast<int32_t>(usage.reserved_concurrency);
    AccountUsage& used = output.AccountUsage.emplace();
    used.TotalCodeSize = static_cast<int64_t>(usage.code_bytes);
    used.FunctionCount = static_cast<int64_t>(usage.functions);
    return output;
}

aws::Outcome<PutFunctionConcurrencyOutput> Lambda::put_function_concurrency(const aws::CallContext& context,
                                                                            const PutFunctionConcurrencyInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    if (!name.qualifier.empty()) return invalid_parameter("Concurrency is reserved for a function, not for a version.");
    const auto wanted = static_cast<uint32_t>(input.ReservedConcurrentExecutions);
    TRY(edit(functions_, name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        const uint64_t others =
            functions_.usage(name.scope).reserved_concurrency - record.reserved_concurrency.value_or(0);
        if (wanted > 0 && others + wanted + unreserved_concurrency_min > functions_.options().concurrency_max) {
            return invalid_parameter(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
                "below its minimum value of [100].");
        }
        uint64_t provisioned = 0;
        for (const auto& [qualifier, one] : record.provisioned) provisioned += one.count;
        if (wanted < provisioned) {
            return invalid_parameter("ReservedConcurrentExecutions " + std::to_string(wanted) +
                                     " should not be lower than function's total provisioned concurrency [" +
                                     std::to_string(provisioned) + "].");
        }
        record.reserved_concurrency = wanted;
        return {};
    }));
    PutFunctionConcurrencyOutput output;
    output.ReservedConcurrentExecutions = input.ReservedConcurrentExecutions;
    return output;
}

aws::Outcome<GetFunctionConcurrencyOutput> Lambda::get_function_concurrency(const aws::CallContext& context,
                                                                            const GetFunctionConcurrencyInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    GetFunctionConcurrencyOutput output;
    if (named.record->reserved_concurrency) {
        output.ReservedConcurrentExecutions = static_cast<int32_t>(*named.record->reserved_concurrency);
    }
    return output;
}

aws::Outcome<DeleteFunctionConcurrencyOutput> Lambda::delete_function_concurrency(
    const aws::CallContext& context, const DeleteFunctionConcurrencyInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    TRY(edit(functions_, name, [](function::FunctionRecord& record) -> aws::Outcome<void> {
        record.reserved_concurrency.reset();
        return {};
    }));
    return DeleteFunctionConcurrencyOutput{};
}

aws::Outcome<PutProvisionedConcurrencyConfigOutput> Lambda::put_provisioned_concurrency_config(
    const aws::CallContext& context, const PutProvisionedConcurrencyConfigInput& input) {
    TRY_ASSIGN(const Named named, find_provisionable(functions_, context, input.FunctionName, input.Qualifier));
    const function::Provisioned wanted{static_cast<uint32_t>(input.ProvisionedConcurrentExecutions),
                                       parts_.clock.now()};
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        const auto alias = record.aliases.find(named.name.qualifier);
        if (alias != record.aliases.end() && alias->second.version == "$LATEST") return unpublished();
        uint64_t sum = wanted.count;
        for (const auto& [qualifier, other] : record.provisioned) {
            if (qualifier != named.name.qualifier) sum += other.count;
        }
        const uint64_t most = functions_.options().environments_max;
        if (sum > most) {
            return invalid_parameter("This machine runs at most " + std::to_string(most) +
                                     " environments (function-environments-max), and " + std::to_string(sum) +
                                     " would be provisioned.");
        }
        if (record.reserved_concurrency && sum > *record.reserved_concurrency) {
            return invalid_parameter(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for "
                "function");
        }
        record.provisioned[named.name.qualifier] = wanted;
        return {};
    }));
    auto output = provisioned_of<PutProvisionedConcurrencyConfigOutput>(functions_, named.name, wanted);
    output.Status = "IN_PROGRESS";
    output.StatusReason.reset();
    return output;
}

aws::Outcome<GetProvisionedConcurrencyConfigOutput> Lambda::get_provisioned_concurrency_config(
    const aws::CallContext& context, const GetProvisionedConcurrencyConfigInput& input) {
    TRY_ASSIGN(const Named named, find_provisionable(functions_, context, input.FunctionName, input.Qualifier));
    const auto at = named.record->provisioned.find(named.name.qualifier);
    if (at == named.record->provisioned.end()) return no_config();
    return provisioned_of<GetProvisionedConcurrencyConfigOutput>(functions_, named.name, at->second);
}

aws::Outcome<ListProvisionedConcurrencyConfigsOutput> Lambda::list_provisioned_concurrency_configs(
    const aws::CallContext& context, const ListProvisionedConcurrencyConfigsInput& input) {
    TRY_ASSIGN(Named named, find_named(functions_, context, input.FunctionName));
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    const size_t page = page_size(input.MaxItems, config_page_max);
    ListProvisionedConcurrencyConfigsOutput output;
    auto& shown = output.ProvisionedConcurrencyConfigs.emplace();
    std::vector<std::string> qualifiers;
    for (auto at = named.record->provisioned.upper_bound(after);
         at != named.record->provisioned.end() && qualifiers.size() <= page; ++at) {
        qualifiers.push_back(at->first);
    }
    output.NextMarker = cut_page(qualifiers, page, [](const std::string& last) { return last; });
    for (const std::string& qualifier : qualifiers) {
        named.name.qualifier = qualifier;
        shown.push_back(provisioned_of<ProvisionedConcurrencyConfigListItem>(functions_, named.name,
                                                                             named.record->provisioned.at(qualifier)));
        shown.back().FunctionArn = function::function_arn(named.name.scope, named.name.name, qualifier);
    }
    return output;
}

aws::Outcome<DeleteProvisionedConcurrencyConfigOutput> Lambda::delete_provisioned_concurrency_config(
    const aws::CallContext& context, const DeleteProvisionedConcurrencyConfigInput& input) {
    TRY_ASSIGN(const Named named, find_provisionable(functions_, context, input.FunctionName, input.Qualifier));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        if (record.provisioned.erase(named.name.qualifier) == 0) return no_config();
        return {};
    }));
    return DeleteProvisionedConcurrencyConfigOutput{};
}

}  // namespace millrace::service::lambda
