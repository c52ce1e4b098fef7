#pragma once

namespace millrace::cli {
inline constexpr const char* kVersion = "0.1.0";
}
