#include "src/base/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace millrace {

std::string_view name_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::already_exists:
            return "already_exists";
        case ErrorCode::failed_precondition:
            return "failed_precondition";
        case ErrorCode::out_of_range:
            return "out_of_range";
        case ErrorCode::resource_exhausted:
            return "resource_exhausted";
        case ErrorCode::corruption:
            return "corruption";
        case ErrorCode::io:
            return "io";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::cancelled:
            return "cancelled";
        case ErrorCode::deadline_exceeded:
            return "deadline_exceeded";
        case ErrorCode::unauthenticated:
            return "unauthenticated";
        case ErrorCode::permission_denied:
            return "permission_denied";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::internal:
            return "internal";
    }
    return "unknown";
}

Error with_context(Error error, std::string_view context) {
    error.message = std::string(context) + ": " + error.message;
    return error;
}

Error io_error(std::string_view what, int errno_value) {
    char text[128];
    const char* said = strerror_r(errno_value, text, sizeof text);
    const bool full = errno_value == ENOSPC || errno_value == EDQUOT;
    return Error{full ? ErrorCode::resource_exhausted : ErrorCode::io, std::string(what) + ": " + said};
}

void check_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "millrace: bug: %s does not hold at %s:%d; stopping\n", expression, file, line);
    std::abort();
}

}  // namespace millrace
