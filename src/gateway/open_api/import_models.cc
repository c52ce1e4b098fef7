#include "src/gateway/open_api/importer.h"
#include "src/gateway/registry/new_id.h"

namespace millrace::gateway {

namespace json = boost::json;

namespace {

constexpr std::string_view schema_stems[] = {"#/definitions/", "#/components/schemas/"};

// "Order" of "#/definitions/Order"; "" where it is none of the definition's models.
std::string_view model_named(std::string_view reference) {
    for (const std::string_view stem : schema_stems) {
        if (reference.starts_with(stem)) return reference.substr(stem.size());
    }
    return {};
}

// The document's depth is bounded, so this is.
void rewrite_references(json::value& tree, const std::string& stem) {
    if (json::array* array = tree.if_array()) {
        for (json::value& value : *array) rewrite_references(value, stem);
    } else if (json::object* object = tree.if_object()) {
        for (auto& member : *object) {
            const json::string* text = member.value().if_string();
            const std::string_view model =
                member.key() == "$ref" && text != nullptr ? model_named(*text) : std::string_view();
            if (model.empty()) {
                rewrite_references(member.value(), stem);
            } else {
                member.value() = stem + std::string(model);
            }
        }
    }
}

}  // namespace

std::string Importer::schema_text(const json::value& schema) const {
    json::value copy = schema;
    rewrite_references(copy, "https://apigateway.amazonaws.com/restapis/" + api_.id + "/models/");
    return json::serialize(copy);
}

Status Importer::take_models() {
    const json::object* schemas = object_of(document_, "definitions");
    if (const json::value* components = member_of(document_, "components")) {
        schemas = object_of(*components, "schemas");
    }
    if (schemas == nullptr) return {};
    for (const auto& member : *schemas) {
        Model& model = api_.models[std::string(member.key())];
        if (model.id.empty()) model.id = new_id(part_id_size);
        model.name = member.key();
        model.description = text_of(member.value(), "description");
        model.content_type = "application/json";
        model.schema = schema_text(member.value());
    }
    return {};
}

std::string Importer::model_for(const json::value& schema) {
    if (!schema.is_object() || schema.as_object().empty()) return "";
    const std::string name(model_named(text_of(schema, "$ref")));
    if (!name.empty()) return api_.models.contains(name) ? name : "";
    Model made;
    made.id = new_id(part_id_size);
    made.name = "MODEL" + made.id;
    made.content_type = "application/json";
    made.schema = schema_text(schema);
    api_.models[made.name] = made;
    return made.name;
}

const json::value* Importer::resolve(const json::value& value) const {
    const json::value* at = &value;
    for (int hops = 0; hops < 8; ++hops) {  // a reference to a reference, but no circle
        const std::string reference = text_of(*at, "$ref");
        if (reference.empty()) return at;
        if (!reference.starts_with("#/")) return nullptr;
        boost::system::error_code error;
        at = document_.find_pointer(reference.substr(1), error);
        if (error || at == nullptr) return nullptr;
    }
    return nullptr;
}

}  // namespace millrace::gateway
