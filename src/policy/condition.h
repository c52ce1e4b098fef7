// One line of a statement's Condition: an operator, a key, values.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
//
// Values of the policy are alternatives: one that holds is enough; of a negated operator none may. An absent key fails
// an operator, satisfies a negated one, and satisfies ...IfExists. ForAllValues and ForAnyValue are for keys of many
// values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/policy/ip_range.h"

namespace millrace::policy {

// What is known of a request: keys in lower case, with their values. An absent key is not there.
using ContextKeys = std::vector<std::pair<std::string, std::vector<std::string>>>;

class Condition {
  public:
    // invalid_argument: the operator is not known (by name), or a value is not of its kind.
    static Result<Condition> parse(std::string_view op, std::string_view key, std::vector<std::string> values);
    bool holds(const ContextKeys& keys) const;
    const std::string& key() const { return key_; }  // in lower case

  private:
    enum class Kind { string, string_ignore_case, string_like, numeric, date, boolean, ip, arn, null };
    enum class Order { equal, less, less_equal, greater, greater_equal };
    enum class Set { none, all, any };

    Status read_operator(std::string_view op);
    Status read_values();
    bool one(const std::string& value) const;  // of the request: does an alternative hold, or none (negated)?

    Kind kind_ = Kind::string;
    Order order_ = Order::equal;
    Set set_ = Set::none;
    bool negated_ = false;
    bool if_exists_ = false;
    std::string key_;
    std::vector<std::string> values_;
    std::vector<double> numbers_;  // numeric; date: milliseconds since 1970
    std::vector<IpRange> ranges_;
};

}  // namespace millrace::policy
