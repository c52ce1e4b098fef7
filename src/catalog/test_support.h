// What the catalog's unit tests share: a store in a directory of its own, and a clock that moves when told.
#pragma once

#include "src/io/clock.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::catalog {

class SteppedClock final : public io::Clock {
  public:
    TimestampMs now() const override { return TimestampMs(milliseconds); }
    int64_t monotonic_ns() const override { return milliseconds * 1'000'000; }
    int64_t milliseconds = 1'000;
};

class TestStore {
  public:
    TestStore() { reopen(); }
    void reopen() {
        store_.reset();
        auto opened = table::open_rocksdb({.directory = directory_.path(), .sync = false});
        MILLRACE_CHECK(opened.ok());
        store_ = std::move(opened).value();
    }
    table::KeyValueStore& operator*() { return *store_; }
    size_t size() {
        size_t count = 0;
        const auto cursor = store_->cursor();
        for (cursor->seek(""); cursor->valid(); cursor->next()) ++count;
        return count;
    }

  private:
    table::TemporaryDirectory directory_;
    std::unique_ptr<table::KeyValueStore> store_;
};

}  // namespace millrace::catalog
