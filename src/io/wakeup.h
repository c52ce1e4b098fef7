// Waking a thread that sleeps in the kernel, and waking it once for many reasons.
//
// A thread that finishes many things at once (the log's writer after one fdatasync) answers each of them, and each
// answer would wake an I/O thread through its eventfd: one system call and one switch an answer. Inside a WakeBatch the
// thread's signals are kept and sent once a target when the batch ends:
//
//     io::WakeBatch batch;
//     for (auto& done : committed) done(status);
//
// It lives in io because both the log, which knows where a batch begins, and http, which is woken, may use io.
#pragma once

#include <memory>

namespace millrace::io {

class Wakeup : public std::enable_shared_from_this<Wakeup> {
  public:
    static std::shared_ptr<Wakeup> make();  // stops the process where the kernel has no descriptor left
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    int descriptor() const { return descriptor_; }  // readable once signalled; for epoll
    // Any thread. Kept until the end of the calling thread's outermost WakeBatch, if there is one.
    void signal();
    // The woken thread: takes all signals so far.
    void drain();

  private:
    explicit Wakeup(int descriptor) : descriptor_(descriptor) {}
    friend class WakeBatch;
    void write();

    int descriptor_;
};

// A scope; nests; belongs to one thread.
class WakeBatch {
  public:
    WakeBatch();
    ~WakeBatch();
    WakeBatch(const WakeBatch&) = delete;
    WakeBatch& operator=(const WakeBatch&) = delete;
};

}  // namespace millrace::io
