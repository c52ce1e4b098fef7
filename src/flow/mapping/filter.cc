#include "src/flow/mapping/filter.h"

#include <algorithm>

namespace millrace::flow::mapping {

Result<Filter> Filter::compile(const std::vector<std::string>& patterns, std::string_view body_name) {
    Filter out;
    for (const std::string& text : patterns) {
        TRY_ASSIGN(pattern::Pattern pattern, pattern::Pattern::compile(text));
        if (pattern.asks_for_value(body_name))
            return Error{ErrorCode::invalid_argument, "\"" + std::string(body_name) + "\" must be an object"};
        const bool wants_body = pattern.mentions(body_name);
        out.wants_body_ = out.wants_body_ || wants_body;
        out.patterns_.push_back({std::move(pattern), wants_body});
    }
    return out;
}

Result<bool> Filter::passes(Source& source, const SourceShard& shard, const SourceRead& read,
                            const SourceRecord& record) const {
    if (patterns_.empty()) return true;
    TRY_ASSIGN(const Source::Filtered seen, source.filtered(shard, read, record, wants_body_));
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const Each& each) {
        return (seen.has_body || !each.wants_body) && each.pattern.matches(seen.tree);
    });
}

}  // namespace millrace::flow::mapping
