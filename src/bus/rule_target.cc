#include "src/bus/event.h"
#include "src/bus/rules.h"

namespace millrace::bus {
namespace {

constexpr size_t partition_key_bytes_max = 256;  // fewer than the characters that Kinesis takes, in some scripts

Result<target::Target> dead_letter_of(const RuleDefinition& rule, const std::string& arn) {
    TRY_ASSIGN(const target::Kind kind, target::kind_of(arn));
    if (kind == target::Kind::bus || kind == target::Kind::api_destination || kind == target::Kind::action) {
        return {ErrorCode::unsupported,
                "Dead letters go to a Kinesis stream, a Firehose stream, a function or a log group, not to " + arn};
    }
    target::Target out;
    out.arn = arn;
    out.scope = rule.scope;
    return out;
}

// A JSON value as the text of a header: a string's characters, anything else as it is written.
std::string plain(const std::string& json) {
    return json.starts_with('"') ? string_of(json) : json;
}

// Before a character, or what is left is not UTF-8: nobody takes that, nor what is sent along with it.
void cut(std::string* text, size_t bytes_max) {
    if (text->size() <= bytes_max) return;
    size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xc0) == 0x80) --end;
    text->resize(end);
}

}  // namespace

Result<RuleTarget::Part> RuleTarget::part_of(const std::string& text) {
    Part out{text, std::nullopt};
    if (text.starts_with("$.") || text == "$") {
        TRY_ASSIGN(out.path, SlicePath::parse(text));
    }
    return out;
}

std::string RuleTarget::Part::of(std::string_view event) const {
    return path ? plain(path->find(event).value_or("")) : constant;
}

Result<std::shared_ptr<const RuleTarget>> RuleTarget::compile(const RuleDefinition& rule,
                                                              const TargetDefinition& definition) {
    auto out = std::make_shared<RuleTarget>();
    out->definition = definition;
    out->rule_name = rule.name;
    out->rule_arn = arn_of(rule);
    TRY_ASSIGN(out->kind, target::kind_of(definition.arn));
    if (out->kind == target::Kind::action) {
        return {ErrorCode::invalid_argument, definition.arn + " is a target of schedules, not of rules"};
    }
    out->target.arn = definition.arn;
    out->target.scope = rule.scope;
    out->target.role = definition.role;
    out->target.log_stream = out->kind == target::Kind::log_group ? "rule/" + rule.name : "";
    if (!definition.dead_letter_arn.empty()) {
        TRY_ASSIGN(out->dead_letter, dead_letter_of(rule, definition.dead_letter_arn));
    }
    TRY_ASSIGN(out->input_, Input::compile({definition.input, definition.input_path, definition.input_template,
                                            definition.input_paths}));
    if (definition.partition_key_path) {
        TRY_ASSIGN(out->key_path_, SlicePath::parse(*definition.partition_key_path));
    }
    if (definition.http) {
        for (const std::string& value : definition.http->path_values) {
            TRY_ASSIGN(Part part, part_of(value));
            out->path_values_.push_back(std::move(part));
        }
        for (const auto& [name, value] : definition.http->headers) {
            TRY_ASSIGN(Part part, part_of(value));
            out->headers_.emplace_back(name, std::move(part));
        }
        for (const auto& [name, value] : definition.http->query) {
            TRY_ASSIGN(Part part, part_of(value));
            out->query_.emplace_back(name, std::move(part));
        }
    }
    return std::shared_ptr<const RuleTarget>(std::move(out));
}

Result<target::Item> RuleTarget::item_of(std::string_view event, TimestampMs accepted) const {
    target::Item out;
    if (kind == target::Kind::bus) {  // a bus gets the event itself
        out.body = event;
        return out;
    }
    TRY_ASSIGN(out.body, input_.apply(event, {rule_arn, rule_name, accepted}));
    if (kind == target::Kind::stream) {
        // The event's id unless a path finds something.
        if (key_path_) out.partition_key = plain(key_path_->find(event).value_or(""));
        if (out.partition_key.empty()) out.partition_key = member_of(event, "id");
        cut(&out.partition_key, partition_key_bytes_max);
    }
    if (kind == target::Kind::log_group) out.time = accepted;
    if (kind == target::Kind::api_destination) {
        out.http.emplace();
        for (const Part& part : path_values_) out.http->path_values.push_back(part.of(event));
        for (const auto& [name, part] : headers_) out.http->headers.emplace_back(name, part.of(event));
        for (const auto& [name, part] : query_) out.http->query.emplace_back(name, part.of(event));
    }
    return out;
}

}  // namespace millrace::bus
