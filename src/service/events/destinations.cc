// API destinations.
#include "src/bus/event.h"
#include "src/catalog/registry.h"
#include "src/http/outbound/outbound.h"
#include "src/io/clock.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"
#include "src/target/api_request.h"
#include "src/target/arn.h"
#include "src/target/connection.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

constexpr const char* active = "ACTIVE";

// A star stands for a value of the path: the rest has to be a URL that may be called. AWS takes https alone; here http
// serves what an operator allows on the machine itself.
aws::Outcome<void> check_url(const http::Outbound& outbound, const std::string& url) {
    if (const Status stars = target::check_stars(url); !stars.ok()) {
        return validation("Parameter InvocationEndpoint is not valid. Reason: " + stars.error().message + ".");
    }
    std::string without_stars = url;
    std::replace(without_stars.begin(), without_stars.end(), '*', '0');
    const Status fine = outbound.check_url(without_stars);
    if (!fine.ok()) return validation("Parameter InvocationEndpoint is not valid. Reason: " + fine.error().message);
    return {};
}

// A connection's secrets go wherever its destination points: they are for its own account's alone.
aws::Outcome<void> check_connection(catalog::Registry& registry, const Scope& caller, const std::string& arn) {
    const auto parsed = target::parse_arn(arn);
    if (parsed && parsed->scope(caller).account != caller.account) {
        return aws::Failure{"ResourceNotFoundException", "Connection '" + arn + "' does not exist.", 400};
    }
    EVENTS_TRY(target::find_connection(registry, arn));
    return {};
}

template <class Out>
void fill(const target::ApiDestination& destination, Out* out) {
    out->ApiDestinationArn = arn_of(destination);
    out->Name = destination.name;
    out->ApiDestinationState = active;
    out->ConnectionArn = destination.connection_arn;
    out->InvocationEndpoint = destination.url;
    out->HttpMethod = destination.method;
    out->InvocationRateLimitPerSecond = destination.per_second_max;
    out->CreationTime = destination.created;
    out->LastModifiedTime = destination.modified;
}

Result<target::ApiDestination> find(catalog::Registry& registry, const Scope& scope, const std::string& name) {
    TRY_ASSIGN(const auto stored, registry.get(target::destination_kind, scope, name));
    if (!stored)
        return {ErrorCode::not_found,
                "Failed to describe the api-destination(s). An api-destination '" + name + "' does not exist."};
    return target::decode_destination(scope, *stored);
}

}  // namespace

aws::Outcome<CreateApiDestinationOutput> Events::create_api_destination(const aws::CallContext& context,
                                                                        const CreateApiDestinationInput& input) {
    TRY(check_url(outbound_, input.InvocationEndpoint));
    TRY(check_connection(registry_, context.scope, input.ConnectionArn));
    target::ApiDestination made;
    made.scope = context.scope;
    made.name = input.Name;
    made.uuid = bus::make_event_id();
    made.description = input.Description.value_or("");
    made.connection_arn = input.ConnectionArn;
    made.url = input.InvocationEndpoint;
    made.method = input.HttpMethod;
    made.per_second_max = input.InvocationRateLimitPerSecond.value_or(300);
    made.created = made.modified = clock_.now();
    const Status kept = registry_.create(target::destination_kind, context.scope, made.name, encode(made));
    if (!kept.ok() && kept.error().code == ErrorCode::already_exists) {
        return aws::Failure{"ResourceAlreadyExistsException", "An api-destination '" + made.name + "' already exists."};
    }
    EVENTS_TRY(kept);
    return CreateApiDestinationOutput{.ApiDestinationArn = arn_of(made),
                                      .ApiDestinationState = active,
                                      .CreationTime = made.created,
                                      .LastModifiedTime = made.modified};
}

aws::Outcome<DescribeApiDestinationOutput> Events::describe_api_destination(const aws::CallContext& context,
                                                                            const DescribeApiDestinationInput& input) {
    EVENTS_TRY_ASSIGN(const target::ApiDestination found, find(registry_, context.scope, input.Name));
    DescribeApiDestinationOutput out;
    fill(found, &out);
    out.Description = unless_empty(found.description);
    return out;
}

aws::Outcome<UpdateApiDestinationOutput> Events::update_api_destination(const aws::CallContext& context,
                                                                        const UpdateApiDestinationInput& input) {
    EVENTS_TRY_ASSIGN(target::ApiDestination next, find(registry_, context.scope, input.Name));
    if (input.InvocationEndpoint) {
        TRY(check_url(outbound_, *input.InvocationEndpoint));
        next.url = *input.InvocationEndpoint;
    }
    if (input.ConnectionArn) {
        TRY(check_connection(registry_, context.scope, *input.ConnectionArn));
        next.connection_arn = *input.ConnectionArn;
    }
    if (input.Description) next.description = *input.Description;
    if (input.HttpMethod) next.method = *input.HttpMethod;
    if (input.InvocationRateLimitPerSecond) next.per_second_max = *input.InvocationRateLimitPerSecond;
    next.modified = clock_.now();
    EVENTS_TRY(registry_.put(target::destination_kind, context.scope, next.name, encode(next)));
    return UpdateApiDestinationOutput{.ApiDestinationArn = arn_of(next),
                                      .ApiDestinationState = active,
                                      .CreationTime = next.created,
                                      .LastModifiedTime = next.modified};
}

aws::Outcome<ListApiDestinationsOutput> Events::list_api_destinations(const aws::CallContext& context,
                                                                      const ListApiDestinationsInput& input) {
    EVENTS_TRY_ASSIGN(std::vector<catalog::Entry> all,
                      registry_.list(target::destination_kind, context.scope, "", SIZE_MAX));
    std::vector<target::ApiDestination> found;
    for (const catalog::Entry& entry : all) {
        EVENTS_TRY_ASSIGN(target::ApiDestination each, target::decode_destination(context.scope, entry.value));
        if (!has_prefix(each.name, input.NamePrefix)) continue;
        if (input.ConnectionArn && *input.ConnectionArn != each.connection_arn) continue;
        found.push_back(std::move(each));
    }
    TRY_ASSIGN(const auto page,
               page_of(std::move(found), [](const auto& each) { return each.name; }, input.NextToken, input.Limit));
    ListApiDestinationsOutput out{.ApiDestinations = std::vector<ApiDestination>(), .NextToken = page.next_token};
    for (const auto& each : page.items) fill(each, &out.ApiDestinations->emplace_back());
    return out;
}

aws::Outcome<DeleteApiDestinationOutput> Events::delete_api_destination(const aws::CallContext& context,
                                                                        const DeleteApiDestinationInput& input) {
    EVENTS_TRY(find(registry_, context.scope, input.Name));
    EVENTS_TRY(registry_.remove(target::destination_kind, context.scope, input.Name));
    return DeleteApiDestinationOutput{};
}

}  // namespace millrace::service::events
