// Entries of the registry as JSON of the public shapes: what an operation answers with (T is an XOutput) is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/aws/json.h"
#include "src/base/result.h"
#include "src/base/scope.h"
#include "src/catalog/registry.h"

namespace millrace::service::athena {

template <class T>
std::string encode_stored(const T& value) {
    std::string text;
    aws::encode_json(shape_of(static_cast<const T*>(nullptr)), &value, text);
    return text;
}

// corruption where the text is not what encode_stored() wrote.
template <class T>
Result<T> decode_stored(std::string_view stored) {
    std::string padded(stored);
    padded.append(64, '\0');  // simdjson reads past the end
    T value;
    aws::Decoding decoding;
    if (!aws::decode_json(shape_of(static_cast<const T*>(nullptr)), std::string_view(padded).substr(0, stored.size()),
                          &value, decoding)) {
        return Error{ErrorCode::corruption, "an entry of Athena's in the catalog is malformed"};
    }
    return value;
}

// nullopt where there is none of that name.
template <class T>
Result<std::optional<T>> get_stored(catalog::Registry& registry, std::string_view kind, const Scope& scope,
                                    std::string_view name) {
    TRY_ASSIGN(const std::optional<std::string> stored, registry.get(kind, scope, name));
    if (!stored) return std::optional<T>();
    TRY_ASSIGN(T value, decode_stored<T>(*stored));
    return std::optional<T>(std::move(value));
}

}  // namespace millrace::service::athena
