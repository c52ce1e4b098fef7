#include "src/base/checksum.h"
#include "src/service/lambda/edit.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/page.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

template <class Output>
Output alias_of(const function::FunctionName& name, const function::Alias& alias) {
    Output out;
    out.AliasArn = function::function_arn(name.scope, name.name, alias.name);
    out.Name = alias.name;
    out.FunctionVersion = alias.version;
    out.Description = alias.description;
    out.RevisionId = alias.revision_id;
    if (!alias.additional.empty()) out.RoutingConfig.emplace().AdditionalVersionWeights = alias.additional;
    return out;
}

aws::Failure no_alias(const function::FunctionName& name, std::string_view alias) {
    return not_found("Cannot find alias arn: " + function::function_arn(name.scope, name.name, alias));
}

// Versions that exist, and shares that make sense.
aws::Outcome<void> check(function::Functions& functions, const function::FunctionRecord& record,
                         const function::Alias& alias) {
    const function::FunctionDefinition& it = record.latest;
    const auto exists = [&](const std::string& version) {
        return version == "$LATEST" || functions.version(record, version).ok();
    };
    if (!exists(alias.version)) return function_not_found(it.scope, it.name, alias.version);
    if (alias.additional.empty()) return {};
    if (alias.additional.size() > 1) {
        return invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
    }
    const auto& [version, share] = *alias.additional.begin();
    if (alias.version == "$LATEST" || version == "$LATEST") {
        return invalid_parameter("$LATEST is not supported for an alias pointing to more than 1 version");
    }
    if (!exists(version)) return function_not_found(it.scope, it.name, version);
    if (version == alias.version) {
        return invalid_parameter("Invalid function version " + version + ". Function version " + version +
                                 " is already included in routing configuration.");
    }
    if (!(share >= 0 && share <= 1)) {
        return invalid_parameter("Weights in AdditionalVersionWeights must be between 0.0 and 1.0");
    }
    return {};
}

}  // namespace

aws::Outcome<CreateAliasOutput> Lambda::create_alias(const aws::CallContext& context, const CreateAliasInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    if (is_number(input.Name)) {
        return aws::Failure{"ValidationException",
                            "1 validation error detected: Value '" + input.Name +
                                "' at 'name' failed to satisfy constraint: Member must satisfy regular expression "
                                "pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
                            400,
                            {},
                            {}};
    }
    function::Alias alias;
    alias.name = input.Name;
    alias.version = input.FunctionVersion;
    alias.description = input.Description.value_or("");
    alias.revision_id = random_uuid();
    if (input.RoutingConfig && input.RoutingConfig->AdditionalVersionWeights) {
        alias.additional = *input.RoutingConfig->AdditionalVersionWeights;
    }
    TRY(edit(functions_, name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        if (record.aliases.contains(alias.name)) {
            return conflict("Alias already exists: " + function::function_arn(name.scope, name.name, alias.name));
        }
        if (record.aliases.size() >= aliases_max) return invalid_parameter("A function has at most 10000 aliases.");
        TRY(check(functions_, record, alias));
        record.aliases.emplace(alias.name, alias);
        return {};
    }));
    return alias_of<CreateAliasOutput>(name, alias);
}

aws::Outcome<GetAliasOutput> Lambda::get_alias(const aws::CallContext& context, const GetAliasInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    const auto at = named.record->aliases.find(input.Name);
    if (at == named.record->aliases.end()) return no_alias(named.name, input.Name);
    return alias_of<GetAliasOutput>(named.name, at->second);
}

aws::Outcome<ListAliasesOutput> Lambda::list_aliases(const aws::CallContext& context, const ListAliasesInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    const size_t page = page_size(input.MaxItems, page_max);
    ListAliasesOutput output;
    auto& shown = output.Aliases.emplace();
    for (auto at = named.record->aliases.upper_bound(after); at != named.record->aliases.end() && shown.size() <= page;
         ++at) {
        const function::Alias& alias = at->second;
        const bool wanted = !input.FunctionVersion || alias.version == *input.FunctionVersion ||
                            alias.additional.contains(*input.FunctionVersion);
        if (wanted) shown.push_back(alias_of<AliasConfiguration>(named.name, alias));
    }
    output.NextMarker = cut_page(shown, page, [](const auto& last) { return *last.Name; });
    return output;
}

aws::Outcome<UpdateAliasOutput> Lambda::update_alias(const aws::CallContext& context, const UpdateAliasInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    function::Alias changed;
    TRY(edit(functions_, name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        const auto at = record.aliases.find(input.Name);
        if (at == record.aliases.end()) return no_alias(name, input.Name);
        if (input.RevisionId && *input.RevisionId != at->second.revision_id) {
            return revision_mismatch("GetFunction/GetAlias");
        }
        changed = at->second;
        if (input.FunctionVersion) changed.version = *input.FunctionVersion;
        if (input.Description) changed.description = *input.Description;
        if (input.RoutingConfig) {
            changed.additional =
                input.RoutingConfig->AdditionalVersionWeights.value_or(std::map<std::string, double>());
        }
        TRY(check(functions_, record, changed));
        changed.revision_id = random_uuid();
        at->second = changed;
        return {};
    }));
    return alias_of<UpdateAliasOutput>(name, changed);
}

// Fine where there is none, as AWS.
aws::Outcome<DeleteAliasOutput> Lambda::delete_alias(const aws::CallContext& context, const DeleteAliasInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    TRY(edit(functions_, name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        record.aliases.erase(input.Name);
        record.policies.erase(input.Name);
        record.urls.erase(input.Name);
        record.event_invoke.erase(input.Name);
        record.provisioned.erase(input.Name);
        return {};
    }));
    return DeleteAliasOutput{};
}

}  // namespace millrace::service::lambda
