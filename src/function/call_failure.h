// How calls fail, in AWS's words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/scope.h"

namespace millrace::function {

struct CallFailure {
    std::string type;     // "Runtime.ExitError"
    std::string message;  // "Runtime exited with error: exit status 1"
    std::string payload;  // the function's own error object, where it made one; else made from the above
    bool timeout = false;

    static CallFailure exited(const std::string& words);  // exit_words()
    static CallFailure out_of_memory();
    static CallFailure timed_out(uint64_t ms);
    static CallFailure too_large(uint64_t bytes_max);
    static CallFailure truncated();  // a streamed answer without its end
    // What the runtime says of its function; an empty payload says nothing.
    static CallFailure reported(std::string_view type, std::string payload);
    static CallFailure no_entry_point(const std::string& what);
};

// {"errorType": ..., "errorMessage": "RequestId: ID Error: MESSAGE"}, or the function's own.
std::string payload_of(const CallFailure& failure, std::string_view request_id);

// The `errorType` of an error object, "" where it has none.
std::string error_type_of(std::string_view payload);

}  // namespace millrace::function
