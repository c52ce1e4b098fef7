// What many of Glue's operations check and carry alike: the catalog, page sizes and page tokens.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "src/aws/call.h"
#include "src/base/base64.h"
#include "src/service/glue/errors.h"

namespace millrace::service::glue {

// CatalogId: each account has one catalogue, named by the account; there are no others to read.
template <class Input>
aws::Outcome<void> check_catalog(const aws::CallContext& context, const Input& input) {
    if (!input.CatalogId || *input.CatalogId == context.scope.account) return {};
    return aws::Failure{"EntityNotFoundException", "Catalog " + *input.CatalogId + " not found."};
}

inline size_t page_size(const std::optional<int32_t>& asked, size_t max) {
    return asked ? std::clamp<size_t>(static_cast<size_t>(std::max(*asked, 1)), 1, max) : max;
}

// Tokens are base64 of where the page ended: text that clients hand back untouched.
inline std::optional<std::string> token_of(const std::string& next) {
    return next.empty() ? std::nullopt : std::optional(base64_encode(next));
}
inline aws::Outcome<std::string> position_of(const std::optional<std::string>& token) {
    std::string position;
    if (token && !base64_decode(*token, &position)) return invalid_input("Invalid NextToken");
    return position;
}

}  // namespace millrace::service::glue

#define GLUE_CHECK_CATALOG()                                                                     \
    do {                                                                                         \
        if (auto catalog = check_catalog(context, input); !catalog.ok()) return catalog.error(); \
    } while (false)
