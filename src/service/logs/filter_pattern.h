// CloudWatch Logs' filter patterns: which messages a person looks for.
// (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html)
//
//   terms    ERROR "exact phrase"       each must occur, in the case given
//            ?ERROR ?WARN               one must; beside other terms AWS ignores these, and so do we
//            -DEBUG                     must not occur
//   JSON     { ($.a.b[0] = "x*" || $.n >= 3) && $.c IS NULL && $.d NOT EXISTS }      also IS TRUE, IS FALSE, $['a.b']
//   spaces   [ip, user, ..., status = 4* && status != 404, bytes > 10]   fields of a line; "..." and [...] are one
//
// Regular expressions (%...%) and wildcard selectors ($.*, [*]) are refused by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace millrace::service::logs {

class FilterPattern {
  public:
    // invalid_argument with what is wrong and where; unsupported for what is refused.
    static Result<FilterPattern> compile(std::string_view text);
    bool takes_all() const { return !matcher_; }
    bool matches(std::string_view message) const { return !matcher_ || matcher_->matches(message); }

    // One of the three kinds.
    class Matcher {
      public:
        virtual ~Matcher() = default;
        virtual bool matches(std::string_view message) const = 0;
    };

  private:
    std::shared_ptr<const Matcher> matcher_;
};

using MatcherPointer = std::shared_ptr<const FilterPattern::Matcher>;
Result<MatcherPointer> compile_terms(std::string_view text);
Result<MatcherPointer> compile_json(std::string_view text);
Result<MatcherPointer> compile_fields(std::string_view text);

}  // namespace millrace::service::logs
