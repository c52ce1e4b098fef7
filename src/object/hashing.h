// MD5 and one checksum over the same bytes. MD5 is the slowest thing that happens to a large body (0.5-0.7 GB/s a
// core), and it can not be split: so from some size on it runs beside the write of the same bytes, on a thread of its
// own, which ends with the body.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "src/base/checksum.h"
#include "src/object/checksums.h"

namespace millrace::object {

class Hashing {
  public:
    explicit Hashing(std::string_view checksum_algorithm) : checksum_(checksum_algorithm) {}
    ~Hashing();
    Hashing(const Hashing&) = delete;
    Hashing& operator=(const Hashing&) = delete;

    void update(std::string_view bytes);
    // Begins update() on the other thread. `bytes` stay until join(), which comes before any other call.
    void update_beside(std::string_view bytes);
    void join();

    // The digests of all so far; the first of these ends it.
    const std::string& md5_hex();
    Checksum checksum();
    bool finished() const { return !md5_hex_.empty(); }

  private:
    void run();

    Digest md5_{Digest::Kind::md5};
    RunningChecksum checksum_;
    std::string md5_hex_;
    std::thread thread_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    std::string_view given_;  // what the thread has to do; empty when done
    bool stopping_ = false;
};

}  // namespace millrace::object
