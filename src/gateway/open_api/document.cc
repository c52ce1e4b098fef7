#include "src/gateway/open_api/document.h"

#include <charconv>
#include <cmath>
#include <map>
#include <sstream>
#include <vector>

#include <boost/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace millrace::gateway {
namespace {

namespace json = boost::json;

struct Refusal {
    std::string why;
};

bool is_utf8(std::string_view text) {
    size_t i = 0;
    while (i < text.size()) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const size_t more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : 4;
        if (more == 4 || i + more >= text.size()) return false;
        uint32_t code = more == 0 ? lead : lead & (0x3f >> more);
        for (size_t k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if (next >> 6 != 2) return false;
            code = code << 6 | (next & 0x3f);
        }
        constexpr uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
        i += more + 1;
    }
    return true;
}

// A plain scalar, by YAML 1.2's core schema.
json::value plain(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    const bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (!numeric) return json::value(text);
    const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
    const char* end = text.data() + text.size();
    int64_t whole = 0;
    if (const auto [at, error] = std::from_chars(begin, end, whole); error == std::errc() && at == end) return whole;
    double number = 0;
    const auto [at, error] = std::from_chars(begin, end, number);
    if (error == std::errc() && at == end && std::isfinite(number)) return number;
    return json::value(text);
}

size_t nodes_of(const json::value& tree) {
    size_t count = 1;
    if (const json::array* array = tree.if_array()) {
        for (const json::value& value : *array) count += nodes_of(value);
    } else if (const json::object* object = tree.if_object()) {
        for (const auto& member : *object) count += nodes_of(member.value());
    }
    return count;
}

size_t depth_of(const json::value& tree) {
    size_t depth = 0;
    if (const json::array* array = tree.if_array()) {
        for (const json::value& value : *array) depth = std::max(depth, depth_of(value));
    } else if (const json::object* object = tree.if_object()) {
        for (const auto& member : *object) depth = std::max(depth, depth_of(member.value()));
    }
    return depth + 1;
}

// The parser's events, gathered into a tree.
class Builder final : public YAML::EventHandler {
  public:
    json::value take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { add(nullptr, anchor); }
    void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override {
        const auto at = anchors_.find(anchor);
        if (at == anchors_.end()) throw Refusal{"an alias stands for what it is in"};
        nodes_ += at->second.nodes;
        if (open_.size() + at->second.depth > document_depth_max) throw Refusal{"it is nested too deep"};
        check();
        add(at->second.tree, 0);
    }
    void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
        if (!is_utf8(value)) throw Refusal{"it is not UTF-8"};
        const bool typed = tag.empty() || tag == "?";
        const bool key = !open_.empty() && open_.back().tree.is_object() && !open_.back().key;
        add(typed && !key ? plain(value) : json::value(value), anchor);
    }
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(json::array(), anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        open(json::object(), anchor);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Open {
        json::value tree;
        YAML::anchor_t anchor;
        std::optional<std::string> key;
    };
    struct Anchored {
        json::value tree;
        size_t nodes, depth;
    };

    void check() const {
        if (nodes_ > document_nodes_max) throw Refusal{"it has too many values"};
    }
    void open(json::value tree, YAML::anchor_t anchor) {
        if (!open_.empty() && open_.back().tree.is_object() && !open_.back().key) {
            throw Refusal{"a key of a mapping is not a scalar"};
        }
        if (open_.size() >= document_depth_max) throw Refusal{"it is nested too deep"};
        open_.push_back({std::move(tree), anchor, std::nullopt});
    }
    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.tree), done.anchor);
    }
    void add(json::value value, YAML::anchor_t anchor) {
        ++nodes_;
        check();
        if (anchor != 0) {
            const size_t nodes = nodes_of(value);
            kept_ += nodes;  // an anchor's tree is held twice
            if (kept_ > document_nodes_max) throw Refusal{"it has too many anchors"};
            anchors_[anchor] = {value, nodes, depth_of(value)};
        }
        if (open_.empty()) {
            root_ = std::move(value);
            return;
        }
        Open& into = open_.back();
        if (json::array* array = into.tree.if_array()) {
            array->push_back(std::move(value));
        } else if (!into.key) {
            if (value.is_null()) value = "null";
            if (!value.is_string()) throw Refusal{"a key of a mapping is not a scalar"};
            into.key = value.as_string().c_str();
        } else {
            if (!into.tree.as_object().emplace(*into.key, std::move(value)).second) {
                throw Refusal{"the key " + *into.key + " is there twice"};
            }
            into.key.reset();
        }
    }

    json::value root_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Anchored> anchors_;
    size_t nodes_ = 0, kept_ = 0;
};

Error invalid(const std::string& why) {
    return {ErrorCode::invalid_argument, "Invalid OpenAPI input. " + why};
}

void emit(YAML::Emitter& out, const json::value& tree) {
    switch (tree.kind()) {
        case json::kind::object:
            out << YAML::BeginMap;
            for (const auto& member : tree.as_object()) {
                out << YAML::Key << YAML::DoubleQuoted << std::string(member.key()) << YAML::Value;
                emit(out, member.value());
            }
            out << YAML::EndMap;
            break;
        case json::kind::array:
            out << YAML::BeginSeq;
            for (const json::value& value : tree.as_array()) emit(out, value);
            out << YAML::EndSeq;
            break;
        case json::kind::string:
            out << YAML::DoubleQuoted << std::string(tree.as_string());
            break;
        default:
            out << json::serialize(tree);
    }
}

}  // namespace

Result<json::value> parse_document(std::string_view text) {
    if (text.size() > document_bytes_max) return invalid("It is over 6 MB.");
    const size_t start = text.find_first_not_of(" \t\r\n");
    if (start != std::string_view::npos && text[start] == '{') {
        boost::system::error_code error;
        json::parse_options options;
        options.max_depth = document_depth_max;
        json::value tree = json::parse(text, error, {}, options);
        if (error) return invalid("The JSON can not be read: " + error.message());
        if (nodes_of(tree) > document_nodes_max) return invalid("It has too many values.");
        return tree;
    }
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder;
        if (!parser.HandleNextDocument(builder)) return invalid("It is empty.");
        return builder.take();
    } catch (const Refusal& refusal) {
        return invalid("The YAML can not be read: " + refusal.why);
    } catch (const std::exception& problem) {
        return invalid(std::string("The YAML can not be read: ") + problem.what());
    }
}

std::string write_yaml(const json::value& tree) {
    YAML::Emitter out;
    emit(out, tree);
    return std::string(out.c_str()) + "\n";
}

}  // namespace millrace::gateway
