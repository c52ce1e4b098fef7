// Functions themselves: made, shown, changed, removed.
#include "src/base/base64.h"
#include "src/function/runtime.h"
#include "src/service/lambda/code.h"
#include "src/service/lambda/configuration.h"
#include "src/service/lambda/edit.h"
#include "src/service/lambda/page.h"
#include "src/service/lambda/settings.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

aws::Outcome<void> check_revision(const function::FunctionRecord& record, const std::optional<std::string>& revision) {
    if (!revision || *revision == record.latest.revision_id) return {};
    return revision_mismatch("GetFunction/GetAlias");
}

aws::Outcome<void> check_runtime(const function::FunctionsOptions& options, const function::FunctionDefinition& it) {
    if (it.runtime.empty() || it.handler.empty()) {
        return invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.");
    }
    function::RuntimeOptions runtime;
    runtime.python = options.python;
    runtime.node = options.node;
    const Status known = function::check_runtime(runtime, it.runtime);
    if (known.ok()) return {};
    return not_honoured("Runtime", known.error().message);
}

void use(const function::StoredPackage& package, function::FunctionDefinition& it) {
    it.package_sha256 = package.sha256;
    it.package_bytes = package.bytes;
    it.unpacked_bytes = package.unpacked_bytes;
}

}  // namespace

aws::Outcome<CreateFunctionOutput> Lambda::create_function(const aws::CallContext& context,
                                                           const CreateFunctionInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    if (!name.qualifier.empty()) {
        return invalid_parameter("The function name of a new function has no qualifier: " + input.FunctionName);
    }
    if (input.PackageType.value_or("Zip") != "Zip") {
        return not_honoured("PackageType", "functions run from zip packages, not from container images");
    }
    if (functions_.record(name.scope, name.name).ok()) return conflict("Function already exist: " + name.name);
    function::FunctionRecord record;
    function::FunctionDefinition& it = record.latest;
    it.scope = name.scope;
    it.name = name.name;
    it.role = input.Role;
    it.architecture = own_architecture();
    if (input.Architectures) TRY(check_architecture(*input.Architectures));
    TRY(apply_settings(context, input, it));
    TRY(check_runtime(functions_.options(), it));
    if (input.Tags) record.tags = *input.Tags;
    if (record.tags.size() > tags_max) return invalid_parameter("A function has at most 50 tags.");
    TRY_ASSIGN(const Code code, take_code(context, source_of(input.Code)));
    use(code.package, it);
    TRY(check_sizes(it));
    const Result<function::Functions::Record> made = functions_.create(std::move(record));
    if (!made.ok()) return failure_of(made.error());
    if (!input.Publish.value_or(false)) return configuration_of<CreateFunctionOutput>((*made)->latest);
    TRY_ASSIGN(const function::FunctionDefinition version, publish(name, std::nullopt, std::nullopt, std::nullopt));
    return configuration_of<CreateFunctionOutput>(version, version.version);
}

aws::Outcome<GetFunctionOutput> Lambda::get_function(const aws::CallContext& context, const GetFunctionInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    const Result<function::FunctionDefinition> it = functions_.find(named.name);
    if (!it.ok()) return failure_of(it.error());
    GetFunctionOutput output;
    output.Configuration = configuration_of<FunctionConfiguration>(*it, named.name.qualifier);
    auto& code = output.Code.emplace();
    code.RepositoryType = "S3";
    code.Location = package_location(context, it->package_sha256);
    if (!named.record->tags.empty()) output.Tags = named.record->tags;
    if (named.record->reserved_concurrency) {
        output.Concurrency.emplace().ReservedConcurrentExecutions =
            static_cast<int32_t>(*named.record->reserved_concurrency);
    }
    return output;
}

aws::Outcome<GetFunctionConfigurationOutput> Lambda::get_function_configuration(
    const aws::CallContext& context, const GetFunctionConfigurationInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName, input.Qualifier));
    const Result<function::FunctionDefinition> it = functions_.find(named.name);
    if (!it.ok()) return failure_of(it.error());
    return configuration_of<GetFunctionConfigurationOutput>(*it, named.name.qualifier);
}

// With FunctionVersion=ALL a function's versions follow it. The marker is the name of the last function shown; pages
// then end after a whole function, so a page may be longer than asked for.
aws::Outcome<ListFunctionsOutput> Lambda::list_functions(const aws::CallContext& context,
                                                         const ListFunctionsInput& input) {
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    const size_t page = page_size(input.MaxItems, page_max);
    std::vector<function::Functions::Record> records = functions_.list(context.scope, after, page + 1);
    ListFunctionsOutput output;
    output.NextMarker = cut_page(records, page, [](const auto& record) { return record->latest.name; });
    auto& shown = output.Functions.emplace();
    const bool versions = input.FunctionVersion.value_or("") == "ALL";
    for (const function::Functions::Record& record : records) {
        shown.push_back(configuration_of<FunctionConfiguration>(record->latest, versions ? "$LATEST" : ""));
        if (!versions) continue;
        const auto published = functions_.versions(*record, 0, SIZE_MAX);
        if (!published.ok()) return failure_of(published.error());
        for (const function::FunctionDefinition& version : *published) {
            shown.push_back(configuration_of<FunctionConfiguration>(version, version.version));
        }
    }
    return output;
}

aws::Outcome<DeleteFunctionOutput> Lambda::delete_function(const aws::CallContext& context,
                                                           const DeleteFunctionInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName, input.Qualifier));
    DeleteFunctionOutput output;
    output.StatusCode = 204;
    const bool latest = input.Qualifier == "$LATEST" || input.FunctionName.ends_with(":$LATEST");
    if (latest) {
        return invalid_parameter("$LATEST version cannot be deleted without deleting the function.");
    }
    if (name.qualifier.empty()) {
        const Status removed = functions_.remove(name.scope, name.name);
        if (removed.ok()) return output;
        if (removed.error().code == ErrorCode::not_found) return function_not_found(name.scope, name.name);
        return failure_of(removed.error());
    }
    if (!is_number(name.qualifier)) {
        return invalid_parameter("Deletion of aliases is not currently supported by DeleteFunction: use DeleteAlias.");
    }
    const Status removed = functions_.remove_version(name.scope, name.name, name.qualifier);
    if (removed.ok()) return output;
    if (removed.error().code == ErrorCode::not_found) {
        return function_not_found(name.scope, name.name, name.qualifier);
    }
    if (removed.error().code == ErrorCode::failed_precondition) {
        return conflict("Version " + name.qualifier + " of function " + name.name +
                        " cannot be deleted: " + removed.error().message);
    }
    return failure_of(removed.error());
}

aws::Outcome<UpdateFunctionCodeOutput> Lambda::update_function_code(const aws::CallContext& context,
                                                                    const UpdateFunctionCodeInput& input) {
    TRY_ASSIGN(const Named named, find_named(functions_, context, input.FunctionName));
    if (!named.name.qualifier.empty()) return invalid_parameter("Only $LATEST can be changed.");
    TRY(check_revision(*named.record, input.RevisionId));  // before the work of unpacking; again when it counts
    if (input.Architectures) TRY(check_architecture(*input.Architectures));
    TRY_ASSIGN(const Code code, take_code(context, source_of(input)));
    function::FunctionDefinition trial = named.record->latest;
    use(code.package, trial);
    TRY(check_sizes(trial));
    if (input.DryRun.value_or(false)) return configuration_of<UpdateFunctionCodeOutput>(trial);
    TRY_ASSIGN(const function::Functions::Record changed,
               edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
                   TRY(check_revision(record, input.RevisionId));
                   use(code.package, record.latest);
                   record.latest.revision_id.clear();  // another one, even where the code is the same: as AWS
                   return check_sizes(record.latest);
               }));
    if (!input.Publish.value_or(false)) return configuration_of<UpdateFunctionCodeOutput>(changed->latest);
    TRY_ASSIGN(const function::FunctionDefinition version,
               publish(named.name, std::nullopt, std::nullopt, std::nullopt));
    return configuration_of<UpdateFunctionCodeOutput>(version, version.version);
}

aws::Outcome<UpdateFunctionConfigurationOutput> Lambda::update_function_configuration(
    const aws::CallContext& context, const UpdateFunctionConfigurationInput& input) {
    TRY_ASSIGN(const function::FunctionName name, name_of(context, input.FunctionName));
    if (!name.qualifier.empty()) return invalid_parameter("Only $LATEST can be changed.");
    TRY_ASSIGN(const function::Functions::Record changed,
               edit(functions_, name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
                   TRY(check_revision(record, input.RevisionId));
                   if (input.Role) record.latest.role = *input.Role;
                   TRY(apply_settings(context, input, record.latest));
                   record.latest.revision_id.clear();
                   return check_runtime(functions_.options(), record.latest);
               }));
    return configuration_of<UpdateFunctionConfigurationOutput>(changed->latest);
}

}  // namespace millrace::service::lambda
