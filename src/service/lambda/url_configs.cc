// Function URLs as they are set up; what they are asked is url_requests.cc's.
#include "src/base/checksum.h"
#include "src/io/clock.h"
#include "src/service/lambda/edit.h"
#include "src/service/lambda/lambda.h"
#include "src/service/lambda/limits.h"
#include "src/service/lambda/page.h"
#include "src/service/lambda/times.h"

namespace millrace::service::lambda {

using namespace aws::lambda;

namespace {

constexpr std::string_view response_stream = "RESPONSE_STREAM";

std::string fresh_id() {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::string id = random_bytes(32);
    for (char& c : id) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return id;
}

// "http://ID.lambda-url.us-east-1.localhost:4566/", on the port that the caller came by. Names under localhost are
// this machine everywhere (RFC 6761); whoever calls another host's server sets the Host header.
std::string url_of(const aws::CallContext& context, const std::string& id) {
    const std::string_view endpoint = context.endpoint;
    const std::string_view scheme = endpoint.substr(0, endpoint.find("://"));
    std::string_view host = endpoint.substr(std::min(endpoint.find("://") + 3, endpoint.size()));
    const size_t bracket = host.rfind(']');
    const size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    std::string url(scheme);
    url += "://" + id + ".lambda-url." + context.scope.region + ".localhost";
    if (colon != std::string_view::npos) url += host.substr(colon);
    return url + "/";
}

function::UrlCors cors_of(const Cors& it) {
    function::UrlCors cors;
    cors.allow_credentials = it.AllowCredentials.value_or(false);
    cors.allow_headers = it.AllowHeaders.value_or(std::vector<std::string>());
    cors.allow_methods = it.AllowMethods.value_or(std::vector<std::string>());
    cors.allow_origins = it.AllowOrigins.value_or(std::vector<std::string>());
    cors.expose_headers = it.ExposeHeaders.value_or(std::vector<std::string>());
    cors.max_age_s = static_cast<uint32_t>(it.MaxAge.value_or(0));
    return cors;
}

Cors shown_cors(const function::UrlCors& it) {
    Cors cors;
    if (it.allow_credentials) cors.AllowCredentials = true;
    if (!it.allow_headers.empty()) cors.AllowHeaders = it.allow_headers;
    if (!it.allow_methods.empty()) cors.AllowMethods = it.allow_methods;
    if (!it.allow_origins.empty()) cors.AllowOrigins = it.allow_origins;
    if (!it.expose_headers.empty()) cors.ExposeHeaders = it.expose_headers;
    if (it.max_age_s != 0) cors.MaxAge = static_cast<int32_t>(it.max_age_s);
    return cors;
}

template <class Output>
Output url_config_of(const aws::CallContext& context, const function::FunctionName& name,
                     const function::UrlConfig& it) {
    Output out;
    out.FunctionUrl = url_of(context, it.id);
    out.FunctionArn = function::function_arn(name.scope, name.name, name.qualifier);
    out.AuthType = it.auth_type;
    if (it.cors) out.Cors = shown_cors(*it.cors);
    out.CreationTime = zulu_time(it.created);
    if constexpr (requires { out.LastModifiedTime; }) out.LastModifiedTime = zulu_time(it.modified);
    out.InvokeMode = it.streams ? response_stream : "BUFFERED";
    return out;
}

// The function, or an alias of it: versions have no URLs.
aws::Outcome<Named> find_addressable(function::Functions& functions, const aws::CallContext& context,
                                     const std::string& function_name, const std::optional<std::string>& qualifier) {
    TRY_ASSIGN(Named named, find_named(functions, context, function_name, qualifier));
    if (!is_number(named.name.qualifier)) return named;
    return invalid_parameter("Function URLs belong to a function or to an alias of it, not to a version.");
}

aws::Failure none() {
    return not_found("The resource you requested does not exist.");
}

}  // namespace

aws::Outcome<CreateFunctionUrlConfigOutput> Lambda::create_function_url_config(
    const aws::CallContext& context, const CreateFunctionUrlConfigInput& input) {
    TRY_ASSIGN(const Named named, find_addressable(functions_, context, input.FunctionName, input.Qualifier));
    function::UrlConfig config;
    config.id = fresh_id();
    config.auth_type = input.AuthType;
    config.streams = input.InvokeMode == response_stream;
    if (input.Cors) config.cors = cors_of(*input.Cors);
    config.created = config.modified = parts_.clock.now();
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        if (record.urls.emplace(named.name.qualifier, config).second) return {};
        return conflict("Failed to create function url config for [functionArn = " +
                        function::function_arn(named.name.scope, named.name.name, named.name.qualifier) +
                        "]. Error message:  FunctionUrlConfig exists for this Lambda function");
    }));
    return url_config_of<CreateFunctionUrlConfigOutput>(context, named.name, config);
}

aws::Outcome<GetFunctionUrlConfigOutput> Lambda::get_function_url_config(const aws::CallContext& context,
                                                                         const GetFunctionUrlConfigInput& input) {
    TRY_ASSIGN(const Named named, find_addressable(functions_, context, input.FunctionName, input.Qualifier));
    const auto at = named.record->urls.find(named.name.qualifier);
    if (at == named.record->urls.end()) return none();
    return url_config_of<GetFunctionUrlConfigOutput>(context, named.name, at->second);
}

aws::Outcome<UpdateFunctionUrlConfigOutput> Lambda::update_function_url_config(
    const aws::CallContext& context, const UpdateFunctionUrlConfigInput& input) {
    TRY_ASSIGN(const Named named, find_addressable(functions_, context, input.FunctionName, input.Qualifier));
    function::UrlConfig changed;
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        const auto at = record.urls.find(named.name.qualifier);
        if (at == record.urls.end()) return none();
        if (input.AuthType) at->second.auth_type = *input.AuthType;
        if (input.InvokeMode) at->second.streams = *input.InvokeMode == response_stream;
        if (input.Cors) at->second.cors = cors_of(*input.Cors);
        at->second.modified = parts_.clock.now();
        changed = at->second;
        return {};
    }));
    return url_config_of<UpdateFunctionUrlConfigOutput>(context, named.name, changed);
}

aws::Outcome<ListFunctionUrlConfigsOutput> Lambda::list_function_url_configs(const aws::CallContext& context,
                                                                             const ListFunctionUrlConfigsInput& input) {
    TRY_ASSIGN(Named named, find_named(functions_, context, input.FunctionName));
    TRY_ASSIGN(const std::string after, decode_marker(input.Marker));
    const size_t page = page_size(input.MaxItems, config_page_max);
    std::vector<std::string> qualifiers;
    const auto& urls = named.record->urls;
    for (auto at = input.Marker ? urls.upper_bound(after) : urls.begin(); at != urls.end() && qualifiers.size() <= page;
         ++at) {
        qualifiers.push_back(at->first);
    }
    ListFunctionUrlConfigsOutput output;
    output.NextMarker = cut_page(qualifiers, page, [](const std::string& last) { return last; });
    for (const std::string& qualifier : qualifiers) {
        named.name.qualifier = qualifier;
        output.FunctionUrlConfigs.push_back(url_config_of<FunctionUrlConfig>(context, named.name, urls.at(qualifier)));
    }
    return output;
}

aws::Outcome<DeleteFunctionUrlConfigOutput> Lambda::delete_function_url_config(
    const aws::CallContext& context, const DeleteFunctionUrlConfigInput& input) {
    TRY_ASSIGN(const Named named, find_addressable(functions_, context, input.FunctionName, input.Qualifier));
    TRY(edit(functions_, named.name, [&](function::FunctionRecord& record) -> aws::Outcome<void> {
        if (record.urls.erase(named.name.qualifier) == 0) return none();
        return {};
    }));
    return DeleteFunctionUrlConfigOutput{};
}

}  // namespace millrace::service::lambda
