// A registry whose entries of some kinds are sealed on disk, and plain to whoever asks it.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "src/catalog/registry.h"
#include "src/catalog/secret_keys.h"

namespace millrace::catalog {

// What of these kinds is not sealed by the first key yet is, before this returns. corruption: an entry can not be
// opened (its key is gone from the file).
Result<std::unique_ptr<Registry>> seal_kinds(std::unique_ptr<Registry> inner, SecretKeys keys,
                                             std::set<std::string, std::less<>> kinds);

}  // namespace millrace::catalog
