#include "src/flow/mapping/answer.h"

#include "src/flow/mapping/event_text.h"
#include "src/flow/pattern/json_tree.h"

namespace millrace::flow::mapping {
namespace {

using Kind = pattern::JsonTree::Kind;

Error malformed(std::string sentence) {
    return {ErrorCode::invalid_argument, "the function's answer is malformed: " + std::move(sentence)};
}

}  // namespace

Result<Answer> read_answer(std::string_view payload, bool report_item_failures, bool want_state) {
    Answer out;
    if (!report_item_failures && !want_state) return out;
    if (payload.empty() && !want_state) return out;
    auto parsed = pattern::parse_json(payload);
    if (!parsed.ok()) return malformed("it is no JSON");
    if (parsed->kind == Kind::null && !want_state) return out;
    if (parsed->kind != Kind::object) return malformed("it is no object");
    if (want_state) {
        const pattern::JsonTree* state = parsed->find("state");
        if (state == nullptr || state->kind == Kind::null) return malformed("it has no \"state\"");
        append_json(*state, &out.state.emplace());
    }
    const pattern::JsonTree* failures = parsed->find("batchItemFailures");
    if (!report_item_failures || failures == nullptr || failures->kind == Kind::null) return out;
    if (failures->kind != Kind::array) return malformed("\"batchItemFailures\" is no list");
    for (const pattern::JsonTree& failure : failures->children) {
        const pattern::JsonTree* identifier = failure.kind == Kind::object ? failure.find("itemIdentifier") : nullptr;
        if (identifier == nullptr || identifier->kind != Kind::string || identifier->text.empty())
            return malformed("a failure has no \"itemIdentifier\"");
        out.failed.push_back(identifier->text);
    }
    return out;
}

}  // namespace millrace::flow::mapping
