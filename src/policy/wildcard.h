// IAM's wildcards: '*' is any run of characters, '?' any one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
#pragma once

#include <string_view>

namespace millrace::policy {

// Over the whole text, '/' and ':' included; at most |pattern| * |text| steps.
bool matches(std::string_view pattern, std::string_view text, bool ignore_case = false);

// ArnLike: each of an ARN's six parts by itself, the last with whatever it has of ':'. Texts that have fewer parts
// match nothing.
bool arn_matches(std::string_view pattern, std::string_view arn);

}  // namespace millrace::policy
