#include "src/bus/input/json_slice.h"

#include <charconv>

#include "src/flow/pattern/json_tree.h"

namespace millrace::bus {
namespace {

constexpr std::string_view blanks = " \t\r\n";

void skip_blanks(std::string_view* in) {
    in->remove_prefix(std::min(in->find_first_not_of(blanks), in->size()));
}

// Takes a string with its quotes off `in`.
std::string_view take_string(std::string_view* in) {
    size_t i = 1;
    while (i < in->size() && (*in)[i] != '"') i += (*in)[i] == '\\' ? 2 : 1;
    const std::string_view out = in->substr(0, std::min(i + 1, in->size()));
    in->remove_prefix(out.size());
    return out;
}

// Takes a whole value off `in`, whatever it is.
std::string_view take_value(std::string_view* in) {
    skip_blanks(in);
    const std::string_view from = *in;
    if (in->starts_with('"')) return take_string(in);
    size_t depth = 0;
    while (!in->empty()) {
        const char c = in->front();
        if (c == '"') {
            take_string(in);
            continue;
        }
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') {
            if (depth == 0) break;
            in->remove_prefix(1);
            if (--depth == 0) break;
            continue;
        }
        if (depth == 0 && (c == ',' || blanks.find(c) != std::string_view::npos)) break;
        in->remove_prefix(1);
    }
    return from.substr(0, from.size() - in->size());
}

bool take(char c, std::string_view* in) {
    skip_blanks(in);
    if (!in->starts_with(c)) return false;
    in->remove_prefix(1);
    return true;
}

// Calls visit(name with quotes, value) for each member of an object, in order, until there are no more.
template <class Visit>
void each_member(std::string_view object, Visit visit) {
    if (!take('{', &object)) return;
    do {
        skip_blanks(&object);
        if (!object.starts_with('"')) return;
        const std::string_view name = take_string(&object);
        if (!take(':', &object)) return;
        visit(name, take_value(&object));
    } while (take(',', &object));
}

template <class Visit>
void each_element(std::string_view array, Visit visit) {
    if (!take('[', &array)) return;
    do {
        skip_blanks(&array);
        if (array.empty() || array.front() == ']') return;
        const std::string_view value = take_value(&array);
        if (value.empty()) return;
        visit(value);
    } while (take(',', &array));
}

bool is_name(std::string_view raw, std::string_view name) {
    if (raw.size() < 2) return false;
    if (raw.find('\\') != std::string_view::npos) return string_of(raw) == name;
    return raw.substr(1, raw.size() - 2) == name;
}

Error bad(std::string_view text) {
    return {ErrorCode::invalid_argument, "Invalid JSONPath " + std::string(text)};
}

}  // namespace

std::string string_of(std::string_view json) {
    if (json.size() >= 2 && json.front() == '"' && json.find('\\') == std::string_view::npos)
        return std::string(json.substr(1, json.size() - 2));
    const auto tree = flow::pattern::parse_json(json);
    return tree.ok() && tree->kind == flow::pattern::JsonTree::Kind::string ? tree->text : "";
}

Result<SlicePath> SlicePath::parse(std::string_view text) {
    SlicePath out;
    std::string_view in = text;
    if (!in.starts_with('$')) return bad(text);
    in.remove_prefix(1);
    while (!in.empty()) {
        if (out.steps_.size() == slice_path_steps_max) return bad(text);
        if (in.front() == '.') {
            in.remove_prefix(1);
            const std::string_view name = in.substr(0, in.find_first_of(".["));
            in.remove_prefix(name.size());
            if (name.empty() || name.find_first_of("]()?@'\"") != std::string_view::npos) return bad(text);
            out.steps_.push_back({name == "*" ? Step::Kind::all : Step::Kind::member, std::string(name)});
        } else if (in.front() == '[') {
            in.remove_prefix(1);
            if (in.starts_with('\'') || in.starts_with('"')) {
                const size_t end = in.find(in.front(), 1);
                if (end == std::string_view::npos || in.substr(end + 1, 1) != "]") return bad(text);
                out.steps_.push_back({Step::Kind::member, std::string(in.substr(1, end - 1))});
                in.remove_prefix(end + 2);
                continue;
            }
            const size_t end = in.find(']');
            if (end == std::string_view::npos) return bad(text);
            const std::string_view inside = in.substr(0, end);
            in.remove_prefix(end + 1);
            if (inside == "*") {
                out.steps_.push_back({Step::Kind::all, ""});
                continue;
            }
            long index = 0;
            const auto parsed = std::from_chars(inside.data(), inside.data() + inside.size(), index);
            if (inside.empty() || parsed.ec != std::errc() || parsed.ptr != inside.data() + inside.size())
                return bad(text);
            out.steps_.push_back({Step::Kind::element, "", index});
        } else {
            return bad(text);
        }
    }
    for (const Step& step : out.steps_) out.is_list_ |= step.kind == Step::Kind::all;
    return out;
}

void SlicePath::walk(std::string_view value, size_t at, std::vector<std::string_view>* out) const {
    if (out->size() >= slices_max) return;
    if (at == steps_.size()) {
        out->push_back(value);
        return;
    }
    const Step& step = steps_[at];
    if (step.kind == Step::Kind::member) {
        std::optional<std::string_view> found;  // the last of that name, as most readers take it
        each_member(value, [&](std::string_view name, std::string_view member) {
            if (is_name(name, step.name)) found = member;
        });
        if (found) walk(*found, at + 1, out);
        return;
    }
    std::vector<std::string_view> elements;
    each_element(value, [&](std::string_view element) { elements.push_back(element); });
    if (step.kind == Step::Kind::all) {
        if (elements.empty())
            each_member(value, [&](std::string_view, std::string_view member) { elements.push_back(member); });
        for (const std::string_view element : elements) walk(element, at + 1, out);
        return;
    }
    const long index = step.index < 0 ? step.index + static_cast<long>(elements.size()) : step.index;
    if (index >= 0 && index < static_cast<long>(elements.size()))
        walk(elements[static_cast<size_t>(index)], at + 1, out);
}

std::optional<std::string> SlicePath::find(std::string_view json) const {
    skip_blanks(&json);
    std::vector<std::string_view> found;
    walk(json, 0, &found);
    if (!is_list_) return found.empty() ? std::nullopt : std::optional(std::string(found.front()));
    std::string out = "[";
    for (const std::string_view each : found) {
        if (out.size() > 1) out += ',';
        out += each;
    }
    return out + "]";
}

}  // namespace millrace::bus
