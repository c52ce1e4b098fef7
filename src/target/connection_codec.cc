#include <boost/json.hpp>

#include "src/catalog/registry.h"
#include "src/target/arn.h"
#include "src/target/connection.h"

namespace millrace::target {
namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

json::array to_json(const std::vector<ExtraParameter>& parameters) {
    json::array out;
    for (const ExtraParameter& each : parameters) out.push_back(json::array{each.key, each.value, each.is_secret});
    return out;
}

json::object to_json(const ExtraParameters& parameters) {
    return {{"headers", to_json(parameters.headers)},
            {"query", to_json(parameters.query)},
            {"body", to_json(parameters.body)}};
}

std::vector<ExtraParameter> parameters_of(const json::value& value) {
    std::vector<ExtraParameter> out;
    for (const json::value& each : value.as_array()) {
        const json::array& parts = each.as_array();
        out.push_back(
            {std::string(parts.at(0).as_string()), std::string(parts.at(1).as_string()), parts.at(2).as_bool()});
    }
    return out;
}

ExtraParameters extra_of(const json::value& value) {
    const json::object& object = value.as_object();
    return {parameters_of(object.at("headers")), parameters_of(object.at("query")), parameters_of(object.at("body"))};
}

std::string text(const json::object& object, const char* name) {
    return std::string(object.at(name).as_string());
}

TimestampMs time(const json::object& object, const char* name) {
    return TimestampMs(object.at(name).to_number<int64_t>());
}

// Parses `text` and hands its object to `read`, whose exceptions mean that it is damaged.
template <class T, class Read>
Result<T> decode(std::string_view text, std::string_view what, Read read) {
    try {
        const json::object object = json::parse(json::string_view(text.data(), text.size())).as_object();
        if (object.at("format").to_number<int64_t>() == format_version) return read(object);
    } catch (const std::exception&) {  // falls through: boost::json says it so
    }
    return {ErrorCode::corruption, "the stored " + std::string(what) + " is damaged, or of a later version"};
}

// The name in ".../NAME/UUID"; what is kept under it must have that UUID.
template <class T, class Decode>
Result<T> find(catalog::Registry& registry, std::string_view kind, std::string_view prefix, std::string_view text,
               std::string_view what, Decode decode) {
    const Error absent{ErrorCode::not_found, std::string(what) + " " + std::string(text) + " does not exist."};
    const std::optional<Arn> arn = parse_arn(text);
    const std::optional<std::string_view> rest = arn ? arn->after(prefix) : std::nullopt;
    if (!rest) return absent;
    const std::string_view name = rest->substr(0, rest->find('/'));
    const Scope scope = arn->scope({});
    TRY_ASSIGN(const std::optional<std::string> stored, registry.get(kind, scope, name));
    if (!stored) return absent;
    TRY_ASSIGN(T found, decode(scope, *stored));
    if (rest->size() > name.size() && rest->substr(name.size() + 1) != found.uuid) return absent;
    return found;
}

}  // namespace

std::string arn_of(const Connection& connection) {
    return "arn:aws:events:" + connection.scope.region + ":" + connection.scope.account + ":connection/" +
           connection.name + "/" + connection.uuid;
}

std::string arn_of(const ApiDestination& destination) {
    return "arn:aws:events:" + destination.scope.region + ":" + destination.scope.account + ":api-destination/" +
           destination.name + "/" + destination.uuid;
}

std::string encode(const Connection& connection) {
    return json::serialize(json::object{
        {"format", format_version},
        {"name", connection.name},
        {"uuid", connection.uuid},
        {"description", connection.description},
        {"authorization", connection.authorization},
        {"user", connection.user},
        {"secret", connection.secret},
        {"token_url", connection.token_url},
        {"token_method", connection.token_method},
        {"token_parameters", to_json(connection.token_parameters)},
        {"parameters", to_json(connection.parameters)},
        {"authorized", connection.authorized},
        {"created", connection.created.value()},
        {"modified", connection.modified.value()},
        {"authorized_at", connection.authorized_at.value()},
    });
}

Result<Connection> decode_connection(const Scope& scope, std::string_view stored) {
    return decode<Connection>(stored, "connection", [&](const json::object& object) {
        Connection out;
        out.scope = scope;
        out.name = text(object, "name");
        out.uuid = text(object, "uuid");
        out.description = text(object, "description");
        out.authorization = text(object, "authorization");
        out.user = text(object, "user");
        out.secret = text(object, "secret");
        out.token_url = text(object, "token_url");
        out.token_method = text(object, "token_method");
        out.token_parameters = extra_of(object.at("token_parameters"));
        out.parameters = extra_of(object.at("parameters"));
        out.authorized = object.at("authorized").as_bool();
        out.created = time(object, "created");
        out.modified = time(object, "modified");
        out.authorized_at = time(object, "authorized_at");
        return out;
    });
}

std::string encode(const ApiDestination& destination) {
    return json::serialize(json::object{
        {"format", format_version},
        {"name", destination.name},
        {"uuid", destination.uuid},
        {"description", destination.description},
        {"connection", destination.connection_arn},
        {"url", destination.url},
        {"method", destination.method},
        {"per_second_max", destination.per_second_max},
        {"created", destination.created.value()},
        {"modified", destination.modified.value()},
    });
}

Result<ApiDestination> decode_destination(const Scope& scope, std::string_view stored) {
    return decode<ApiDestination>(stored, "API destination", [&](const json::object& object) {
        ApiDestination out;
        out.scope = scope;
        out.name = text(object, "name");
        out.uuid = text(object, "uuid");
        out.description = text(object, "description");
        out.connection_arn = text(object, "connection");
        out.url = text(object, "url");
        out.method = text(object, "method");
        out.per_second_max = object.at("per_second_max").to_number<int>();
        out.created = time(object, "created");
        out.modified = time(object, "modified");
        return out;
    });
}

Result<Connection> find_connection(catalog::Registry& registry, std::string_view arn) {
    return find<Connection>(registry, connection_kind, "connection/", arn, "Connection", decode_connection);
}

Result<ApiDestination> find_destination(catalog::Registry& registry, std::string_view arn) {
    return find<ApiDestination>(registry, destination_kind, "api-destination/", arn, "API destination",
                                decode_destination);
}

}  // namespace millrace::target
