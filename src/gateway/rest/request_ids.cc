#include "src/gateway/rest/request_ids.h"

#include <cstdio>

#include "src/base/random_text.h"

namespace millrace::gateway {
std::string make_request_id() {
    return random_request_id();
}

std::string make_extended_id() {
    return random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 15) + "=";
}

std::string make_trace_id(TimestampMs received) {
    char shown[16];
    std::snprintf(shown, sizeof shown, "%08llx", static_cast<unsigned long long>(received.value() / 1000));
    return "Root=1-" + std::string(shown) + "-" + random_text("0123456789abcdef", 24);
}

}  // namespace millrace::gateway
