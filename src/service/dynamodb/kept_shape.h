// Shapes of the API as they are kept beside a job: what a backup, an export or an import is described by.
#pragma once

#include <string>

#include "src/aws/json.h"
#include "src/base/result.h"

namespace millrace::service::dynamodb {

// `T`: the output of an operation; only those can be encoded by themselves.
template <class T>
std::string keep_shape(const T& value) {
    std::string text;
    aws::encode_json(shape_of(&value), &value, text);
    return text;
}

// corruption where the text is not what keep_shape() gave.
template <class T>
Result<T> kept_shape(std::string text) {
    text.reserve(text.size() + 64);  // the decoder reads past the end
    T value;
    aws::Decoding decoding;
    if (!aws::decode_json(shape_of(&value), text, &value, decoding)) {
        return {ErrorCode::corruption, "the description that was kept is damaged: " + decoding.refused};
    }
    return value;
}

}  // namespace millrace::service::dynamodb
