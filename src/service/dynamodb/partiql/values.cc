#include "src/service/dynamodb/partiql/values.h"

#include "src/service/dynamodb/errors.h"
#include "src/table/value/sentences.h"

namespace millrace::service::dynamodb::ql {
namespace {

using table::AttributeValue;

aws::Failure refused(std::string_view sentence) {
    return validation(std::string(sentence));
}

aws::Outcome<table::Number> number_of(const std::string& text) {
    auto number = table::Number::parse(text);
    if (number) return *number;
    // Of an empty one PartiQL says it so.
    if (text.empty()) return validation("The parameter cannot be converted to a numeric value");
    return validation(number.error().message);
}

aws::Failure duplicates(const std::vector<std::string>& members, std::string_view end) {
    std::string message(table::sentences::duplicates_before);
    for (size_t i = 0; i < members.size(); ++i) message.append(i == 0 ? "[" : ", ").append(members[i]);
    return validation(message.append("]").append(end));
}

aws::Outcome<AttributeValue> value_of(const shapes::AttributeValue& given, int levels);

aws::Outcome<AttributeValue> map_of(const std::map<std::string, shapes::AttributeValue>& given, int levels) {
    if (levels == 0) return refused(table::sentences::too_deep);
    table::AttributeMap map;
    map.reserve(given.size());
    for (const auto& [name, value] : given) {
        if (name.empty()) return refused(table::sentences::empty_name);
        if (name.size() > table::sentences::name_bytes_max) return refused(table::sentences::long_name);
        TRY_ASSIGN(AttributeValue element, value_of(value, levels - 1));
        map.add(name, std::move(element));
    }
    return AttributeValue{std::move(map)};
}

aws::Outcome<AttributeValue> list_of(const std::vector<shapes::AttributeValue>& given, int levels) {
    if (levels == 0) return refused(table::sentences::too_deep);
    table::List list;
    list.reserve(given.size());
    for (const auto& value : given) {
        TRY_ASSIGN(AttributeValue element, value_of(value, levels - 1));
        list.push_back(std::move(element));
    }
    return AttributeValue{std::move(list)};
}

aws::Outcome<AttributeValue> number_set_of(const std::vector<std::string>& given) {
    if (given.empty()) return refused(table::sentences::empty_number_set);
    std::vector<table::Number> members;
    for (const auto& text : given) {
        TRY_ASSIGN(const table::Number member, number_of(text));
        members.push_back(member);
    }
    table::NumberSet set;
    if (!make_set(std::move(members), &set)) return refused(table::sentences::duplicate_numbers);
    return AttributeValue{std::move(set)};
}

aws::Outcome<AttributeValue> value_of(const shapes::AttributeValue& given, int levels) {
    const int types = (given.S ? 1 : 0) + (given.N ? 1 : 0) + (given.B ? 1 : 0) + (given.SS ? 1 : 0) +
                      (given.NS ? 1 : 0) + (given.BS ? 1 : 0) + (given.M ? 1 : 0) + (given.L ? 1 : 0) +
                      (given.NULL_ ? 1 : 0) + (given.BOOL ? 1 : 0);
    if (types == 0) return refused(table::sentences::no_type);
    if (types > 1) return refused(table::sentences::many_types);
    if (given.S) return AttributeValue{*given.S};
    if (given.N) {
        TRY_ASSIGN(const table::Number number, number_of(*given.N));
        return AttributeValue{number};
    }
    if (given.B) return AttributeValue{table::Binary{*given.B}};
    if (given.BOOL) return AttributeValue{*given.BOOL};
    if (given.M) return map_of(*given.M, levels);
    if (given.L) return list_of(*given.L, levels);
    if (given.NS) return number_set_of(*given.NS);
    if (given.SS) {
        table::StringSet set;
        if (given.SS->empty()) return refused(table::sentences::empty_string_set);
        if (!make_set(*given.SS, &set)) return duplicates(*given.SS, " contains duplicates.");
        return AttributeValue{std::move(set)};
    }
    if (given.BS) {
        table::BinarySet set;
        if (given.BS->empty()) return refused(table::sentences::empty_binary_set);
        if (!make_set(*given.BS, &set)) return refused(table::sentences::duplicate_numbers);
        return AttributeValue{std::move(set)};
    }
    if (!*given.NULL_) return refused(table::sentences::null_not_true);
    return AttributeValue{table::Null()};
}

shapes::AttributeValue shape_of_value(const AttributeValue& value) {
    shapes::AttributeValue shape;
    switch (value.type()) {
        case table::Type::S:
            shape.S = *value.as<std::string>();
            break;
        case table::Type::N:
            shape.N = value.as<table::Number>()->text();
            break;
        case table::Type::B:
            shape.B = value.as<table::Binary>()->bytes;
            break;
        case table::Type::BOOL:
            shape.BOOL = *value.as<bool>();
            break;
        case table::Type::NULL_:
            shape.NULL_ = true;
            break;
        case table::Type::M:
            shape.M = shape_of(*value.as<table::AttributeMap>());
            break;
        case table::Type::L:
            shape.L.emplace();
            for (const auto& element : *value.as<table::List>()) shape.L->push_back(shape_of_value(element));
            break;
        case table::Type::SS:
            shape.SS = value.as<table::StringSet>()->members;
            break;
        case table::Type::NS:
            shape.NS.emplace();
            for (const auto& member : value.as<table::NumberSet>()->members) shape.NS->push_back(member.text());
            break;
        case table::Type::BS:
            shape.BS = value.as<table::BinarySet>()->members;
            break;
    }
    return shape;
}

}  // namespace

aws::Outcome<std::vector<AttributeValue>> parameters_of(
    const std::optional<std::vector<shapes::AttributeValue>>& given) {
    std::vector<AttributeValue> parameters;
    if (!given) return parameters;
    for (const auto& value : *given) {
        TRY_ASSIGN(AttributeValue parameter, value_of(value, table::nesting_max));
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

ShapeItem shape_of(const table::Item& item) {
    ShapeItem shape;
    for (const auto& [name, value] : item) shape.emplace_hint(shape.end(), name, shape_of_value(value));
    return shape;
}

}  // namespace millrace::service::dynamodb::ql
