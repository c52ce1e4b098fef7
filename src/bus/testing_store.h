// What the tests of this module keep things in.
#pragma once

#include <memory>
#include <utility>

#include "src/table/key_value_store.h"

namespace millrace::bus {

// A disk that may be full.
class FailingStore final : public table::KeyValueStore {
  public:
    explicit FailingStore(std::unique_ptr<KeyValueStore> inner) : inner_(std::move(inner)) {}
    Result<std::optional<std::string>> get(std::string_view key) override { return inner_->get(key); }
    Status write(const table::WriteBatch& batch) override {
        return fails ? Status(Error{ErrorCode::io, "no space left"}) : inner_->write(batch);
    }
    std::unique_ptr<table::Cursor> cursor() override { return inner_->cursor(); }
    bool fails = false;

  private:
    std::unique_ptr<KeyValueStore> inner_;
};

}  // namespace millrace::bus
