#include "src/object/hashing.h"

#include <pthread.h>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace millrace::object {

Hashing::~Hashing() {
    if (!thread_.joinable()) return;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Hashing::update(std::string_view bytes) {
    MILLRACE_CHECK(!finished());
    md5_.update(bytes);
    checksum_.update(bytes);
}

void Hashing::update_beside(std::string_view bytes) {
    MILLRACE_CHECK(!finished());
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    {
        std::lock_guard lock(mutex_);
        given_ = bytes;
    }
    changed_.notify_all();
}

void Hashing::join() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return given_.empty(); });
}

void Hashing::run() {
    pthread_setname_np(pthread_self(), "object-hash");
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !given_.empty(); });
        if (given_.empty()) return;
        const std::string_view bytes = given_;
        lock.unlock();
        update(bytes);
        lock.lock();
        given_ = {};
        changed_.notify_all();
    }
}

const std::string& Hashing::md5_hex() {
    if (md5_hex_.empty()) md5_hex_ = hex_encode(md5_.finish());
    return md5_hex_;
}

Checksum Hashing::checksum() {
    static_cast<void>(md5_hex());
    return checksum_.value();
}

}  // namespace millrace::object
