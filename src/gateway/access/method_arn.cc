#include "src/gateway/access/method_arn.h"

namespace millrace::gateway {
namespace {

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string method_arn(std::string_view prefix, std::string_view method, std::string_view path) {
    std::string arn;
    arn.reserve(prefix.size() + method.size() + path.size());
    arn.append(prefix).append(method);
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    for (size_t i = 0; i < path.size(); ++i) {
        const int high = path[i] == '%' && i + 2 < path.size() ? hex(path[i + 1]) : -1;
        const int low = high >= 0 ? hex(path[i + 2]) : -1;
        if (low < 0) {
            arn += path[i];
            continue;
        }
        const char c = static_cast<char>(high * 16 + low);
        if (c == '/') {
            arn += "%2F";
        } else if (c == '%') {
            arn += "%25";
        } else {
            arn += c;
        }
        i += 2;
    }
    return arn;
}

}  // namespace millrace::gateway
