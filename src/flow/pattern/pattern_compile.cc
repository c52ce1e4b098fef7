// From a pattern's text to nodes. The rules and the sentences are those of the engine that AWS publishes as
// event-ruler, which Lambda and EventBridge run.
#include <algorithm>
#include <limits>

#include "src/flow/pattern/nodes.h"

namespace millrace::flow::pattern {
namespace {

using Kind = JsonTree::Kind;
using ObjectPtr = std::shared_ptr<const Pattern::Object>;

Error wrong(std::string sentence) {
    return {ErrorCode::invalid_argument, std::move(sentence)};
}

// What may not name a field inside $or, because it would read as an operator.
bool reserved_in_or(std::string_view name) {
    for (const std::string_view word : {"prefix", "suffix", "numeric", "anything-but", "exists", "cidr", "exactly",
                                        "equals-ignore-case", "wildcard", "equals"}) {
        if (name == word) return true;
    }
    return false;
}

Result<Affix> affix(Affix::End end, const JsonTree& value) {
    const std::string word = end == Affix::End::prefix ? "prefix" : "suffix";
    if (value.kind == Kind::object) {
        if (value.children.size() != 1) return wrong("Only one key allowed in match expression");
        if (value.children[0].name != "equals-ignore-case")
            return wrong("Unsupported " + word + " pattern: " + value.children[0].name);
        const JsonTree& text = value.children[0];
        if (text.kind != Kind::string) return wrong("equals-ignore-case match pattern must be a string");
        return Affix{end, true, text.text};
    }
    if (value.kind != Kind::string) return wrong(word + " match pattern must be a string");
    return Affix{end, false, value.text};
}

Result<double> number(const JsonTree& array, size_t at, const std::string& what) {
    if (at >= array.children.size() || array.children[at].kind != Kind::number)
        return wrong("Value of " + what + " must be numeric");
    return array.children[at].number;
}

Result<Matcher> numeric(const JsonTree& value) {
    if (value.kind != Kind::array) return wrong("Value of numeric must be an array.");
    const size_t count = value.children.size();
    if (count == 0 || value.children[0].kind != Kind::string)
        return wrong("Invalid member in numeric match: " + (count == 0 ? "]" : value.children[0].text));
    const std::string& first = value.children[0].text;
    const bool lower = first == ">" || first == ">=", upper = first == "<" || first == "<=";
    if (!lower && !upper && first != "=") return wrong("Unrecognized numeric range operator: " + first);
    TRY_ASSIGN(const double bound, number(value, 1, first == "=" ? "equals" : first));
    constexpr double infinity = std::numeric_limits<double>::infinity();
    NumericRange range{-infinity, infinity};
    if (!upper) {
        range.low = bound;
        range.low_open = first == ">";
    }
    if (!lower) {
        range.high = bound;
        range.high_open = first == "<";
    }
    if (count == 2) return Matcher(range);
    if (!lower) return wrong("Too many elements in numeric expression");
    if (value.children[2].kind != Kind::string) return wrong("Bad value in numeric range: " + value.children[2].text);
    const std::string& second = value.children[2].text;
    if (second != "<" && second != "<=") return wrong("Bad numeric range operator: " + second);
    TRY_ASSIGN(range.high, number(value, 3, second));
    range.high_open = second == "<";
    if (count > 4) return wrong("Too many terms in numeric range expression");
    if (!(range.low < range.high)) return wrong("Bottom must be less than top");
    return Matcher(range);
}

Result<std::vector<const JsonTree*>> texts_of(const JsonTree& value, std::string_view sentence) {
    std::vector<const JsonTree*> out;
    if (value.kind == Kind::array) {
        for (const JsonTree& element : value.children) out.push_back(&element);
    } else {
        out.push_back(&value);
    }
    if (out.empty()) return wrong("Empty arrays are not allowed");
    for (const JsonTree* each : out) {
        if (each->kind != Kind::string) return wrong(std::string(sentence));
    }
    return out;
}

Result<Matcher> anything_but_expression(const JsonTree& value) {
    if (value.children.empty()) return wrong("Anything-But expression name not found");
    if (value.children.size() > 1) return wrong("Only one key allowed in match expression");
    const JsonTree& operand = value.children[0];
    const std::string& name = operand.name;
    AnythingBut out;
    if (name == "prefix" || name == "suffix") {
        TRY_ASSIGN(const auto texts, texts_of(operand, "prefix/suffix match pattern must be a string"));
        for (const JsonTree* text : texts) {
            if (text->text.empty()) return wrong("Null prefix/suffix not allowed");
            out.values.push_back(Affix{name == "prefix" ? Affix::End::prefix : Affix::End::suffix, false, text->text});
        }
    } else if (name == "equals-ignore-case") {
        TRY_ASSIGN(const auto texts, texts_of(operand,
                                              "Inside anything-but/equals-ignore-case list, number|start|null|"
                                              "boolean is not supported."));
        for (const JsonTree* text : texts) out.values.push_back(IgnoreCase{text->text});
    } else if (name == "wildcard") {
        TRY_ASSIGN(const auto texts, texts_of(operand, "wildcard match pattern must be a string"));
        for (const JsonTree* text : texts) {
            TRY_ASSIGN(Wildcard wildcard, Wildcard::parse(text->text));
            out.values.push_back(std::move(wildcard));
        }
    } else {
        return wrong("Unsupported anything-but pattern: " + name);
    }
    return Matcher(std::move(out));
}

Result<Matcher> anything_but(const JsonTree& value) {
    if (value.kind == Kind::object) return anything_but_expression(value);
    AnythingBut out;
    if (value.kind == Kind::string || value.kind == Kind::number) {
        out.values.push_back(Exact{value.kind, value.text, value.number});
    } else if (value.kind == Kind::array) {
        for (const JsonTree& element : value.children) {
            if (element.kind != Kind::string && element.kind != Kind::number)
                return wrong("Inside anything but list, start|null|boolean is not supported.");
            out.values.push_back(Exact{element.kind, element.text, element.number});
        }
        if (value.children.empty() || std::any_of(value.children.begin(), value.children.end(), [&](const auto& child) {
                return child.kind != value.children[0].kind;
            }))
            return wrong(
                "Inside anything but list, either all values are number or string, mixed type is not supported");
    } else {
        return wrong("Value of anything-but must be an array or single string/number value.");
    }
    return Matcher(std::move(out));
}

Result<Matcher> expression(const JsonTree& object) {
    if (object.children.empty()) return wrong("Match expression name not found");
    if (object.children.size() > 1) return wrong("Only one key allowed in match expression");
    const JsonTree& value = object.children[0];
    const std::string& name = value.name;
    if (name == "prefix" || name == "suffix") {
        TRY_ASSIGN(Affix out, affix(name == "prefix" ? Affix::End::prefix : Affix::End::suffix, value));
        return Matcher(std::move(out));
    }
    if (name == "numeric") return numeric(value);
    if (name == "anything-but") return anything_but(value);
    if (name == "exists") {
        if (value.kind != Kind::boolean) return wrong("exists match pattern must be either true or false.");
        return Matcher(Exists{value.text == "true"});
    }
    if (name != "exactly" && name != "equals-ignore-case" && name != "wildcard" && name != "cidr")
        return wrong("Unrecognized match type " + name);
    if (value.kind != Kind::string)
        return wrong((name == "exactly" ? std::string("exact") : name) + " match pattern must be a string");
    if (name == "exactly") return Matcher(Exact{Kind::string, value.text});
    if (name == "equals-ignore-case") return Matcher(IgnoreCase{value.text});
    if (name == "cidr") {
        TRY_ASSIGN(AddressBlock block, AddressBlock::parse(value.text));
        return Matcher(block);
    }
    TRY_ASSIGN(Wildcard wildcard, Wildcard::parse(value.text));
    return Matcher(std::move(wildcard));
}

Result<Values> values_of(const JsonTree& array, const std::vector<std::string>& path) {
    if (array.children.empty()) return wrong("Empty arrays are not allowed");
    Values out;
    out.path = path;
    for (const JsonTree& value : array.children) {
        if (value.kind == Kind::object) {
            TRY_ASSIGN(Matcher matcher, expression(value));
            out.any.push_back(std::move(matcher));
        } else if (value.kind == Kind::array) {
            return wrong("Match value must be String, number, true, false, or null");
        } else {
            out.any.push_back(Exact{value.kind, value.text, value.number});
        }
    }
    return out;
}

class Compiler {
  public:
    Result<ObjectPtr> object(const JsonTree& tree, bool in_or) {
        if (tree.children.empty()) return wrong("Empty objects are not allowed");
        auto out = std::make_shared<Pattern::Object>();
        for (const JsonTree& value : tree.children) {
            const std::string& name = value.name;
            if (name == "$or") {
                TRY_ASSIGN(auto alternatives, either(value));
                out->ors.push_back(std::move(alternatives));
                continue;
            }
            if (in_or && reserved_in_or(name))
                return wrong(name + " is Ruler reserved fieldName which cannot be used inside $or.");
            path_.push_back(name);
            if (value.kind == Kind::object) {
                TRY_ASSIGN(ObjectPtr child, object(value, in_or));
                out->fields.emplace_back(name, std::move(child));
            } else if (value.kind == Kind::array) {
                TRY_ASSIGN(Values values, values_of(value, path_));
                put(std::move(values), name, out.get());
            } else {
                return wrong("\"" + name + "\" must be an object or an array");
            }
            path_.pop_back();
        }
        return ObjectPtr(std::move(out));
    }

  private:
    // Of a field that is named twice the last counts.
    static void put(Values values, const std::string& name, Pattern::Object* out) {
        for (auto& [known, node] : out->fields) {
            if (known != name || !std::holds_alternative<Values>(node)) continue;
            node = std::move(values);
            return;
        }
        out->fields.emplace_back(name, std::move(values));
    }

    Result<std::vector<ObjectPtr>> either(const JsonTree& value) {
        if (value.kind != Kind::array) return wrong("It must be an Array followed with $or.");
        std::vector<ObjectPtr> out;
        for (const JsonTree& each : value.children) {
            if (each.kind != Kind::object) return wrong("Only JSON object is allowed in array of $or relationship.");
            TRY_ASSIGN(ObjectPtr alternative, object(each, true));
            out.push_back(std::move(alternative));
        }
        if (out.size() < 2) return wrong("There must have at least 2 Objects in $or relationship.");
        alternatives_ *= out.size();
        if (alternatives_ > alternatives_max)
            return wrong("The number of $or combinations exceeds " + std::to_string(alternatives_max));
        return out;
    }

    std::vector<std::string> path_;
    size_t alternatives_ = 1;
};

}  // namespace

Result<Pattern> Pattern::compile(std::string_view json) {
    if (json.size() > pattern_bytes_max)
        return wrong("The pattern is longer than " + std::to_string(pattern_bytes_max) + " bytes");
    auto tree = parse_json(json);
    if (!tree.ok()) return wrong("Invalid JSON");
    if (tree->kind != Kind::object) return wrong("Filter is not an object");
    Pattern out;
    TRY_ASSIGN(out.root_, Compiler().object(*tree, false));
    return out;
}

}  // namespace millrace::flow::pattern
