#include "src/gateway/mapping/source.h"

#include "src/gateway/text/uri.h"
#include "src/vtl/json_path.h"

namespace millrace::gateway {
namespace {

Error not_a(std::string_view what, std::string_view text) {
    return {ErrorCode::invalid_argument, "\"" + std::string(text) + "\" is no " + std::string(what)};
}

bool take(std::string_view* text, std::string_view prefix) {
    if (!text->starts_with(prefix)) return false;
    text->remove_prefix(prefix.size());
    return true;
}

Result<Source> of_body(Source source, std::string_view rest, std::string_view text) {
    source.kind = Source::Kind::body;
    if (rest.empty()) return source;
    // "method.request.body.$.id" and, as AWS has it too, "method.request.body.id".
    if (!take(&rest, ".") || rest.empty()) return not_a("source of a parameter", text);
    source.kind = Source::Kind::body_path;
    const std::string path = rest.starts_with('$') ? std::string(rest) : "$." + std::string(rest);
    TRY_ASSIGN(source.json_path, vtl::JsonPath::parse(path));
    return source;
}

Result<Source> named(Source source, Source::Kind kind, std::string_view name, std::string_view text) {
    if (name.empty()) return not_a("source of a parameter", text);
    source.kind = kind;
    const bool header = kind == Source::Kind::header || kind == Source::Kind::multi_header;
    source.name = header ? lower_case(name) : std::string(name);
    return source;
}

}  // namespace

Result<Source> Source::parse(std::string_view text) {
    using Kind = Source::Kind;
    Source source;
    std::string_view rest = text;
    if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
        source.name = text.substr(1, text.size() - 2);
        return source;
    }
    if (take(&rest, "context.")) return named(source, Kind::context, rest, text);
    if (take(&rest, "stageVariables.")) return named(source, Kind::stage_variable, rest, text);
    if (take(&rest, "method.request.")) {
        if (take(&rest, "path.")) return named(source, Kind::path, rest, text);
        if (take(&rest, "querystring.")) return named(source, Kind::query, rest, text);
        if (take(&rest, "multivaluequerystring.")) return named(source, Kind::multi_query, rest, text);
    } else if (take(&rest, "integration.response.")) {
        source.of_answer = true;
    } else {
        return not_a("source of a parameter", text);
    }
    if (take(&rest, "header.")) return named(source, Kind::header, rest, text);
    if (take(&rest, "multivalueheader.")) return named(source, Kind::multi_header, rest, text);
    if (take(&rest, "body")) return of_body(source, rest, text);
    return not_a("source of a parameter", text);
}

Result<Target> Target::parse(std::string_view text, std::string_view side) {
    std::string_view rest = text;
    Target target;
    if (!take(&rest, side) || !take(&rest, ".")) return not_a("parameter to be set", text);
    if (take(&rest, "header.")) {
        target.kind = Kind::header;
    } else if (take(&rest, "multivalueheader.")) {
        target.kind = Kind::multi_header;
    } else if (side != "integration.request") {
        return not_a("parameter to be set", text);
    } else if (take(&rest, "path.")) {
        target.kind = Kind::path;
    } else if (take(&rest, "querystring.")) {
        target.kind = Kind::query;
    } else if (take(&rest, "multivaluequerystring.")) {
        target.kind = Kind::multi_query;
    } else {
        return not_a("parameter to be set", text);
    }
    if (rest.empty()) return not_a("parameter to be set", text);
    const bool header = target.kind == Kind::header || target.kind == Kind::multi_header;
    target.name = header ? lower_case(rest) : std::string(rest);
    return target;
}

}  // namespace millrace::gateway
