// Access keys: DIR/keys.json, mode 0600, replaced atomically, so that `millrace keys create` works beside a running
// server: the server reads the file again when it changes.
//
// Format (version 1):
//   {"version":1,"keys":[{"access_key_id":"AKIA...","secret":"...","account":"000000000000","active":true,
//                         "created":"2026-11-20T18:30:00Z","description":"..."}]}
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::aws {

struct Key {
    std::string access_key_id;  // 20 characters: "AKIA" and 16 of [A-Z2-7]
    std::string secret;         // 40 characters
    std::string account;        // 12 digits
    std::string description;
    TimestampMs created;
    bool active = true;
    // "" but for temporary keys: what X-Amz-Security-Token has to be.
    std::string session_token;
};

class Keys {
  public:
    // `directory` is the data directory; neither it nor the file need exist yet.
    explicit Keys(std::string directory);
    ~Keys();
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;

    // The key of that id, active or not; null where there is none. Any thread; looks at the file's time stamp at most
    // once a second for ids that are known, and at once for others. Where the file can not be read, what was read
    // before stays in force.
    std::shared_ptr<const Key> find(std::string_view access_key_id);

    // A temporary key with a session token, for what this process starts and trusts with its own account: functions.
    // Any thread; in memory alone, never in the file, gone with the process; list() does not name it. The same one a
    // process and account.
    std::shared_ptr<const Key> ephemeral(const std::string& account);

    // For the command line. Each takes a lock on DIR/keys.json.lock, so that two commands do not lose one's change.
    // Errors: io; corruption where the file is not what we write.
    Result<Key> create(std::string account, std::string description, TimestampMs now);  // makes DIR where absent
    Result<std::vector<Key>> list();
    Status remove(std::string_view access_key_id);                   // not_found
    Status set_active(std::string_view access_key_id, bool active);  // not_found

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace millrace::aws
