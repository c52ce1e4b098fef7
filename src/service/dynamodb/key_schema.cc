#include "src/service/dynamodb/key_schema.h"

#include <set>

#include "src/service/dynamodb/errors.h"

namespace millrace::service::dynamodb {

namespace shapes = aws::dynamodb;
using aws::Failure;
using aws::Outcome;

namespace {

std::vector<std::string> names_of(const Attributes& attributes) {
    std::vector<std::string> names;
    for (const auto& [name, type] : attributes) names.push_back(name);
    return names;
}

const table::Type* find(const Attributes& attributes, const std::string& name) {
    for (const auto& [known, type] : attributes) {
        if (known == name) return &type;
    }
    return nullptr;
}

std::vector<std::string> names_of(const KeySchema& schema) {
    std::vector<std::string> names;
    for (const auto& element : schema) names.push_back(element.AttributeName);
    return names;
}

std::optional<Failure> check_defined(const std::vector<std::string>& names, const Attributes& attributes) {
    for (const std::string& name : names) {
        if (find(attributes, name)) continue;
        return invalid_parameter("Some index key attributes are not defined in AttributeDefinitions. Keys: " +
                                 listed(names) + ", AttributeDefinitions: " + listed(names_of(attributes)));
    }
    return std::nullopt;
}

// Of a global index: up to four elements that are HASH, then up to four that are RANGE.
std::optional<Failure> check_parts(const KeySchema& schema) {
    if (schema[0].KeyType != "HASH") {
        return validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    }
    size_t hashes = 0;
    for (size_t i = 0; i < schema.size(); ++i) {
        if (schema[i].KeyType != "HASH") continue;
        if (hashes++ == i) continue;
        return invalid_parameter("All HASH key attributes must precede RANGE key attributes in the KeySchema");
    }
    for (const auto& [type, count] : {std::pair("HASH", hashes), std::pair("RANGE", schema.size() - hashes)}) {
        if (count <= table::key_part_attributes_max) continue;
        return invalid_parameter("The KeySchema exceeds the maximum allowed number of " + std::string(type) +
                                 " key attributes");
    }
    return std::nullopt;
}

}  // namespace

std::string listed(const std::vector<std::string>& names) {
    std::string text = "[";
    for (const std::string& name : names) text += (text.size() > 1 ? ", " : "") + name;
    return text + "]";
}

std::optional<Failure> add_attributes(const std::vector<shapes::AttributeDefinition>& definitions,
                                      Attributes* attributes) {
    std::set<std::string> given;
    for (const auto& definition : definitions) {
        if (!given.insert(definition.AttributeName).second) {
            return invalid_parameter("Duplicate attribute definitions: " + definition.AttributeName);
        }
        const table::Type type = definition.AttributeType == "S"   ? table::Type::S
                                 : definition.AttributeType == "N" ? table::Type::N
                                                                   : table::Type::B;
        const table::Type* known = find(*attributes, definition.AttributeName);
        if (known && *known != type) {
            return invalid_parameter(
                "Attributes cannot be redefined. Please check that your attribute has the same type as previously "
                "defined. Existing schema: " +
                definition.AttributeName + ":" + std::string(table::name_of(*known)) +
                " New schema: " + definition.AttributeName + ":" + definition.AttributeType);
        }
        if (!known) attributes->emplace_back(definition.AttributeName, type);
    }
    return std::nullopt;
}

std::optional<Failure> check_two_at_most(const KeySchema& schema, std::string_view place) {
    if (schema.size() <= 2) return std::nullopt;
    std::vector<std::string> elements;
    for (const auto& element : schema) {
        elements.push_back("KeySchemaElement(attributeName=" + element.AttributeName + ", keyType=" + element.KeyType +
                           ")");
    }
    return constraint(listed(elements), place, "Member must have length less than or equal to 2");
}

Outcome<table::KeyNames> key_names(const KeySchema& schema, const Attributes& attributes) {
    const std::vector<std::string> names = names_of(schema);
    if (auto failure = check_defined(names, attributes)) return *std::move(failure);
    if (schema.size() == 2 && names[0] == names[1]) {
        return validation("Both the Hash Key and the Range Key element in the KeySchema have the same name");
    }
    if (schema[0].KeyType != "HASH") {
        return validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
    }
    if (schema.size() == 2 && schema[1].KeyType != "RANGE") {
        return validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    }
    table::KeyNames key;
    key.partition = names[0];
    key.partition_type = *find(attributes, names[0]);
    if (schema.size() == 2) {
        key.sort = names[1];
        key.sort_type = *find(attributes, names[1]);
    }
    return key;
}

Outcome<table::KeyNames> global_key_names(const KeySchema& schema, const Attributes& attributes) {
    if (schema.size() <= 2 && schema.back().KeyType == (schema.size() == 1 ? "HASH" : "RANGE")) {
        return key_names(schema, attributes);
    }
    const std::vector<std::string> names = names_of(schema);
    if (auto failure = check_defined(names, attributes)) return *std::move(failure);
    if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
        return validation("The KeySchema contains multiple key attributes with the same name");
    }
    if (auto failure = check_parts(schema)) return *std::move(failure);
    table::KeyNames key;
    for (size_t i = 0; i < schema.size(); ++i) {
        table::KeyAttribute attribute{names[i], *find(attributes, names[i])};
        if (i == 0) {
            key.partition = std::move(attribute.name);
            key.partition_type = attribute.type;
        } else if (schema[i].KeyType == "HASH") {
            key.more_partition.push_back(std::move(attribute));
        } else if (key.sort.empty()) {
            key.sort = std::move(attribute.name);
            key.sort_type = attribute.type;
        } else {
            key.more_sort.push_back(std::move(attribute));
        }
    }
    return key;
}

std::optional<Failure> check_used(const table::TableDefinition& definition, const Attributes& attributes) {
    std::set<std::string> used;
    const auto use = [&](const table::KeyNames& key) {
        for (size_t i = 0; i < key.size(); ++i) used.insert(key.at(i).name);
    };
    use(definition.key);
    for (const table::Index& index : definition.indexes) use(index.key);
    if (used.size() == attributes.size()) return std::nullopt;
    if (definition.indexes.empty()) {
        return invalid_parameter(
            "Number of attributes in KeySchema does not exactly match number of attributes "
            "defined in AttributeDefinitions");
    }
    return invalid_parameter(
        "Some AttributeDefinitions are not used. AttributeDefinitions: " + listed(names_of(attributes)) +
        ", keys used: " + listed(std::vector<std::string>(used.begin(), used.end())));
}

}  // namespace millrace::service::dynamodb
