// The server's keys for secrets that it has to keep in a form that can be used (AES-256-GCM, by OpenSSL).
//
// The file has a key a line, 64 hexadecimal digits. The first seals; the others only open what they once sealed, so a
// key is changed by a line more at the top and a restart, which seals all anew; then the old line may go. Blank lines
// and such that begin with # are passed over.
//
//   sealed = "millrace-sealed:1:" id (8) nonce (12) ciphertext tag (16)
//   id: the first bytes of SHA-256 of the key, in hexadecimal. What the text is of (its place) is authenticated with
//   it, so nothing sealed can be put elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace millrace::catalog {

class SecretKeys {  // immutable; any thread
  public:
    // Makes the file where it is absent: 0600, durable on return. failed_precondition: others may read it;
    // invalid_argument: a line is no key, or there is none; io.
    static Result<SecretKeys> open(const std::string& path);

    std::string seal(std::string_view text, std::string_view place) const;
    // What was never sealed is returned as it is. corruption: it was changed, is of another place, or no key is its.
    Result<std::string> unseal(std::string_view stored, std::string_view place) const;
    bool is_sealed_by_first(std::string_view stored) const;

  private:
    struct Key {
        std::string bytes, id;
    };
    std::vector<Key> keys_;
};

}  // namespace millrace::catalog
