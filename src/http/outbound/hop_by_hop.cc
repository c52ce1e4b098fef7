#include <algorithm>

#include "src/http/outbound/outbound.h"

namespace millrace::http {

bool is_hop_by_hop(std::string_view name) {
    static constexpr std::string_view names[] = {"connection", "keep-alive",        "te",      "trailer",
                                                 "trailers",   "transfer-encoding", "upgrade", "content-length"};
    return name.starts_with("proxy-") || std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace millrace::http
