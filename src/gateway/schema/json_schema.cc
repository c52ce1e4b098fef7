#include "src/gateway/schema/json_schema.h"

#include <cmath>
#include <map>

#include <re2/re2.h>

namespace millrace::gateway {
namespace {

using vtl::List;
using vtl::Map;
using vtl::Value;

constexpr int depth_max = 64;  // of a value, and of references within each other
constexpr size_t problems_max = 20;
constexpr size_t comparisons_max = 200'000;  // of one body, over all: uniqueItems and oneOf can ask for many

// One schema object with what it asserts.
struct Node {
    const Node* same_as = nullptr;  // $ref: nothing else counts
    std::vector<std::string> types;
    std::optional<double> minimum, maximum, multiple_of;
    bool exclusive_minimum = false, exclusive_maximum = false;
    std::optional<size_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
    std::unique_ptr<re2::RE2> pattern;
    std::optional<List> values;  // enum
    bool unique_items = false;
    const Node* items = nullptr;  // of every item
    std::vector<const Node*> item_list;
    bool additional_items = true;
    const Node* additional_items_schema = nullptr;
    std::vector<std::string> required;
    std::map<std::string, const Node*, std::less<>> properties;
    std::vector<std::pair<std::unique_ptr<re2::RE2>, const Node*>> pattern_properties;
    bool additional_properties = true;
    const Node* additional_properties_schema = nullptr;
    std::map<std::string, std::vector<std::string>> needed_names;  // dependencies
    std::map<std::string, const Node*> needed_schemas;
    std::vector<const Node*> all_of, any_of, one_of;
    const Node* not_ = nullptr;
};

Error wrong(const std::string& what) {
    return {ErrorCode::invalid_argument, what};
}

Result<std::unique_ptr<re2::RE2>> expression(const std::string& pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto made = std::make_unique<re2::RE2>(pattern, options);
    if (!made->ok()) return wrong("The pattern \"" + pattern + "\" can not be used: " + made->error());
    return made;
}

class Compiled final : public JsonSchema {
  public:
    std::vector<std::string> problems(const Value& value) const override;

    const Node* root = nullptr;
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::unique_ptr<Value>> documents;
};

// Walks a document by a JSON pointer; null where there is nothing.
const Value* at_pointer(const Value& document, std::string_view pointer) {
    const Value* at = &document;
    while (!pointer.empty()) {
        if (pointer.front() != '/') return nullptr;
        pointer.remove_prefix(1);
        const size_t end = std::min(pointer.find('/'), pointer.size());
        std::string name;
        for (size_t i = 0; i < end; ++i) {
            const bool escape = pointer[i] == '~' && i + 1 < end;
            name += escape ? (pointer[i + 1] == '1' ? '/' : '~') : pointer[i];
            if (escape) ++i;
        }
        pointer.remove_prefix(end);
        if (const Map* map = at->map()) {
            at = map->find(name);
        } else if (const List* list = at->list()) {
            const size_t index = static_cast<size_t>(std::atoll(name.c_str()));
            at = index < list->size() ? &(*list)[index] : nullptr;
        } else {
            at = nullptr;
        }
        if (at == nullptr) return nullptr;
    }
    return at;
}

class Compiler {
  public:
    Compiler(Compiled& out, const JsonSchema::Lookup& lookup) : out_(out), lookup_(lookup) {}

    Result<const Node*> document(std::string_view text) {
        std::optional<Value> value = vtl::parse_json(text);
        if (!value || value->map() == nullptr) return wrong("The schema is no JSON object.");
        out_.documents.push_back(std::make_unique<Value>(std::move(*value)));
        const Value& kept = *out_.documents.back();
        return schema(kept, kept);
    }

  private:
    Result<const Node*> schema(const Value& value, const Value& document) {
        const Map* map = value.map();
        if (map == nullptr) return wrong("A schema has to be an object.");
        if (const auto known = made_.find(map); known != made_.end()) return known->second;
        if (++depth_ > depth_max || out_.nodes.size() > 10'000) return wrong("The schema is nested too deep.");
        out_.nodes.push_back(std::make_unique<Node>());
        Node& node = *out_.nodes.back();
        made_[map] = &node;  // before it is filled: schemas may refer to themselves
        TRY(fill(node, *map, document));
        --depth_;
        return &node;
    }

    Status fill(Node& node, const Map& map, const Value& document) {
        if (const Value* reference = map.find("$ref"); reference != nullptr && reference->string() != nullptr) {
            TRY_ASSIGN(node.same_as, refer(*reference->string(), document));
            return {};
        }
        TRY(simple(node, map));
        TRY(arrays(node, map, document));
        TRY(objects(node, map, document));
        TRY(all(map, "allOf", document, &node.all_of));
        TRY(all(map, "anyOf", document, &node.any_of));
        TRY(all(map, "oneOf", document, &node.one_of));
        return maybe(map, "not", document, &node.not_);
    }

    Result<const Node*> refer(const std::string& reference, const Value& document) {
        const size_t hash = std::min(reference.find('#'), reference.size());
        const std::string base = reference.substr(0, hash);
        const std::string pointer = hash < reference.size() ? reference.substr(hash + 1) : "";
        const Value* in = &document;
        if (!base.empty()) {
            auto other = others_.find(base);
            if (other == others_.end()) {
                const std::optional<std::string> text = lookup_(base);
                if (!text) return wrong("The reference \"" + reference + "\" names no model.");
                std::optional<Value> value = vtl::parse_json(*text);
                if (!value) return wrong("The model that \"" + reference + "\" names is no JSON.");
                out_.documents.push_back(std::make_unique<Value>(std::move(*value)));
                other = others_.emplace(base, out_.documents.back().get()).first;
            }
            in = other->second;
        }
        const Value* found = at_pointer(*in, pointer);
        if (found == nullptr) return wrong("The reference \"" + reference + "\" leads nowhere.");
        return schema(*found, *in);
    }

    Status simple(Node& node, const Map& map) {
        if (const Value* type = map.find("type")) {
            if (const std::string* one = type->string()) node.types.push_back(*one);
            if (const List* list = type->list()) {
                for (const Value& each : *list) node.types.push_back(each.text());
            }
            for (const std::string& name : node.types) {
                static constexpr std::string_view known[] = {"string", "number", "integer", "boolean",
                                                             "array",  "object", "null",    "any"};
                if (std::find(std::begin(known), std::end(known), name) == std::end(known))
                    return wrong("There is no type \"" + name + "\" in JSON Schema.");
            }
        }
        number(map, "minimum", &node.minimum);
        number(map, "maximum", &node.maximum);
        number(map, "multipleOf", &node.multiple_of);
        if (node.multiple_of && *node.multiple_of <= 0) return wrong("multipleOf has to be greater than 0.");
        node.exclusive_minimum = flag(map, "exclusiveMinimum");
        node.exclusive_maximum = flag(map, "exclusiveMaximum");
        count(map, "minLength", &node.min_length);
        count(map, "maxLength", &node.max_length);
        count(map, "minItems", &node.min_items);
        count(map, "maxItems", &node.max_items);
        count(map, "minProperties", &node.min_properties);
        count(map, "maxProperties", &node.max_properties);
        node.unique_items = flag(map, "uniqueItems");
        if (const Value* pattern = map.find("pattern"); pattern != nullptr && pattern->string() != nullptr) {
            TRY_ASSIGN(node.pattern, expression(*pattern->string()));
        }
        if (const Value* values = map.find("enum"); values != nullptr && values->list() != nullptr)
            node.values = *values->list();
        return {};
    }

    Status arrays(Node& node, const Map& map, const Value& document) {
        if (const Value* items = map.find("items"); items != nullptr && items->list() != nullptr) {
            TRY(all(map, "items", document, &node.item_list));
            const Value* more = map.find("additionalItems");
            if (more != nullptr && more->boolean() != nullptr) node.additional_items = *more->boolean();
            if (more != nullptr && more->map() != nullptr)
                TRY(maybe(map, "additionalItems", document, &node.additional_items_schema));
            return {};
        }
        return maybe(map, "items", document, &node.items);
    }

    Status objects(Node& node, const Map& map, const Value& document) {
        if (const Value* required = map.find("required"); required != nullptr && required->list() != nullptr) {
            for (const Value& name : *required->list()) node.required.push_back(name.text());
        }
        for (const auto& [name, value] : entries(map, "properties")) {
            TRY_ASSIGN(node.properties[name], schema(value, document));
        }
        for (const auto& [pattern, value] : entries(map, "patternProperties")) {
            TRY_ASSIGN(auto compiled, expression(pattern));
            TRY_ASSIGN(const Node* const of, schema(value, document));
            node.pattern_properties.emplace_back(std::move(compiled), of);
        }
        const Value* more = map.find("additionalProperties");
        if (more != nullptr && more->boolean() != nullptr) node.additional_properties = *more->boolean();
        if (more != nullptr && more->map() != nullptr)
            TRY(maybe(map, "additionalProperties", document, &node.additional_properties_schema));
        for (const auto& [name, value] : entries(map, "dependencies")) {
            if (const List* names = value.list()) {
                for (const Value& each : *names) node.needed_names[name].push_back(each.text());
            } else {
                TRY_ASSIGN(node.needed_schemas[name], schema(value, document));
            }
        }
        return {};
    }

    Status maybe(const Map& map, std::string_view name, const Value& document, const Node** out) {
        const Value* value = map.find(name);
        if (value == nullptr) return {};
        TRY_ASSIGN(*out, schema(*value, document));
        return {};
    }
    Status all(const Map& map, std::string_view name, const Value& document, std::vector<const Node*>* out) {
        const Value* value = map.find(name);
        if (value == nullptr) return {};
        if (value->list() == nullptr) return wrong("\"" + std::string(name) + "\" has to be a list of schemas.");
        for (const Value& each : *value->list()) {
            TRY_ASSIGN(const Node* const one, schema(each, document));
            out->push_back(one);
        }
        return {};
    }
    static std::vector<Map::Entry> entries(const Map& map, std::string_view name) {
        const Value* value = map.find(name);
        return value == nullptr || value->map() == nullptr ? std::vector<Map::Entry>() : value->map()->entries();
    }
    static void number(const Map& map, std::string_view name, std::optional<double>* out) {
        const Value* value = map.find(name);
        if (value != nullptr && value->is_number()) *out = value->number();
    }
    static void count(const Map& map, std::string_view name, std::optional<size_t>* out) {
        const Value* value = map.find(name);
        if (value != nullptr && value->is_number() && value->number() >= 0)
            *out = static_cast<size_t>(std::min(value->number(), 1e15));
    }
    static bool flag(const Map& map, std::string_view name) {
        const Value* value = map.find(name);
        return value != nullptr && value->boolean() != nullptr && *value->boolean();
    }

    Compiled& out_;
    const JsonSchema::Lookup& lookup_;
    std::map<const Map*, const Node*> made_;
    std::map<std::string, const Value*> others_;
    int depth_ = 0;
};

std::string type_of(const Value& value) {
    if (value.is_null()) return "null";
    if (value.boolean() != nullptr) return "boolean";
    if (value.integer() != nullptr || value.huge() != nullptr) return "integer";
    if (value.real() != nullptr) return std::floor(*value.real()) == *value.real() ? "integer" : "number";
    if (value.string() != nullptr) return "string";
    return value.list() != nullptr ? "array" : "object";
}

size_t characters(const std::string& text) {
    size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

// Equal as JSON has it: 1 is not "1".
bool same(const Value& a, const Value& b) {
    return type_of(a) == type_of(b) || (a.is_number() && b.is_number()) ? a.equals(b) : false;
}

std::string quoted(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "\"" : ",\"") + name + "\"";
    return out;
}

class Check {
  public:
    void node(const Node* node, const Value& value, const std::string& place, int depth) {
        while (node->same_as != nullptr && depth++ < depth_max) node = node->same_as;
        if (depth > 2 * depth_max || ++steps_ > comparisons_max) return give_up(place);
        if (problems.size() >= problems_max) return;
        types(*node, value, place);
        if (node->values && std::none_of(node->values->begin(), node->values->end(),
                                         [&](const Value& each) { return same(each, value); }))
            say(place, "instance value not found in enum");
        if (value.is_number()) numbers(*node, value.number(), place);
        if (const std::string* text = value.string()) texts(*node, *text, place);
        if (const List* list = value.list()) lists(*node, *list, place, depth);
        if (const Map* map = value.map()) maps(*node, value, *map, place, depth);
        combined(*node, value, place, depth);
    }

    // Whatever was not looked at any more may be wrong, also where "not" or "oneOf" took it for a mismatch.
    bool gave_up() const { return gave_up_; }
    std::vector<std::string> problems;

  private:
    void say(const std::string& place, const std::string& what) {
        if (problems.size() < problems_max) problems.push_back(place.empty() ? what : place + ": " + what);
    }
    void give_up(const std::string& place) {
        gave_up_ = true;
        say(place, "is too large to be validated");
    }
    bool passes(const Node* of, const Value& value, int depth) {
        Check inner;
        inner.steps_ = steps_;
        inner.node(of, value, "", depth + 1);
        steps_ = inner.steps_;
        gave_up_ = gave_up_ || inner.gave_up_;
        return inner.problems.empty();
    }

    void types(const Node& node, const Value& value, const std::string& place) {
        if (node.types.empty()) return;
        const std::string type = type_of(value);
        for (const std::string& wanted : node.types) {
            if (wanted == type || wanted == "any" || (wanted == "number" && type == "integer")) return;
        }
        say(place, "instance type (" + type + ") does not match any allowed primitive type (allowed: [" +
                       quoted(node.types) + "])");
    }
    void numbers(const Node& node, double value, const std::string& place) {
        if (node.minimum && (value < *node.minimum || (node.exclusive_minimum && value == *node.minimum)))
            say(place, "numeric instance is lower than the required minimum");
        if (node.maximum && (value > *node.maximum || (node.exclusive_maximum && value == *node.maximum)))
            say(place, "numeric instance is greater than the required maximum");
        if (node.multiple_of) {
            const double times = value / *node.multiple_of;
            if (std::fabs(times - std::round(times)) > 1e-9 * std::max(1.0, std::fabs(times)))
                say(place, "remainder of division is not zero");
        }
    }
    void texts(const Node& node, const std::string& text, const std::string& place) {
        if (node.min_length && characters(text) < *node.min_length) say(place, "string is too short");
        if (node.max_length && characters(text) > *node.max_length) say(place, "string is too long");
        if (node.pattern && !re2::RE2::PartialMatch(text, *node.pattern))
            say(place, "ECMA 262 regex \"" + node.pattern->pattern() + "\" does not match input string");
    }
    void lists(const Node& node, const List& list, const std::string& place, int depth) {
        if (node.min_items && list.size() < *node.min_items) say(place, "array is too short");
        if (node.max_items && list.size() > *node.max_items) say(place, "array is too long");
        if (node.unique_items) unique(list, place);
        for (size_t i = 0; i < list.size(); ++i) {
            const std::string at = place + "/" + std::to_string(i);
            if (node.items != nullptr) this->node(node.items, list[i], at, depth + 1);
            if (i < node.item_list.size()) this->node(node.item_list[i], list[i], at, depth + 1);
            if (!node.item_list.empty() && i >= node.item_list.size()) {
                if (!node.additional_items) return say(place, "additional items are not allowed");
                if (node.additional_items_schema != nullptr)
                    this->node(node.additional_items_schema, list[i], at, depth + 1);
            }
            if (problems.size() >= problems_max) return;
        }
    }
    void unique(const List& list, const std::string& place) {
        for (size_t i = 0; i < list.size(); ++i) {
            for (size_t j = 0; j < i; ++j) {
                if (++steps_ > comparisons_max) return give_up(place);
                if (same(list[i], list[j])) return say(place, "array must not contain duplicate elements");
            }
        }
    }
    void maps(const Node& node, const Value& value, const Map& map, const std::string& place, int depth) {
        if (node.min_properties && map.size() < *node.min_properties) say(place, "object has too few properties");
        if (node.max_properties && map.size() > *node.max_properties) say(place, "object has too many properties");
        std::vector<std::string> missing;
        for (const std::string& name : node.required) {
            if (map.find(name) == nullptr) missing.push_back(name);
        }
        if (!missing.empty()) say(place, "object has missing required properties ([" + quoted(missing) + "])");
        std::vector<std::string> unknown;
        for (const auto& [name, each] : map.entries()) {
            if (!member(node, name, each, place + "/" + name, depth)) unknown.push_back(name);
            if (problems.size() >= problems_max) return;
        }
        if (!unknown.empty())
            say(place, "object instance has properties which are not allowed by the schema: [" + quoted(unknown) + "]");
        for (const auto& [name, needed] : node.needed_names) {
            if (map.find(name) == nullptr) continue;
            for (const std::string& other : needed) {
                if (map.find(other) == nullptr) say(place, "property \"" + name + "\" needs \"" + other + "\"");
            }
        }
        for (const auto& [name, needed] : node.needed_schemas) {
            if (map.find(name) == nullptr) continue;
            this->node(needed, value, place, depth + 1);
        }
    }
    // false: the schema has no room for it.
    bool member(const Node& node, const std::string& name, const Value& value, const std::string& place, int depth) {
        bool known = false;
        if (const auto found = node.properties.find(name); found != node.properties.end()) {
            known = true;
            this->node(found->second, value, place, depth + 1);
        }
        for (const auto& [pattern, of] : node.pattern_properties) {
            if (!re2::RE2::PartialMatch(name, *pattern)) continue;
            known = true;
            this->node(of, value, place, depth + 1);
        }
        if (known) return true;
        if (node.additional_properties_schema != nullptr)
            this->node(node.additional_properties_schema, value, place, depth + 1);
        return node.additional_properties;
    }
    void combined(const Node& node, const Value& value, const std::string& place, int depth) {
        for (const Node* each : node.all_of) this->node(each, value, place, depth + 1);
        const auto matching = [&](const std::vector<const Node*>& of) {
            size_t count = 0;
            for (const Node* each : of) count += passes(each, value, depth);
            return count;
        };
        if (!node.any_of.empty() && matching(node.any_of) == 0)
            say(place,
                "instance failed to match at least one required schema among " + std::to_string(node.any_of.size()));
        if (!node.one_of.empty() && matching(node.one_of) != 1)
            say(place, "instance failed to match exactly one schema (matched " + std::to_string(matching(node.one_of)) +
                           " out of " + std::to_string(node.one_of.size()) + ")");
        if (node.not_ != nullptr && passes(node.not_, value, depth))
            say(place, "instance matched a schema which it should not have");
    }

    size_t steps_ = 0;
    bool gave_up_ = false;
};

std::vector<std::string> Compiled::problems(const Value& value) const {
    Check check;
    check.node(root, value, "", 0);
    if (check.gave_up() && check.problems.empty()) check.problems.emplace_back("is too large to be validated");
    return std::move(check.problems);
}

}  // namespace

Result<std::shared_ptr<const JsonSchema>> JsonSchema::compile(std::string_view text, const Lookup& lookup) {
    auto compiled = std::make_shared<Compiled>();
    TRY_ASSIGN(compiled->root, Compiler(*compiled, lookup).document(text));
    return std::shared_ptr<const JsonSchema>(std::move(compiled));
}

}  // namespace millrace::gateway
