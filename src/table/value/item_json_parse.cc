// DynamoDB JSON in, where it is not hot.
#include <simdjson.h>

#include "src/base/base64.h"
#include "src/table/value/item_json.h"
#include "src/table/value/sentences.h"

namespace millrace::table {
namespace {

namespace dom = simdjson::dom;

Error invalid(std::string_view sentence) {
    return {ErrorCode::invalid_argument, std::string(sentence)};
}

Error wrong_json(std::string_view type, const char* wanted) {
    return {ErrorCode::invalid_argument, std::string(type) + " must be " + wanted};
}

Result<AttributeValue> to_value(dom::element json, int levels);

Result<AttributeMap> to_map(dom::object json, int levels) {
    AttributeMap map;
    map.reserve(json.size());
    for (const auto [name, value] : json) {
        if (name.empty()) return invalid(sentences::empty_name);
        if (name.size() > sentences::name_bytes_max) return invalid(sentences::long_name);
        TRY_ASSIGN(AttributeValue parsed, to_value(value, levels));
        if (!map.add(std::string(name), std::move(parsed))) {
            return Error{ErrorCode::invalid_argument, "the attribute " + std::string(name) + " is there twice"};
        }
    }
    return map;
}

Result<std::string> to_bytes(std::string_view base64) {
    std::string bytes;
    if (!base64_decode(base64, &bytes)) return invalid("B must be base64");
    return bytes;
}

Result<std::vector<std::string_view>> to_texts(std::string_view type, dom::element json) {
    dom::array array;
    if (json.get(array) != simdjson::SUCCESS) return wrong_json(type, "an array of strings");
    std::vector<std::string_view> texts;
    for (const dom::element element : array) {
        std::string_view text;
        if (element.get(text) != simdjson::SUCCESS) return wrong_json(type, "an array of strings");
        texts.push_back(text);
    }
    return texts;
}

Error duplicates(const std::vector<std::string_view>& members, std::string_view end) {
    std::string message(sentences::duplicates_before);
    for (size_t i = 0; i < members.size(); ++i) message.append(i == 0 ? "[" : ", ").append(members[i]);
    return {ErrorCode::invalid_argument, message.append("]").append(end)};
}

Result<AttributeValue> to_string_set(dom::element json) {
    TRY_ASSIGN(const auto texts, to_texts("SS", json));
    if (texts.empty()) return invalid(sentences::empty_string_set);
    StringSet set;
    if (!make_set({texts.begin(), texts.end()}, &set)) return duplicates(texts, " contains duplicates.");
    return AttributeValue{std::move(set)};
}

Result<AttributeValue> to_number_set(dom::element json) {
    TRY_ASSIGN(const auto texts, to_texts("NS", json));
    if (texts.empty()) return invalid(sentences::empty_number_set);
    std::vector<Number> members;
    for (const auto text : texts) {
        TRY_ASSIGN(Number member, Number::parse(text));
        members.push_back(member);
    }
    NumberSet set;
    if (!make_set(std::move(members), &set)) return invalid(sentences::duplicate_numbers);
    return AttributeValue{std::move(set)};
}

Result<AttributeValue> to_binary_set(dom::element json) {
    TRY_ASSIGN(const auto texts, to_texts("BS", json));
    if (texts.empty()) return invalid(sentences::empty_binary_set);
    std::vector<std::string> members;
    for (const auto text : texts) {
        TRY_ASSIGN(std::string member, to_bytes(text));
        members.push_back(std::move(member));
    }
    BinarySet set;
    if (!make_set(std::move(members), &set)) return duplicates(texts, "of type BS contains duplicates.");
    return AttributeValue{std::move(set)};
}

Result<AttributeValue> to_list(dom::element json, int levels) {
    dom::array array;
    if (json.get(array) != simdjson::SUCCESS) return wrong_json("L", "an array");
    if (levels == 0) return invalid(sentences::too_deep);
    List list;
    for (const dom::element element : array) {
        TRY_ASSIGN(AttributeValue value, to_value(element, levels - 1));
        list.push_back(std::move(value));
    }
    return AttributeValue{std::move(list)};
}

Result<AttributeValue> of_type(std::string_view type, dom::element json, int levels) {
    if (type == "S" || type == "N" || type == "B") {
        std::string_view text;
        if (json.get(text) != simdjson::SUCCESS) return wrong_json(type, "a string");
        if (type == "S") return AttributeValue{std::string(text)};
        if (type == "N") {
            TRY_ASSIGN(Number number, Number::parse(text));
            return AttributeValue{number};
        }
        TRY_ASSIGN(std::string bytes, to_bytes(text));
        return AttributeValue{Binary{std::move(bytes)}};
    }
    if (type == "BOOL" || type == "NULL") {
        bool value = false;
        if (json.get(value) != simdjson::SUCCESS) return wrong_json(type, "true or false");
        if (type == "BOOL") return AttributeValue{value};
        if (!value) return invalid(sentences::null_not_true);
        return AttributeValue{Null()};
    }
    if (type == "M") {
        dom::object object;
        if (json.get(object) != simdjson::SUCCESS) return wrong_json("M", "an object");
        if (levels == 0) return invalid(sentences::too_deep);
        TRY_ASSIGN(AttributeMap map, to_map(object, levels - 1));
        return AttributeValue{std::move(map)};
    }
    if (type == "L") return to_list(json, levels);
    if (type == "SS") return to_string_set(json);
    if (type == "NS") return to_number_set(json);
    if (type == "BS") return to_binary_set(json);
    return invalid(sentences::no_type);  // AWS skips what it does not know
}

Result<AttributeValue> to_value(dom::element json, int levels) {
    dom::object object;
    if (json.get(object) != simdjson::SUCCESS) return invalid("an attribute's value must be an object");
    if (object.size() == 0) return invalid(sentences::no_type);
    if (object.size() > 1) return invalid(sentences::many_types);
    const auto field = *object.begin();
    return of_type(field.key, field.value, levels);
}

Result<dom::element> parse(dom::parser* parser, std::string_view json) {
    dom::element root;
    const auto error = parser->parse(json.data(), json.size()).get(root);
    if (error != simdjson::SUCCESS) return Error{ErrorCode::invalid_argument, simdjson::error_message(error)};
    return root;
}

}  // namespace

Result<Item> parse_item_json(std::string_view json) {
    dom::parser parser;
    TRY_ASSIGN(const dom::element root, parse(&parser, json));
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) return invalid("an item must be an object");
    return to_map(object, nesting_max);
}

Result<AttributeValue> parse_value_json(std::string_view json) {
    dom::parser parser;
    TRY_ASSIGN(const dom::element root, parse(&parser, json));
    return to_value(root, nesting_max);
}

}  // namespace millrace::table
