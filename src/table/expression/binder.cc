#include "src/table/expression/binder.h"

namespace millrace::table {
namespace {

constexpr size_t path_elements_max = 32;

Error refusal(std::string message) {
    return {ErrorCode::invalid_argument, std::move(message)};
}

Error undefined_name(const std::string& name) {
    return refusal("An expression attribute name used in the document path is not defined; attribute name: " + name);
}

enum class Meeting : uint8_t { none, overlap, conflict };

Meeting meet(const Path& a, const Path& b) {
    for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
        if ((a[i].index < 0) != (b[i].index < 0)) return Meeting::conflict;
        if (!(a[i] == b[i])) return Meeting::none;
    }
    return Meeting::overlap;
}

Error clash(const char* how, const Path& a, const Path& b) {
    return refusal(std::string("Two document paths ") + how +
                   " with each other; must remove or rewrite one of these paths; path one: " + to_text(a) +
                   ", path two: " + to_text(b));
}

}  // namespace

Result<Path> Binder::path(const PathSyntax& syntax) {
    Path path;
    path.reserve(syntax.size());
    for (const PathPart& part : syntax) {
        if (part.kind == PathPart::Kind::index) {
            path.push_back({{}, part.index});
        } else if (part.kind == PathPart::Kind::name) {
            path.push_back({part.text, -1});
        } else {
            const auto name = placeholders_.names.find(part.text);
            if (name == placeholders_.names.end()) return undefined_name(part.text);
            placeholders_.used_names.insert(part.text);
            path.push_back({name->second, -1});
        }
    }
    if (path.size() > path_elements_max) {
        return refusal("The document path has too many nesting levels; nesting levels: " + std::to_string(path.size()));
    }
    return path;
}

Result<const AttributeValue*> Binder::value(const std::string& placeholder) {
    const auto value = placeholders_.values.find(placeholder);
    if (value == placeholders_.values.end()) {
        return refusal("An expression attribute value used in expression is not defined; attribute value: " +
                       placeholder);
    }
    placeholders_.used_values.insert(placeholder);
    return &value->second;
}

Status Binder::defined(const OperandSyntax& operand) {
    if (operand.kind == OperandSyntax::Kind::path) return names_defined(operand.path);
    if (operand.kind == OperandSyntax::Kind::value) {
        TRY(value(operand.text));
        return {};
    }
    for (const OperandSyntax& argument : operand.arguments) TRY(defined(argument));
    return {};
}

Status Binder::names_defined(const OperandSyntax& operand) {
    if (operand.kind == OperandSyntax::Kind::path) return names_defined(operand.path);
    for (const OperandSyntax& argument : operand.arguments) TRY(names_defined(argument));
    return {};
}

Status Binder::names_defined(const PathSyntax& path) {
    for (const PathPart& part : path) {
        if (part.kind != PathPart::Kind::placeholder) continue;
        if (!placeholders_.names.contains(part.text)) return undefined_name(part.text);
    }
    return {};
}

// Only paths with one first element can meet. The pair that is told is the one that is read first; an overlap goes
// before a conflict.
Status check_distinct(const std::vector<Path>& paths) {
    std::map<std::string_view, std::vector<size_t>> by_root;
    for (size_t i = 0; i < paths.size(); ++i) by_root[paths[i].front().name].push_back(i);
    std::optional<std::pair<size_t, size_t>> overlap;  // the later one, the earlier one
    std::optional<std::pair<size_t, size_t>> conflict;
    for (const auto& [root, members] : by_root) {
        bool overlaps = false;
        for (size_t j = 1; j < members.size() && !overlaps; ++j) {
            for (size_t i = 0; i < j && !overlaps; ++i) {
                const Meeting meeting = meet(paths[members[i]], paths[members[j]]);
                if (meeting == Meeting::none) continue;
                overlaps = meeting == Meeting::overlap;
                auto& found = overlaps ? overlap : conflict;
                const std::pair<size_t, size_t> pair = {members[j], members[i]};
                if (!found || pair < *found) found = pair;
            }
        }
    }
    if (overlap) return clash("overlap", paths[overlap->second], paths[overlap->first]);
    if (conflict) return clash("conflict", paths[conflict->second], paths[conflict->first]);
    return {};
}

Result<std::vector<Path>> bind_projection(const ProjectionSyntax& syntax, Placeholders& placeholders) {
    Binder binder(placeholders);
    std::vector<Path> paths;
    paths.reserve(syntax.paths.size());
    for (const PathSyntax& path : syntax.paths) {
        TRY_ASSIGN(Path bound, binder.path(path));
        paths.push_back(std::move(bound));
    }
    TRY(check_distinct(paths));
    return paths;
}

}  // namespace millrace::table
