#include "src/gateway/rest/values.h"

#include "src/gateway/rest/compiled.h"
#include "src/gateway/rest/context.h"
#include "src/gateway/text/shown_headers.h"

namespace millrace::gateway {
namespace {

std::vector<std::string> fields_of(const Fields& fields, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [field, value] : fields) {
        if (field == name) values.push_back(value);
    }
    return values;
}

std::vector<std::string> fields_of(const http::Headers& headers, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& [field, value] : headers.fields()) {
        if (field == name) values.push_back(value);
    }
    return values;
}

std::vector<std::string> last_of(std::vector<std::string> values) {
    if (values.size() > 1) values.erase(values.begin(), values.end() - 1);
    return values;
}

std::vector<std::string> maybe(std::optional<std::string> value) {
    return value ? std::vector<std::string>{std::move(*value)} : std::vector<std::string>();
}

template <class Pairs>
vtl::Value map_of(const Pairs& pairs) {
    auto map = std::make_shared<vtl::Map>();
    for (const auto& [name, value] : pairs) map->put(name, value);
    return map;
}

// $stageVariables and the like: a name without a value prints nothing, as in AWS.
class Named final : public vtl::Object {
  public:
    explicit Named(const TextMap& texts) : texts_(texts) {}
    std::optional<vtl::Value> property(std::string_view name) const override {
        const auto found = texts_.find(std::string(name));
        return found == texts_.end() ? vtl::Value("") : vtl::Value(found->second);
    }
    std::optional<vtl::Value> call(std::string_view name, const std::vector<vtl::Value>& arguments) const override {
        if (name == "get" && arguments.size() == 1) return property(arguments[0].text());
        if (name == "keySet" && arguments.empty()) {
            vtl::List names;
            for (const auto& [key, value] : texts_) names.emplace_back(key);
            return vtl::make_list(std::move(names));
        }
        return std::nullopt;
    }

  private:
    const TextMap& texts_;
};

}  // namespace

std::vector<std::string> values_of(const Source& source, const Call& call, const Payload& payload,
                                   const IntegrationAnswer* answer) {
    using Kind = Source::Kind;
    const http::Headers& headers = source.of_answer ? answer->headers : call.head().headers;
    switch (source.kind) {
        case Kind::text:
            return {source.name};
        case Kind::path: {
            const auto found = call.path_parameters.find(source.name);
            return found == call.path_parameters.end() ? std::vector<std::string>()
                                                       : std::vector<std::string>{found->second};
        }
        case Kind::query:
            return last_of(fields_of(call.query, source.name));
        case Kind::multi_query:
            return fields_of(call.query, source.name);
        case Kind::header:
            return last_of(fields_of(headers, source.name));
        case Kind::multi_header:
            return fields_of(headers, source.name);
        case Kind::body:
            return {std::string(source.of_answer ? std::string_view(answer->body) : payload.text())};
        case Kind::body_path: {
            const std::optional<vtl::Value>& json = payload.json();
            const std::optional<vtl::Value> found = json ? source.json_path->find(*json) : std::nullopt;
            if (!found || found->is_null()) return {};
            if (found->list() == nullptr && found->map() == nullptr) return {found->text()};
            std::string text;
            found->append_json(&text);
            return {text};
        }
        case Kind::context:
            return maybe(context_text(call, source.name));
        case Kind::stage_variable: {
            const TextMap& variables = call.stage->stage().variables;
            const auto found = variables.find(source.name);
            return found == variables.end() ? std::vector<std::string>() : std::vector<std::string>{found->second};
        }
    }
    return {};
}

InputParameters input_parameters(const Call& call) {
    const auto headers = [&call] {
        auto map = std::make_shared<vtl::Map>();
        for (const auto& [lower, name, value] : shown_headers(call.head())) map->put(name, std::string(value));
        return vtl::Value(std::move(map));
    };
    return {.path = [&call] { return map_of(call.path_parameters); },
            .query = [&call] { return map_of(call.query); },
            .header = headers};
}

Result<std::string> render(const vtl::Template& compiled, Call& call, const Payload& payload,
                           const vtl::Limits& limits) {
    const InputParameters parameters = input_parameters(call);
    vtl::Context context(vtl::Context::Dialect::api_gateway);
    context.set("input", make_input(payload, parameters));
    context.set("context", make_context(call));
    context.set("stageVariables", vtl::Value::ObjectRef(std::make_shared<Named>(call.stage->stage().variables)));
    context.set("util", util_object());
    return compiled.render(context, limits);
}

}  // namespace millrace::gateway
