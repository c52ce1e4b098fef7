// VersionId: a number in text, counted from 0 for each table.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "src/service/glue/errors.h"

namespace millrace::service::glue {

inline aws::Outcome<uint64_t> version_of(const std::string& text) {
    uint64_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size()) {
        return invalid_input("Invalid version id: " + text);
    }
    return version;
}

}  // namespace millrace::service::glue
