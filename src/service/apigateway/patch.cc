#include "src/service/apigateway/patch.h"

#include <charconv>
#include <cmath>

namespace millrace::service::apigateway {
namespace {

std::string unescaped(std::string_view part) {
    std::string out;
    for (size_t i = 0; i < part.size(); ++i) {
        const bool escape = part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1');
        out.push_back(!escape ? part[i] : part[i + 1] == '1' ? '/' : '~');
        if (escape) ++i;
    }
    return out;
}

aws::Failure not_a_number(const Patch& patch) {
    return bad_request("Invalid value '" + patch.text() + "' specified for " + patch.path);
}

}  // namespace

std::vector<std::string> pointer_parts(std::string_view path) {
    std::vector<std::string> parts;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (true) {
        const size_t slash = path.find('/');
        parts.push_back(unescaped(path.substr(0, slash)));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

bool matches_pointer(std::string_view pattern, const std::vector<std::string>& parts) {
    const std::vector<std::string> wanted = pointer_parts(pattern);
    size_t at = 0;
    for (size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] == "{*}") {
            const size_t after = wanted.size() - i - 1;
            if (parts.size() < at + after + 1) return false;
            at = parts.size() - after;
            continue;
        }
        if (at == parts.size() || (wanted[i] != "{}" && wanted[i] != parts[at])) return false;
        ++at;
    }
    return at == parts.size();
}

aws::Outcome<bool> parse_flag(const Patch& patch) {
    const std::string text = patch.text();
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    return bad_request("Invalid boolean value '" + text + "' specified for " + patch.path);
}

aws::Outcome<int32_t> parse_integer(const Patch& patch, int32_t least, int32_t most) {
    const std::string text = patch.text();
    int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return not_a_number(patch);
    if (number < least || number > most) return not_a_number(patch);
    return number;
}

aws::Outcome<double> parse_number(const Patch& patch) {
    const std::string text = patch.text();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return not_a_number(patch);
    return number;
}

aws::Failure no_such_place(const Patch& patch, const std::vector<PatchPlace>& places, PatchErrors form) {
    if (form == PatchErrors::short_ones) {
        for (const PatchPlace& place : places) {
            if (!matches_pointer(place.path, patch.parts)) continue;
            std::string ops(place.ops);
            for (size_t space; (space = ops.find(' ')) != std::string::npos;) ops.replace(space, 1, "|");
            return bad_request("Invalid patch operation specified. Must be one of: [" + ops + "]");
        }
        return bad_request("Invalid patch path " + patch.path);
    }
    std::string paths;
    for (const PatchPlace& place : places) {
        if (place.ops.find(patch.op) == std::string_view::npos) continue;
        if (!paths.empty()) paths += ", ";
        paths += place.path;
    }
    return bad_request("Invalid patch path  '" + patch.path + "' specified for op '" + patch.op + "'. " +
                       (paths.empty() ? "Please choose supported operations" : "Must be one of: [" + paths + "]"));
}

}  // namespace millrace::service::apigateway
