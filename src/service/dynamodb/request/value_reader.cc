// Attribute values out of a body. A type that AWS's parser would refuse stops the walk; a value that AWS refuses later
// is kept as a sentence, and the walk goes on.
#include <algorithm>
#include <numeric>

#include "src/base/base64.h"
#include "src/service/dynamodb/limits.h"
#include "src/service/dynamodb/request/reader.h"
#include "src/table/value/sentences.h"

namespace millrace::service::dynamodb {
namespace {

namespace sentences = table::sentences;
using ondemand::json_type;
using table::AttributeMap;
using table::AttributeValue;
using table::Type;

constexpr JavaType value_map_type = map_of("AttributeValue");
constexpr JavaType value_type = class_of("AttributeValue");

constexpr size_t usual_attributes = 8;  // of an item: room that need not grow three times

void note(std::string* wrong, std::string_view sentence) {
    if (wrong->empty()) *wrong = sentence;
}

std::string listed(const std::vector<std::string>& members) {
    std::string text = "[";
    for (size_t i = 0; i < members.size(); ++i) text.append(i == 0 ? "" : ", ").append(members[i]);
    return text + "]";
}

// Sorted by name, of a name given twice the last.
void fill(std::vector<AttributeMap::Entry> entries, bool sorted, AttributeMap* out) {
    out->reserve(entries.size());
    if (sorted) {
        for (auto& [name, value] : entries) out->add(std::move(name), std::move(value));
        return;
    }
    std::vector<uint32_t> order(entries.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
        const int compared = entries[a].first.compare(entries[b].first);
        return compared < 0 || (compared == 0 && a < b);
    });
    for (size_t i = 0; i < order.size(); ++i) {
        auto& [name, value] = entries[order[i]];
        if (i + 1 < order.size() && entries[order[i + 1]].first == name) continue;
        out->add(std::move(name), std::move(value));
    }
}

void parse_number(std::string_view text, AttributeValue* out, std::string* wrong) {
    if (text.empty()) return note(wrong, "The parameter cannot be converted to a numeric value");
    auto number = table::Number::parse(text);
    if (!number) return note(wrong, number.error().message);
    out->value = *number;
}

}  // namespace

std::string_view wrong_name(std::string_view name) {
    if (name.empty()) return "One or more parameter values were invalid: Empty attribute name";
    if (name.size() <= attribute_name_bytes_max) return "";
    return "One or more parameter values were invalid: Attribute name is too large, must be less than 65536 bytes";
}

bool Reader::bytes(std::string_view base64, std::string* out) {
    if (base64.size() % 4 != 0) {
        return refuse("Base64 encoded length is expected a multiple of 4 bytes but found: " +
                      std::to_string(base64.size()));
    }
    return base64_decode(base64, out) || refuse("Invalid last non-pad Base64 character dectected");
}

bool Reader::set_members(ondemand::value json, bool binary, std::vector<std::string>* out, std::string* wrong) {
    bool absent = false;
    return array(json, &absent, [&](ondemand::value element) {
        std::string_view view;
        bool nothing = false;
        if (!string(element, binary ? "Blob" : "String", &view, &nothing)) return false;
        if (nothing) {
            note(wrong,
                 "One or more parameter values were invalid: An string set may not have a null string as a member");
        } else {
            out->emplace_back(view);
        }
        return true;
    });
}

bool Reader::string_set(ondemand::value json, AttributeValue* out, std::string* wrong) {
    std::vector<std::string> members;
    if (!set_members(json, false, &members, wrong)) return false;
    if (members.empty()) note(wrong, sentences::empty_string_set);
    table::StringSet set;
    if (!make_set(members, &set)) {
        note(wrong, std::string(sentences::duplicates_before) + listed(members) + " contains duplicates.");
    }
    out->value = std::move(set);
    return true;
}

bool Reader::number_set(ondemand::value json, AttributeValue* out, std::string* wrong) {
    std::vector<std::string> members;
    if (!set_members(json, false, &members, wrong)) return false;
    if (members.empty()) note(wrong, sentences::empty_number_set);
    std::vector<table::Number> numbers;
    for (const std::string& member : members) {
        AttributeValue number{table::Number()};
        parse_number(member, &number, wrong);
        numbers.push_back(*number.as<table::Number>());
    }
    table::NumberSet set;
    if (!make_set(std::move(numbers), &set)) note(wrong, sentences::duplicate_numbers);
    out->value = std::move(set);
    return true;
}

bool Reader::binary_set(ondemand::value json, AttributeValue* out, std::string* wrong) {
    std::vector<std::string> members;
    if (!set_members(json, true, &members, wrong)) return false;
    if (members.empty()) note(wrong, sentences::empty_binary_set);
    std::vector<std::string> decoded(members.size());
    for (size_t i = 0; i < members.size(); ++i) {
        if (!bytes(members[i], &decoded[i])) return false;
    }
    table::BinarySet set;
    if (!make_set(std::move(decoded), &set)) {
        note(wrong, std::string(sentences::duplicates_before) + listed(members) + "of type BS contains duplicates.");
    }
    out->value = std::move(set);
    return true;
}

bool Reader::list(ondemand::value json, int levels, AttributeValue* out, std::string* wrong) {
    table::List members;
    bool absent = false;
    const bool done = array(json, &absent, [&](ondemand::value element) {
        return attribute_value(element, levels, &members.emplace_back(), wrong);
    });
    out->value = std::move(members);
    return done;
}

bool Reader::attributes(ondemand::value json, int levels, AttributeMap* out, std::string* wrong) {
    std::vector<AttributeMap::Entry> entries;
    entries.reserve(usual_attributes);
    bool sorted = true;
    const bool done =
        object(json, value_map_type, "Unexpected field type", [&](std::string_view name, ondemand::value member) {
            sorted = sorted && (entries.empty() || entries.back().first < name);
            if (wrong->empty() && name.empty()) *wrong = table::sentences::empty_name;
            if (wrong->empty() && name.size() > sentences::name_bytes_max) *wrong = table::sentences::long_name;
            auto& entry = entries.emplace_back(name, AttributeValue());
            return attribute_value(member, levels, &entry.second, wrong);
        });
    if (done) fill(std::move(entries), sorted, out);
    return done;
}

bool Reader::typed(std::string_view type, ondemand::value json, int levels, AttributeValue* out, std::string* wrong,
                   int* types) {
    bool absent = false;
    if (!is_null(json, &absent)) return false;
    if (absent) return true;
    ++*types;
    if (type == "S" || type == "N" || type == "B") {
        std::string_view view;
        if (!string(json, type == "B" ? "Blob" : "String", &view, &absent)) return false;
        if (type == "S") {
            out->value.emplace<std::string>(view);
        } else if (type == "N") {
            parse_number(view, out, wrong);
        } else {
            return bytes(view, &out->value.emplace<table::Binary>().bytes);
        }
        return true;
    }
    if (type == "BOOL" || type == "NULL") {
        std::optional<bool> value;
        if (!boolean(json, &value)) return false;
        if (type == "BOOL") {
            out->value = *value;
        } else {
            if (!*value) note(wrong, sentences::null_not_true);
            out->value = table::Null();
        }
        return true;
    }
    if (type == "M" || type == "L") {
        if (levels == 0) {
            note(wrong, sentences::too_deep);
            return true;
        }
        if (type == "L") return list(json, levels - 1, out, wrong);
        return attributes(json, levels - 1, &out->value.emplace<AttributeMap>(), wrong);
    }
    if (type == "SS") return string_set(json, out, wrong);
    if (type == "NS") return number_set(json, out, wrong);
    if (type == "BS") return binary_set(json, out, wrong);
    --*types;  // not a type: AWS skips what it does not know
    return true;
}

bool Reader::attribute_value(ondemand::value json, int levels, AttributeValue* out, std::string* wrong) {
    int types = 0;
    if (!object(json, value_type, "Unexpected value type in payload",
                [&](std::string_view type, ondemand::value member) {
                    return typed(type, member, levels, out, wrong, &types);
                })) {
        return false;
    }
    if (types == 0) note(wrong, sentences::no_type);
    if (types > 1) note(wrong, sentences::many_types);
    return true;
}

bool Reader::value(ondemand::value json, std::optional<GivenValue>* out) {
    bool absent = false;
    if (!is_null(json, &absent)) return false;
    if (absent) return true;
    GivenValue given;
    if (!attribute_value(json, table::nesting_max, &given.value, &given.wrong)) return false;
    *out = std::move(given);
    return true;
}

bool Reader::item(ondemand::value json, std::optional<GivenItem>* out) {
    bool absent = false;
    if (!is_null(json, &absent)) return false;
    if (absent) return true;
    GivenItem& given = out->emplace();
    if (!attributes(json, table::nesting_max, &given.item, &given.wrong)) return false;
    for (const auto& [name, value] : given.item) note(&given.wrong, wrong_name(name));
    return true;
}

bool Reader::values(ondemand::value json, std::optional<GivenValues>* out) {
    bool absent = false;
    if (!is_null(json, &absent)) return false;
    if (absent) return true;
    GivenValues& given = out->emplace();
    return object(json, value_map_type, "Unexpected field type", [&](std::string_view name, ondemand::value member) {
        AttributeValue value;
        std::string wrong;
        if (!attribute_value(member, table::nesting_max, &value, &wrong)) return false;
        if (!wrong.empty() && given.wrong.empty()) {
            given.wrong = std::move(wrong);
            given.wrong_key = name;
        }
        given.values.insert_or_assign(std::string(name), std::move(value));
        return true;
    });
}

bool Reader::value_list(ondemand::value json, std::optional<std::vector<GivenValue>>* out) {
    std::vector<GivenValue> found;
    bool absent = false;
    const bool done = array(json, &absent, [&](ondemand::value element) {
        GivenValue& given = found.emplace_back();
        return attribute_value(element, table::nesting_max, &given.value, &given.wrong);
    });
    if (done && !absent) *out = std::move(found);
    return done;
}

}  // namespace millrace::service::dynamodb
