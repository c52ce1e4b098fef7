// Connections: secrets come in and never go out.
#include "src/bus/event.h"
#include "src/catalog/registry.h"
#include "src/http/outbound/outbound.h"
#include "src/io/clock.h"
#include "src/service/events/errors.h"
#include "src/service/events/events.h"
#include "src/service/events/names.h"
#include "src/target/connection.h"

namespace millrace::service::events {

using namespace aws::events;  // the generated shapes

namespace {

std::string state_of(const target::Connection& connection) {
    return connection.authorized ? "AUTHORIZED" : "DEAUTHORIZED";
}

Result<target::Connection> find(catalog::Registry& registry, const Scope& scope, const std::string& name) {
    TRY_ASSIGN(const auto stored, registry.get(target::connection_kind, scope, name));
    if (!stored) {
        return {ErrorCode::not_found,
                "Failed to describe the connection(s). Connection '" + name + "' does not exist."};
    }
    return target::decode_connection(scope, *stored);
}

template <class List>
std::vector<target::ExtraParameter> extra_of(const List& list) {
    std::vector<target::ExtraParameter> out;
    if (!list) return out;
    for (const auto& each : *list) {
        out.push_back({each.Key.value_or(""), each.Value.value_or(""), each.IsValueSecret.value_or(true)});
    }
    return out;
}

target::ExtraParameters extra_of(const std::optional<ConnectionHttpParameters>& parameters) {
    if (!parameters) return {};
    return {extra_of(parameters->HeaderParameters), extra_of(parameters->QueryStringParameters),
            extra_of(parameters->BodyParameters)};
}

template <class Shape>
std::vector<Shape> shapes_of(const std::vector<target::ExtraParameter>& parameters) {
    std::vector<Shape> out;
    for (const target::ExtraParameter& each : parameters) {
        Shape& shape = out.emplace_back();
        shape.Key = each.key;
        if (!each.is_secret) shape.Value = each.value;
        shape.IsValueSecret = each.is_secret;
    }
    return out;
}

std::optional<ConnectionHttpParameters> shape_of(const target::ExtraParameters& parameters) {
    if (parameters.empty()) return std::nullopt;
    ConnectionHttpParameters out;
    if (!parameters.headers.empty()) out.HeaderParameters = shapes_of<ConnectionHeaderParameter>(parameters.headers);
    if (!parameters.query.empty())
        out.QueryStringParameters = shapes_of<ConnectionQueryStringParameter>(parameters.query);
    if (!parameters.body.empty()) out.BodyParameters = shapes_of<ConnectionBodyParameter>(parameters.body);
    return out;
}

// From what CreateConnection (all of it required) or UpdateConnection (each part by itself) gives. `input` is either's
// AuthParameters.
template <class Parameters>
aws::Outcome<void> take(const http::Outbound& outbound, const Parameters& input, bool is_new, target::Connection* out) {
    const auto text = [](const auto& value) -> std::optional<std::string> { return value; };
    const auto set = [](std::optional<std::string> value, std::string* place) {
        if (value) *place = *std::move(value);
    };
    const bool fits =
        (out->authorization == "BASIC" && !input.OAuthParameters && !input.ApiKeyAuthParameters) ||
        (out->authorization == "API_KEY" && !input.OAuthParameters && !input.BasicAuthParameters) ||
        (out->authorization == "OAUTH_CLIENT_CREDENTIALS" && !input.BasicAuthParameters && !input.ApiKeyAuthParameters);
    const bool given = input.OAuthParameters || input.ApiKeyAuthParameters || input.BasicAuthParameters;
    if (!fits || (is_new && !given)) {
        return validation("Parameter AuthParameters is not valid. Reason: it must hold what " + out->authorization +
                          " needs, and nothing else.");
    }
    if (input.BasicAuthParameters) {
        set(text(input.BasicAuthParameters->Username), &out->user);
        set(text(input.BasicAuthParameters->Password), &out->secret);
    }
    if (input.ApiKeyAuthParameters) {
        set(text(input.ApiKeyAuthParameters->ApiKeyName), &out->user);
        set(text(input.ApiKeyAuthParameters->ApiKeyValue), &out->secret);
    }
    if (input.OAuthParameters) {
        const auto& oauth = *input.OAuthParameters;
        set(text(oauth.AuthorizationEndpoint), &out->token_url);
        set(text(oauth.HttpMethod), &out->token_method);
        if constexpr (requires { oauth.ClientParameters->ClientID; }) {
            if (oauth.ClientParameters) {
                set(text(oauth.ClientParameters->ClientID), &out->user);
                set(text(oauth.ClientParameters->ClientSecret), &out->secret);
            }
        } else {
            set(text(oauth.ClientParameters.ClientID), &out->user);
            set(text(oauth.ClientParameters.ClientSecret), &out->secret);
        }
        if (oauth.OAuthHttpParameters) out->token_parameters = extra_of(oauth.OAuthHttpParameters);
        const Status fine = outbound.check_url(out->token_url);
        if (!fine.ok()) {
            return validation("Parameter AuthorizationEndpoint is not valid. Reason: " + fine.error().message);
        }
    }
    if (input.InvocationHttpParameters) out->parameters = extra_of(input.InvocationHttpParameters);
    return {};
}

template <class Out>
void fill_times(const target::Connection& connection, Out* out) {
    out->ConnectionArn = arn_of(connection);
    out->ConnectionState = state_of(connection);
    out->CreationTime = connection.created;
    out->LastModifiedTime = connection.modified;
    out->LastAuthorizedTime = connection.authorized_at;
}

}  // namespace

aws::Outcome<CreateConnectionOutput> Events::create_connection(const aws::CallContext& context,
                                                               const CreateConnectionInput& input) {
    target::Connection made;
    made.scope = context.scope;
    made.name = input.Name;
    made.uuid = bus::make_event_id();
    made.description = input.Description.value_or("");
    made.authorization = input.AuthorizationType;
    TRY(take(outbound_, input.AuthParameters, true, &made));
    made.created = made.modified = made.authorized_at = clock_.now();
    const Status kept = registry_.create(target::connection_kind, context.scope, made.name, encode(made));
    if (!kept.ok() && kept.error().code == ErrorCode::already_exists) {
        return aws::Failure{"ResourceAlreadyExistsException", "Connection '" + made.name + "' already exists."};
    }
    EVENTS_TRY(kept);
    return CreateConnectionOutput{.ConnectionArn = arn_of(made),
                                  .ConnectionState = state_of(made),
                                  .CreationTime = made.created,
                                  .LastModifiedTime = made.modified};
}

aws::Outcome<DescribeConnectionOutput> Events::describe_connection(const aws::CallContext& context,
                                                                   const DescribeConnectionInput& input) {
    EVENTS_TRY_ASSIGN(const target::Connection found, find(registry_, context.scope, input.Name));
    DescribeConnectionOutput out;
    fill_times(found, &out);
    out.Name = found.name;
    out.Description = unless_empty(found.description);
    out.AuthorizationType = found.authorization;
    out.AuthParameters.emplace();
    if (found.authorization == "BASIC") {
        out.AuthParameters->BasicAuthParameters.emplace();
        out.AuthParameters->BasicAuthParameters->Username = found.user;
    } else if (found.authorization == "API_KEY") {
        out.AuthParameters->ApiKeyAuthParameters.emplace();
        out.AuthParameters->ApiKeyAuthParameters->ApiKeyName = found.user;
    } else {
        auto& oauth = out.AuthParameters->OAuthParameters.emplace();
        oauth.ClientParameters.emplace();
        oauth.ClientParameters->ClientID = found.user;
        oauth.AuthorizationEndpoint = found.token_url;
        oauth.HttpMethod = found.token_method;
        oauth.OAuthHttpParameters = shape_of(found.token_parameters);
    }
    out.AuthParameters->InvocationHttpParameters = shape_of(found.parameters);
    return out;
}

aws::Outcome<UpdateConnectionOutput> Events::update_connection(const aws::CallContext& context,
                                                               const UpdateConnectionInput& input) {
    EVENTS_TRY_ASSIGN(target::Connection next, find(registry_, context.scope, input.Name));
    const bool is_other = input.AuthorizationType && *input.AuthorizationType != next.authorization;
    if (is_other && !input.AuthParameters) {
        return validation("Parameter AuthParameters must be given with another AuthorizationType.");
    }
    if (input.AuthorizationType) next.authorization = *input.AuthorizationType;
    if (input.Description) next.description = *input.Description;
    if (input.AuthParameters) TRY(take(outbound_, *input.AuthParameters, is_other, &next));
    next.modified = next.authorized_at = clock_.now();
    next.authorized = true;
    EVENTS_TRY(registry_.put(target::connection_kind, context.scope, next.name, encode(next)));
    UpdateConnectionOutput out;
    fill_times(next, &out);
    return out;
}

aws::Outcome<ListConnectionsOutput> Events::list_connections(const aws::CallContext& context,
                                                             const ListConnectionsInput& input) {
    EVENTS_TRY_ASSIGN(const std::vector<catalog::Entry> all,
                      registry_.list(target::connection_kind, context.scope, "", SIZE_MAX));
    std::vector<target::Connection> found;
    for (const catalog::Entry& entry : all) {
        EVENTS_TRY_ASSIGN(target::Connection each, target::decode_connection(context.scope, entry.value));
        if (!has_prefix(each.name, input.NamePrefix)) continue;
        if (input.ConnectionState && *input.ConnectionState != state_of(each)) continue;
        found.push_back(std::move(each));
    }
    TRY_ASSIGN(const auto page,
               page_of(std::move(found), [](const auto& each) { return each.name; }, input.NextToken, input.Limit));
    ListConnectionsOutput out{.Connections = std::vector<Connection>(), .NextToken = page.next_token};
    for (const auto& each : page.items) {
        Connection& shape = out.Connections->emplace_back();
        fill_times(each, &shape);
        shape.Name = each.name;
        shape.AuthorizationType = each.authorization;
    }
    return out;
}

aws::Outcome<DeauthorizeConnectionOutput> Events::deauthorize_connection(const aws::CallContext& context,
                                                                         const DeauthorizeConnectionInput& input) {
    EVENTS_TRY_ASSIGN(target::Connection next, find(registry_, context.scope, input.Name));
    next.authorized = false;
    next.secret.clear();
    const auto forget = [](std::vector<target::ExtraParameter>& parameters) {
        std::erase_if(parameters, [](const auto& each) { return each.is_secret; });
    };
    for (target::ExtraParameters* each : {&next.parameters, &next.token_parameters}) {
        forget(each->headers);
        forget(each->query);
        forget(each->body);
    }
    next.modified = clock_.now();
    EVENTS_TRY(registry_.put(target::connection_kind, context.scope, next.name, encode(next)));
    DeauthorizeConnectionOutput out;
    fill_times(next, &out);
    return out;
}

aws::Outcome<DeleteConnectionOutput> Events::delete_connection(const aws::CallContext& context,
                                                               const DeleteConnectionInput& input) {
    EVENTS_TRY_ASSIGN(const target::Connection found, find(registry_, context.scope, input.Name));
    EVENTS_TRY(registry_.remove(target::connection_kind, context.scope, input.Name));
    DeleteConnectionOutput out;
    fill_times(found, &out);
    out.ConnectionState = "DELETING";
    return out;
}

}  // namespace millrace::service::events
