#include "src/vtl/methods.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <re2/re2.h>

namespace millrace::vtl {
namespace {

using Arguments = std::vector<Value>;
using Answer = std::optional<Value>;

const std::string* text_at(const Arguments& arguments, size_t at) {
    return at < arguments.size() ? arguments[at].string() : nullptr;
}
std::optional<int64_t> integer_at(const Arguments& arguments, size_t at) {
    const int64_t* value = at < arguments.size() ? arguments[at].integer() : nullptr;
    return value ? std::optional<int64_t>(*value) : std::nullopt;
}

Value number(size_t value) {
    return static_cast<int64_t>(value);
}
// What a method without a result answers: Velocity prints nothing.
Value nothing() {
    return "";
}

Value position(size_t at) {
    return at == std::string::npos ? int64_t{-1} : static_cast<int64_t>(at);
}

std::string cased(std::string text, bool upper) {
    for (char& c : text) {
        if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return text;
}

std::string trimmed(std::string_view text) {
    const auto space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!text.empty() && space(text.front())) text.remove_prefix(1);
    while (!text.empty() && space(text.back())) text.remove_suffix(1);
    return std::string(text);
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to, size_t bytes_max) {
    std::string out;
    if (from.empty()) return std::string(text);
    for (size_t at = 0;;) {
        const size_t found = text.find(from, at);
        out += text.substr(at, found == std::string_view::npos ? found : found - at);
        if (found == std::string_view::npos || out.size() > bytes_max) break;
        out += to;
        at = found + from.size();
    }
    if (out.size() > bytes_max) out.resize(bytes_max);
    return out;
}

re2::RE2::Options quiet() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    return options;
}

// Java writes groups as $1 in a replacement and escapes by \; RE2 writes \1.
std::string re2_replacement(std::string_view java) {
    std::string out;
    for (size_t i = 0; i < java.size(); ++i) {
        if (java[i] == '\\' && i + 1 < java.size()) {
            ++i;
            out += java[i] == '\\' ? "\\\\" : std::string(1, java[i]);
        } else if (java[i] == '$' && i + 1 < java.size() && java[i + 1] >= '0' && java[i + 1] <= '9') {
            out += '\\';
            out += java[++i];
        } else {
            out += java[i];
        }
    }
    return out;
}

Answer replace_matches(const std::string& text, const std::string& pattern, const std::string& replacement, bool all,
                       size_t bytes_max) {
    const re2::RE2 expression(pattern, quiet());
    std::string out = text;
    if (!expression.ok()) return std::nullopt;
    const std::string rewrite = re2_replacement(replacement);
    std::string problem;
    if (!expression.CheckRewriteString(rewrite, &problem)) return std::nullopt;
    // One replacement a byte of text and one more, each with the whole text for a group at the most.
    if (all && replacement.size() * (text.size() + 1) > bytes_max) return std::nullopt;
    all ? static_cast<void>(re2::RE2::GlobalReplace(&out, expression, rewrite))
        : static_cast<void>(re2::RE2::Replace(&out, expression, rewrite));
    if (out.size() > bytes_max) out.resize(bytes_max);
    return out;
}

// As Java's split: trailing empty parts are dropped, unless a limit is given.
Answer split(const std::string& text, const std::string& pattern, int64_t limit) {
    const re2::RE2 expression(pattern, quiet());
    if (!expression.ok()) return std::nullopt;
    List parts;
    size_t begin = 0;
    for (size_t at = 0; at <= text.size();) {
        re2::StringPiece match;
        if (limit > 0 && static_cast<int64_t>(parts.size()) + 1 == limit) break;
        if (!expression.Match(text, at, text.size(), re2::RE2::UNANCHORED, &match, 1)) break;
        const auto found = static_cast<size_t>(match.data() - text.data());
        if (match.empty()) {
            at = found + 1;
            if (found == 0 || found >= text.size()) continue;
            parts.emplace_back(text.substr(begin, found - begin));
            begin = found;
            continue;
        }
        parts.emplace_back(text.substr(begin, found - begin));
        begin = at = found + match.size();
    }
    parts.emplace_back(text.substr(begin));
    if (limit == 0) {
        while (parts.size() > 1 && parts.back().string()->empty()) parts.pop_back();
    }
    return make_list(std::move(parts));
}

// Java's String.hashCode, over the bytes: the same for ASCII.
Value hash_code(const std::string& text) {
    uint32_t hash = 0;
    for (const char c : text) hash = 31 * hash + static_cast<unsigned char>(c);
    return int64_t{static_cast<int32_t>(hash)};
}

Value characters(std::string_view text) {
    List out;
    for (size_t at = 0; at < text.size();) {
        size_t end = at + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
        out.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return make_list(std::move(out));
}

Answer call_string(const std::string& text, std::string_view name, const Arguments& arguments, size_t bytes_max) {
    const std::string* first = text_at(arguments, 0);
    const std::string* second = text_at(arguments, 1);
    const std::optional<int64_t> from = integer_at(arguments, 0), to = integer_at(arguments, 1);
    switch (arguments.size()) {
        case 0:
            if (name == "length") return number(text.size());
            if (name == "isEmpty") return text.empty();
            if (name == "toLowerCase") return cased(text, false);
            if (name == "toUpperCase") return cased(text, true);
            if (name == "trim" || name == "strip") return trimmed(text);
            if (name == "isBlank") return trimmed(text).empty();
            if (name == "hashCode") return hash_code(text);
            if (name == "toCharArray") return characters(text);
            break;
        case 1:
            if (name == "equals") return first != nullptr && text == *first;
            if (first) {
                if (name == "contains") return text.find(*first) != std::string::npos;
                if (name == "startsWith") return text.starts_with(*first);
                if (name == "endsWith") return text.ends_with(*first);
                if (name == "indexOf") return position(text.find(*first));
                if (name == "lastIndexOf") return position(text.rfind(*first));
                if (name == "equalsIgnoreCase") return cased(text, false) == cased(*first, false);
                if (name == "compareTo") return int64_t{text.compare(*first)};
                if (name == "concat") return text + *first;
                if (name == "matches") {
                    const re2::RE2 expression(*first, quiet());
                    return expression.ok() && re2::RE2::FullMatch(text, expression);
                }
                if (name == "split") return split(text, *first, 0);
            }
            if (from && name == "repeat" && *from >= 0) {
                if (text.size() * static_cast<size_t>(std::min<int64_t>(*from, 1 << 30)) > bytes_max) break;
                std::string out;
                for (int64_t i = 0; i < *from && !text.empty(); ++i) out += text;
                return out;
            }
            if (from && name == "substring" && *from >= 0 && static_cast<size_t>(*from) <= text.size()) {
                return text.substr(static_cast<size_t>(*from));
            }
            if (from && name == "charAt" && *from >= 0 && static_cast<size_t>(*from) < text.size()) {
                return std::string(1, text[static_cast<size_t>(*from)]);
            }
            break;
        case 2:
            if (first && second) {
                if (name == "replace") return replaced(text, *first, *second, bytes_max);
                if (name == "replaceAll") return replace_matches(text, *first, *second, true, bytes_max);
                if (name == "replaceFirst") return replace_matches(text, *first, *second, false, bytes_max);
            }
            if (first && to) {
                const auto at = static_cast<size_t>(std::max<int64_t>(*to, 0));
                if (name == "indexOf") return position(at > text.size() ? std::string::npos : text.find(*first, at));
                if (name == "lastIndexOf") return *to < 0 ? Value(int64_t{-1}) : position(text.rfind(*first, at));
                if (name == "startsWith") return at <= text.size() && text.substr(at).starts_with(*first);
                if (name == "split") return split(text, *first, *to);
            }
            if (from && to && name == "substring" && *from >= 0 && *from <= *to &&
                static_cast<size_t>(*to) <= text.size()) {
                return text.substr(static_cast<size_t>(*from), static_cast<size_t>(*to - *from));
            }
            break;
        default:
            break;
    }
    return std::nullopt;
}

// containsAll, removeAll and retainAll; nullopt where `with` is no list or the two are too large to compare.
Answer compare_all(List& list, std::string_view name, const Value& with) {
    const List* other = with.list();
    if (!other || list.size() * other->size() > 1'000'000) return std::nullopt;
    const List wanted = *other;  // it may be the list itself
    const auto among = [](const List& of, const Value& value) {
        return std::find(of.begin(), of.end(), value) != of.end();
    };
    if (name == "containsAll") {
        return std::all_of(wanted.begin(), wanted.end(), [&](const Value& value) { return among(list, value); });
    }
    const bool keep = name == "retainAll";
    return std::erase_if(list, [&](const Value& value) { return among(wanted, value) != keep; }) > 0;
}

Answer call_list(List& list, std::string_view name, const Arguments& arguments) {
    const bool holds = name.starts_with("add") || name == "set";
    for (const Value& argument : arguments) {
        if (holds && !may_hold(&list, argument)) return std::nullopt;
    }
    const std::optional<int64_t> at = integer_at(arguments, 0);
    const auto valid = [&](size_t end) { return at && *at >= 0 && static_cast<size_t>(*at) < end; };
    switch (arguments.size()) {
        case 0:
            if (name == "size" || name == "length") return number(list.size());
            if (name == "isEmpty") return list.empty();
            if (name == "clear") {
                list.clear();
                return nothing();
            }
            if (name == "toArray") return make_list(List(list.begin(), list.end()));
            break;
        case 1: {
            if (name == "get") return valid(list.size()) ? Answer(list[static_cast<size_t>(*at)]) : std::nullopt;
            if (name == "add") {
                list.push_back(arguments[0]);
                return true;
            }
            if (name == "addAll") {
                const List* more = arguments[0].list();
                if (!more) break;
                const List copy = *more;  // it may be the list itself
                list.insert(list.end(), copy.begin(), copy.end());
                return true;
            }
            if (name == "containsAll" || name == "removeAll" || name == "retainAll")
                return compare_all(list, name, arguments[0]);
            const auto found = std::find(list.begin(), list.end(), arguments[0]);
            if (name == "contains") return found != list.end();
            if (name == "indexOf") return found == list.end() ? int64_t{-1} : int64_t{found - list.begin()};
            if (name == "lastIndexOf") {
                const auto last = std::find(list.rbegin(), list.rend(), arguments[0]);
                return int64_t{list.rend() - last - 1};
            }
            if (name == "remove") {
                if (valid(list.size())) {
                    Value gone = list[static_cast<size_t>(*at)];
                    list.erase(list.begin() + *at);
                    return gone;
                }
                if (found == list.end()) return false;
                list.erase(found);
                return true;
            }
            break;
        }
        case 2:
            if (name == "add" && valid(list.size() + 1)) {
                list.insert(list.begin() + *at, arguments[1]);
                return nothing();
            }
            if (name == "set" && valid(list.size())) return std::exchange(list[static_cast<size_t>(*at)], arguments[1]);
            if (const auto to = integer_at(arguments, 1); name == "subList" && to && valid(list.size() + 1) &&
                                                          *at <= *to && static_cast<size_t>(*to) <= list.size()) {
                return make_list(List(list.begin() + *at, list.begin() + *to));
            }
            break;
        default:
            break;
    }
    return std::nullopt;
}

Answer call_map(Map& map, std::string_view name, const Arguments& arguments) {
    if (arguments.empty()) {
        if (name == "size") return number(map.size());
        if (name == "isEmpty") return map.size() == 0;
        if (name == "clear") {
            map.clear();
            return nothing();
        }
        List out;
        if (name == "keySet" || name == "values" || name == "entrySet") {
            for (const auto& [key, value] : map.entries()) {
                if (name == "keySet") {
                    out.emplace_back(key);
                } else if (name == "values") {
                    out.push_back(value);
                } else {
                    auto entry = std::make_shared<Map>();
                    entry->put("key", key);
                    entry->put("value", value);
                    out.emplace_back(std::move(entry));
                }
            }
            return make_list(std::move(out));
        }
        return std::nullopt;
    }
    for (const Value& argument : arguments) {
        if (name.starts_with("put") && !may_hold(&map, argument)) return std::nullopt;
    }
    if (name == "putAll" && arguments.size() == 1 && arguments[0].map()) {
        const std::vector<Map::Entry> copy = arguments[0].map()->entries();
        for (const auto& [key, value] : copy) map.put(key, value);
        return nothing();
    }
    if (name == "containsValue" && arguments.size() == 1) {
        return std::any_of(map.entries().begin(), map.entries().end(),
                           [&](const Map::Entry& entry) { return entry.second.equals(arguments[0]); });
    }
    const std::string key = arguments[0].text();
    const Value* found = map.find(key);
    if (name == "get" && arguments.size() == 1) return found ? *found : Value();
    if (name == "containsKey" && arguments.size() == 1) return found != nullptr;
    if (name == "getOrDefault" && arguments.size() == 2) return found ? *found : arguments[1];
    if (name == "put" && arguments.size() == 2) {
        Value before = found ? *found : Value();
        map.put(key, arguments[1]);
        return before;
    }
    if (name == "putIfAbsent" && arguments.size() == 2) {
        if (found && !found->is_null()) return *found;
        map.put(key, arguments[1]);
        return Value();
    }
    if (name == "remove" && arguments.size() == 1) {
        Value before = found ? *found : Value();
        map.remove(key);
        return before;
    }
    return std::nullopt;
}

// $x.parseInt("5"), where $x is any Integer, is how templates come to static methods.
Answer call_number(const Value& on, std::string_view name, const Arguments& arguments) {
    if (arguments.empty()) {
        if (name == "intValue" || name == "longValue") {
            return on.integer() ? *on.integer() : static_cast<int64_t>(std::clamp(on.number(), -9.2e18, 9.2e18));
        }
        if (name == "doubleValue" || name == "floatValue") return on.number();
        return std::nullopt;
    }
    if (arguments.size() != 1) return std::nullopt;
    if (name == "equals") return on.equals(arguments[0]);
    if (name == "compareTo" && arguments[0].is_number()) {
        return int64_t{on.number() < arguments[0].number() ? -1 : on.number() > arguments[0].number() ? 1 : 0};
    }
    if (const std::string* text = arguments[0].string()) {
        const bool whole = name == "parseInt" || name == "parseLong" || (name == "valueOf" && on.integer());
        const bool fraction = name == "parseDouble" || name == "parseFloat" || (name == "valueOf" && on.real());
        int64_t integer = 0;
        double real = 0;
        const char* end = text->data() + text->size();
        if (whole && !text->empty() && std::from_chars(text->data(), end, integer).ptr == end) return integer;
        if (fraction && !text->empty() && std::from_chars(text->data(), end, real).ptr == end) return real;
    }
    return std::nullopt;
}

}  // namespace

Answer call_method(const Value& on, std::string_view name, const Arguments& arguments, size_t bytes_max) {
    if (const Object* object = on.object()) return object->call(name, arguments);
    if (name == "toString" && arguments.empty() && !on.is_null()) {
        std::string out;
        on.append_text(&out, bytes_max);
        return out;
    }
    if (const std::string* text = on.string()) return call_string(*text, name, arguments, bytes_max);
    if (List* list = on.list()) return call_list(*list, name, arguments);
    if (Map* map = on.map()) {
        // An entry of entrySet() answers getKey() and getValue().
        if (arguments.empty() && name.size() > 3 && name.starts_with("get")) return get_property(on, name.substr(3));
        return call_map(*map, name, arguments);
    }
    if (on.is_number()) return call_number(on, name, arguments);
    if (on.boolean() && name == "equals" && arguments.size() == 1) return on.equals(arguments[0]);
    return std::nullopt;
}

Answer get_property(const Value& on, std::string_view name) {
    if (const Object* object = on.object()) return object->property(name);
    if (const Map* map = on.map()) {
        if (const Value* found = map->find(name)) return *found;
        std::string lower(name);
        if (!lower.empty() && lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] + 32);
        if (const Value* found = map->find(lower)) return *found;
        if (name == "empty") return map->size() == 0;
        return std::nullopt;
    }
    if (const List* list = on.list()) return name == "empty" ? Answer(list->empty()) : std::nullopt;
    if (const std::string* text = on.string()) {
        if (name == "empty") return text->empty();
        if (name == "bytes") return *text;
    }
    return std::nullopt;
}

Answer get_index(const Value& on, const Value& index) {
    if (const List* list = on.list()) {
        const int64_t* at = index.integer();
        if (!at) return std::nullopt;
        const int64_t from_end = *at < 0 ? *at + static_cast<int64_t>(list->size()) : *at;
        if (from_end < 0 || static_cast<size_t>(from_end) >= list->size()) return std::nullopt;
        return (*list)[static_cast<size_t>(from_end)];
    }
    if (const Map* map = on.map()) {
        const Value* found = map->find(index.text());
        return found ? Answer(*found) : std::nullopt;
    }
    if (const Object* object = on.object()) return object->property(index.text());
    return std::nullopt;
}

}  // namespace millrace::vtl
