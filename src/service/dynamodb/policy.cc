#include "src/service/dynamodb/policy.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "src/service/dynamodb/errors.h"

namespace millrace::service::dynamodb {

std::optional<aws::Failure> check_policy(const std::string& policy) {
    if (policy.size() > policy_bytes_max) {
        return limit_exceeded("Resource policy size exceeds the maximum of " + std::to_string(policy_bytes_max) +
                              " bytes");
    }
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(policy, error);
    const boost::json::object* object = error ? nullptr : value.if_object();
    if (!object || !object->contains("Statement")) {
        return validation("Resource-based policy must be a JSON object with a Statement");
    }
    return std::nullopt;
}

std::string new_revision(TimestampMs now, const std::string& previous) {
    int64_t before = 0;
    std::from_chars(previous.data(), previous.data() + previous.size(), before);
    return std::to_string(std::max(now.value(), before + 1));
}

}  // namespace millrace::service::dynamodb
