#include "src/service/glue/table_pattern.h"

#include "src/service/glue/limits.h"

namespace millrace::service::glue {

Result<TablePattern> TablePattern::parse(std::string_view expression) {
    TablePattern pattern;
    pattern.alternatives_.emplace_back();
    size_t wildcards = 0;
    bool at_start = true;
    const auto add = [&](Item item) { pattern.alternatives_.back().push_back(item); };
    for (size_t i = 0; i < expression.size(); ++i) {
        const char c = expression[i];
        const bool last = i + 1 == expression.size() || expression[i + 1] == '|';
        const bool anchor = (c == '^' && at_start) || (c == '$' && last);
        at_start = false;
        if (anchor) continue;
        if (c == '|') {
            pattern.alternatives_.emplace_back();
            at_start = true;
        } else if (c == '*' || (c == '.' && i + 1 < expression.size() && expression[i + 1] == '*')) {
            if (c == '.') ++i;
            if (++wildcards > table_pattern_wildcards_max) {
                return Error{ErrorCode::invalid_argument, "The Expression has more than 32 wildcards."};
            }
            add({Item::Kind::any_run});
        } else if (c == '.') {
            add({Item::Kind::any_one});
        } else if (c == '\\' && i + 1 < expression.size()) {
            const char escaped = expression[++i];
            if ((escaped >= 'a' && escaped <= 'z') || (escaped >= 'A' && escaped <= 'Z')) {
                return Error{ErrorCode::unsupported,
                             std::string("The Expression uses \\") + escaped + ", which Millrace does not support."};
            }
            add({Item::Kind::literal, escaped});
        } else if (std::string_view("[](){}+?^$\\").find(c) != std::string_view::npos) {
            return Error{ErrorCode::unsupported,
                         std::string("The Expression uses ") + c + ", which Millrace does not support."};
        } else {
            add({Item::Kind::literal, c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c});
        }
    }
    return pattern;
}

// Each alternative by the set of its positions that the name's characters so far can have led to.
bool TablePattern::matches(std::string_view name) const {
    for (const std::vector<Item>& items : alternatives_) {
        std::vector<char> at(items.size() + 1, 0), next(items.size() + 1, 0);
        const auto close = [&](std::vector<char>& positions) {
            for (size_t i = 0; i < items.size(); ++i) {
                if (positions[i] != 0 && items[i].kind == Item::Kind::any_run) positions[i + 1] = 1;
            }
        };
        at[0] = 1;
        close(at);
        for (const char c : name) {
            std::fill(next.begin(), next.end(), 0);
            for (size_t i = 0; i < items.size(); ++i) {
                if (at[i] == 0) continue;
                if (items[i].kind == Item::Kind::any_run) {
                    next[i] = 1;
                } else if (items[i].kind == Item::Kind::any_one || items[i].literal == c) {
                    next[i + 1] = 1;
                }
            }
            close(next);
            at.swap(next);
        }
        if (at[items.size()] != 0) return true;
    }
    return false;
}

}  // namespace millrace::service::glue
