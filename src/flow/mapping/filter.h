// FilterCriteria: which records a function is invoked with at all.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
#pragma once

#include <string>
#include <vector>

#include "src/flow/mapping/source.h"
#include "src/flow/pattern/pattern.h"

namespace millrace::flow::mapping {

class Filter {
  public:
    // invalid_argument: a pattern does not compile, or asks for the record's body ("data", "dynamodb") otherwise than
    // by an object of what is in it.
    static Result<Filter> compile(const std::vector<std::string>& patterns, std::string_view body_name);

    bool passes_all() const { return patterns_.empty(); }
    // Any pattern that matches lets the record pass. A pattern that looks into the body does not match where the body
    // is no JSON, as AWS drops such records.
    Result<bool> passes(Source& source, const SourceShard& shard, const SourceRead& read,
                        const SourceRecord& record) const;

  private:
    struct Each {
        pattern::Pattern pattern;
        bool wants_body;
    };
    std::vector<Each> patterns_;
    bool wants_body_ = false;
};

}  // namespace millrace::flow::mapping
