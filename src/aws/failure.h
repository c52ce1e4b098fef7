// How an operation fails: a named error of the service's, as AWS documents it. Each service's errors.cc maps engine
// errors to these; the codecs write them in the shape of the protocol that the request came in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"

namespace millrace::aws {

struct Failure {
    std::string code;     // "ResourceNotFoundException", "NoSuchKey": the name clients switch on
    std::string message;  // AWS's own sentence where it is known
    // 0: the model's status for this code; where the model has none, 500 for a server fault and 400 otherwise.
    int status = 0;
    // Further members of the error's body by their wire name: {"BucketName", "b"}, {"AthenaErrorCode", "..."}.
    std::vector<std::pair<std::string, std::string>> fields;
    std::vector<std::pair<std::string, std::string>> headers;  // lower-case names; sent with the response
    // Members that are no text, as JSON without the braces around them ("\"Item\":{...}"); for the JSON protocols
    // alone.
    std::string json = {};
};

// What a handler returns. `return Failure{"NoSuchBucket", "The specified bucket does not exist", 404};` converts.
template <class T>
using Outcome = Result<T, Failure>;

}  // namespace millrace::aws
