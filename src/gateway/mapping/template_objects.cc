#include "src/gateway/mapping/template_objects.h"

#include <map>

#include "src/base/base64.h"
#include "src/gateway/text/uri.h"

namespace millrace::gateway {
namespace {

using Answer = std::optional<vtl::Value>;
using Arguments = std::vector<vtl::Value>;

constexpr size_t paths_kept_max = 256;  // a thread

// As Apache Commons' StringEscapeUtils: what is not ASCII becomes \uXXXX, and ' and / are escaped too.
std::string escape_javascript(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    const auto unit = [&](uint32_t code) {
        out += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4) out += digits[code >> shift & 15];
    };
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        switch (c) {
            case '\'':
            case '"':
            case '\\':
            case '/':
                out += '\\';
                out += static_cast<char>(c);
                continue;
            case '\b':
                out += "\\b";
                continue;
            case '\n':
                out += "\\n";
                continue;
            case '\t':
                out += "\\t";
                continue;
            case '\f':
                out += "\\f";
                continue;
            case '\r':
                out += "\\r";
                continue;
            default:
                break;
        }
        if (c < 0x20) {
            unit(c);
        } else if (c < 0x80) {
            out += static_cast<char>(c);
        } else {
            const int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
            uint32_t code = more == 3 ? c & 7u : more == 2 ? c & 15u : more == 1 ? c & 31u : 0xFFFDu;
            for (int k = 0; k < more; ++k) {
                const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
                if ((next & 0xC0u) != 0x80u) {
                    code = 0xFFFD;
                    break;
                }
                code = code << 6 | (next & 0x3Fu);
                ++i;
            }
            if (code >= 0x10000) {
                unit(0xD800 + ((code - 0x10000) >> 10 & 0x3FF));
                unit(0xDC00 + ((code - 0x10000) & 0x3FF));
            } else {
                unit(code);
            }
        }
    }
    return out;
}

// Java's URLEncoder: a space is '+', and "*" stays as it is.
std::string url_encode(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const size_t space = std::min(text.find(' ', at), text.size());
        for (const char c : percent_encode(text.substr(at, space - at), "*")) {
            if (c == '~') {
                out += "%7E";
            } else {
                out += c;
            }
        }
        if (space < text.size()) out += '+';
        at = space + 1;
    }
    return out;
}

class Util final : public vtl::Object {
  public:
    Answer property(std::string_view) const override { return std::nullopt; }
    Answer call(std::string_view name, const Arguments& arguments) const override {
        if (arguments.size() != 1) return std::nullopt;
        if (arguments[0].is_null()) return vtl::Value();
        std::string made;
        const std::string* text = arguments[0].string();
        if (text == nullptr) {
            arguments[0].append_text(&made, 10 << 20);
            text = &made;
        }
        if (name == "escapeJavaScript") return escape_javascript(*text);
        if (name == "parseJson") return vtl::parse_json(*text);
        if (name == "urlEncode") return url_encode(*text);
        if (name == "urlDecode") return percent_decode(*text, true);
        if (name == "base64Encode") return base64_encode(*text);
        if (name == "base64Decode") {
            std::string out;
            return base64_decode(*text, &out) ? Answer(std::move(out)) : std::nullopt;
        }
        return std::nullopt;
    }
};

class Input final : public vtl::Object {
  public:
    Input(const Payload& payload, const InputParameters& parameters) : payload_(payload), parameters_(parameters) {}

    Answer property(std::string_view name) const override {
        if (name == "body") return payload_.text().empty() ? vtl::Value("{}") : vtl::Value(payload_.text());
        return std::nullopt;
    }

    Answer call(std::string_view name, const Arguments& arguments) const override {
        if (name == "params" && arguments.empty()) return all_parameters();
        if (arguments.size() != 1) return std::nullopt;
        const std::string text = arguments[0].text();
        if (name == "params") return parameter(text);
        if (name == "path") return at(text).value_or(vtl::Value());
        if (name == "json") {
            std::string out;
            at(text).value_or(vtl::Value("")).append_json(&out, 10 << 20);
            return out;
        }
        return std::nullopt;
    }

  private:
    Answer at(const std::string& text) const {
        const std::optional<vtl::Value>& json = payload_.json();
        if (!json) return std::nullopt;
        if (text == "$") return *json;
        // The library reads "a.b" as "$.a.b".
        const bool rooted = text.starts_with('$');
        const std::shared_ptr<const vtl::JsonPath> path = json_path_of(rooted ? text : "$." + text);
        return path == nullptr ? std::nullopt : path->find(*json);
    }

    // Made when it is first asked for, and the same one for the whole rendering.
    static const vtl::Value& made(vtl::Value& kept, const std::function<vtl::Value()>& make) {
        if (kept.is_null()) kept = make();
        return kept;
    }

    vtl::Value all_parameters() const {
        auto map = std::make_shared<vtl::Map>();
        map->put("path", made(path_, parameters_.path));
        map->put("querystring", made(query_, parameters_.query));
        map->put("header", made(header_, parameters_.header));
        return map;
    }

    // Path, query string and header, in this order.
    vtl::Value parameter(const std::string& name) const {
        if (const vtl::Value* found = made(path_, parameters_.path).map()->find(name)) return *found;
        if (const vtl::Value* found = made(query_, parameters_.query).map()->find(name)) return *found;
        const std::string lower = lower_case(name);
        for (const auto& [header, value] : made(header_, parameters_.header).map()->entries()) {
            if (header.size() == name.size() && lower_case(header) == lower) return value;
        }
        return "";
    }

    mutable vtl::Value path_, query_, header_;
    const Payload& payload_;
    const InputParameters& parameters_;
};

}  // namespace

const std::optional<vtl::Value>& Payload::json() const {
    if (!read_) {
        read_ = true;
        json_ = text_.empty() ? std::optional<vtl::Value>(vtl::make_map()) : vtl::parse_json(text_);
    }
    return json_;
}

vtl::Value make_input(const Payload& payload, const InputParameters& parameters) {
    return vtl::Value::ObjectRef(std::make_shared<Input>(payload, parameters));
}

const vtl::Value& util_object() {
    static const vtl::Value util = vtl::Value::ObjectRef(std::make_shared<Util>());
    return util;
}

std::shared_ptr<const vtl::JsonPath> json_path_of(const std::string& text) {
    thread_local std::map<std::string, std::shared_ptr<const vtl::JsonPath>> kept;
    if (const auto found = kept.find(text); found != kept.end()) return found->second;
    auto parsed = vtl::JsonPath::parse(text);
    if (kept.size() >= paths_kept_max) kept.clear();
    const std::shared_ptr<const vtl::JsonPath> path = parsed.ok() ? std::move(parsed).value() : nullptr;
    if (text.size() <= 1024) kept[text] = path;
    return path;
}

}  // namespace millrace::gateway
