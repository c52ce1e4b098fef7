#include "src/aws/keys.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>

#include <fcntl.h>
#include <simdjson.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/aws/json.h"
#include "src/aws/time_text.h"
#include "src/base/checksum.h"
#include "src/io/file.h"

namespace millrace::aws {
namespace {

using Table = std::map<std::string, std::shared_ptr<const Key>, std::less<>>;

constexpr int64_t look_again_ms = 1000;

int64_t monotonic_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

// What tells one content of the file from another: an atomic replacement changes the inode.
struct Stamp {
    ino_t inode = 0;
    int64_t seconds = 0, nanoseconds = 0;
    off_t size = 0;
    bool operator==(const Stamp&) const = default;
};
Stamp stamp_of(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) return {};
    return {info.st_ino, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size};
}

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }

  private:
    int value_;
};

Result<std::string> read_whole(const std::string& path) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.value() < 0) {
        if (errno == ENOENT) return Error{ErrorCode::not_found, path + " does not exist"};
        return io_error("reading " + path, errno);
    }
    std::string text;
    char piece[4096];
    for (;;) {
        const ssize_t count = read(file.value(), piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return io_error("reading " + path, errno);
        if (count == 0) return text;
        text.append(piece, static_cast<size_t>(count));
    }
}

Status write_whole(const std::string& path, std::string_view text) {
    const std::string fresh = path + ".new";
    {
        const Descriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (file.value() < 0 || fchmod(file.value(), 0600) != 0) return io_error("writing " + fresh, errno);
        while (!text.empty()) {
            const ssize_t count = write(file.value(), text.data(), text.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return io_error("writing " + fresh, errno);
            text.remove_prefix(static_cast<size_t>(count));
        }
        if (fsync(file.value()) != 0) return io_error("syncing " + fresh, errno);
    }
    if (rename(fresh.c_str(), path.c_str()) != 0) return io_error("replacing " + path, errno);
    const Descriptor folder(
        open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.value() < 0 || fsync(folder.value()) != 0) return io_error("syncing the directory of " + path, errno);
    return {};
}

Result<std::vector<Key>> parse(const std::string& path, const std::string& text) {
    const Error damaged{ErrorCode::corruption, path + " is not a key file of ours"};
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    int64_t version = 0;
    simdjson::dom::array rows;
    if (parser.parse(text).get(root) != simdjson::SUCCESS || root["version"].get(version) != simdjson::SUCCESS ||
        version != 1 || root["keys"].get(rows) != simdjson::SUCCESS)
        return damaged;
    std::vector<Key> keys;
    for (const simdjson::dom::element row : rows) {
        std::string_view id, secret, account, created, description;
        bool active = false;
        if (row["access_key_id"].get(id) != simdjson::SUCCESS || row["secret"].get(secret) != simdjson::SUCCESS ||
            row["account"].get(account) != simdjson::SUCCESS || row["active"].get(active) != simdjson::SUCCESS ||
            row["created"].get(created) != simdjson::SUCCESS ||
            row["description"].get(description) != simdjson::SUCCESS)
            return damaged;
        const auto time = parse_iso8601(created);
        if (!time || id.empty() || secret.empty()) return damaged;
        keys.push_back(
            {std::string(id), std::string(secret), std::string(account), std::string(description), *time, active, {}});
    }
    return keys;
}

std::string format(const std::vector<Key>& keys) {
    std::string text = "{\"version\":1,\"keys\":[";
    bool first = true;
    const auto field = [&text](std::string_view name, std::string_view value) {
        append_json_string(name, text);
        text += ':';
        append_json_string(value, text);
        text += ',';
    };
    for (const Key& key : keys) {
        text += first ? "\n{" : ",\n{";
        first = false;
        field("access_key_id", key.access_key_id);
        field("secret", key.secret);
        field("account", key.account);
        field("created", iso8601(key.created));
        field("description", key.description);
        text += "\"active\":";
        text += key.active ? "true}" : "false}";
    }
    return text + "\n]}\n";
}

// Random characters of an alphabet whose size divides 256.
std::string random_text(std::string_view alphabet, size_t size) {
    std::string text = random_bytes(size);
    for (char& c : text) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
    return text;
}

Key make_key(std::string_view prefix, std::string account) {
    Key key;
    key.access_key_id = std::string(prefix) + random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
    key.secret = random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 40);
    key.account = std::move(account);
    return key;
}

}  // namespace

struct Keys::State {
    std::string directory;
    std::string path;
    std::mutex mutex;
    std::shared_ptr<const Table> table = std::make_shared<Table>();
    Table ephemeral;                                // by id
    std::map<std::string, std::string> by_account;  // the ephemeral keys' ids
    Stamp stamp;
    std::atomic<int64_t> looked_ms{INT64_MIN / 2};

    // Reads the file again where it changed.
    void refresh() {
        const std::lock_guard lock(mutex);
        looked_ms.store(monotonic_ms(), std::memory_order_relaxed);
        const Stamp now = stamp_of(path);
        if (now == stamp) return;
        Table fresh;
        const Result<std::string> text = read_whole(path);
        if (text.ok()) {
            const Result<std::vector<Key>> keys = parse(path, *text);
            if (!keys.ok()) return;  // half a thought of an editor's: keep what we had, look again later
            for (const Key& key : *keys) fresh.emplace(key.access_key_id, std::make_shared<const Key>(key));
        } else if (text.error().code != ErrorCode::not_found) {
            return;
        }
        table = std::make_shared<const Table>(std::move(fresh));
        stamp = now;
    }

    std::shared_ptr<const Key> look_up(std::string_view id) {
        const std::lock_guard lock(mutex);
        if (const auto at = ephemeral.find(id); at != ephemeral.end()) return at->second;
        const auto at = table->find(id);
        return at == table->end() ? nullptr : at->second;
    }

    // Runs `change` on the file's keys under the lock file, and writes what it leaves.
    Status edit(const std::function<Status(std::vector<Key>&)>& change) {
        TRY(io::posix_file_system().make_directories(directory));
        const std::string lock_path = path + ".lock";
        const Descriptor lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (lock.value() < 0 || flock(lock.value(), LOCK_EX) != 0) return io_error("locking " + lock_path, errno);
        std::vector<Key> keys;
        Result<std::string> text = read_whole(path);
        if (text.ok()) {
            TRY_ASSIGN(keys, parse(path, *text));
        } else if (text.error().code != ErrorCode::not_found) {
            return text.error();
        }
        TRY(change(keys));
        return write_whole(path, format(keys));
    }
};

Keys::Keys(std::string directory) : state_(std::make_unique<State>()) {
    state_->path = directory + "/keys.json";
    state_->directory = std::move(directory);
}
Keys::~Keys() = default;

std::shared_ptr<const Key> Keys::find(std::string_view access_key_id) {
    const bool stale = monotonic_ms() - state_->looked_ms.load(std::memory_order_relaxed) >= look_again_ms;
    if (stale) state_->refresh();
    std::shared_ptr<const Key> key = state_->look_up(access_key_id);
    if (key == nullptr && !stale) {
        state_->refresh();
        key = state_->look_up(access_key_id);
    }
    return key;
}

std::shared_ptr<const Key> Keys::ephemeral(const std::string& account) {
    const std::lock_guard lock(state_->mutex);
    std::string& id = state_->by_account[account];
    if (!id.empty()) return state_->ephemeral.find(id)->second;
    Key key = make_key("ASIA", account);
    key.description = "temporary, of this process";
    key.session_token = random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 128);
    id = key.access_key_id;
    return state_->ephemeral[id] = std::make_shared<const Key>(std::move(key));
}

Result<Key> Keys::create(std::string account, std::string description, TimestampMs now) {
    if (account.size() != 12 || account.find_first_not_of("0123456789") != std::string::npos)
        return Error{ErrorCode::invalid_argument, "An account is 12 digits, not '" + account + "'"};
    Key key = make_key("AKIA", std::move(account));
    key.description = std::move(description);
    key.created = TimestampMs(now.value() / 1000 * 1000);
    TRY(state_->edit([&key](std::vector<Key>& keys) -> Status {
        keys.push_back(key);
        return {};
    }));
    return key;
}

Result<std::vector<Key>> Keys::list() {
    Result<std::string> text = read_whole(state_->path);
    if (!text.ok() && text.error().code == ErrorCode::not_found) return std::vector<Key>{};
    if (!text.ok()) return text.error();
    return parse(state_->path, *text);
}

Status Keys::remove(std::string_view access_key_id) {
    return state_->edit([access_key_id](std::vector<Key>& keys) -> Status {
        const size_t count = std::erase_if(keys, [&](const Key& key) { return key.access_key_id == access_key_id; });
        if (count == 0) return Error{ErrorCode::not_found, "There is no key " + std::string(access_key_id)};
        return {};
    });
}

Status Keys::set_active(std::string_view access_key_id, bool active) {
    return state_->edit([access_key_id, active](std::vector<Key>& keys) -> Status {
        for (Key& key : keys) {
            if (key.access_key_id != access_key_id) continue;
            key.active = active;
            return {};
        }
        return Error{ErrorCode::not_found, "There is no key " + std::string(access_key_id)};
    });
}

}  // namespace millrace::aws
