// Plain DuckDB in this process, with nothing of ours around it: what the demo compares the pipeline's answers with.
// Only for SQL of our own making; what users write goes to the jailed child (engine.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"

namespace millrace::query {

using PlainRows = std::vector<std::vector<std::optional<std::string>>>;  // as DuckDB casts to VARCHAR; absent for NULL

// A private database in memory. One thread at a time.
class PlainSql {
  public:
    static Result<PlainSql> open();
    ~PlainSql();
    PlainSql(PlainSql&&) noexcept;
    PlainSql& operator=(PlainSql&&) = delete;
    // invalid_argument with DuckDB's message where the statement fails.
    Result<PlainRows> run(const std::string& sql);

  private:
    PlainSql() = default;
    void* database_ = nullptr;
    void* connection_ = nullptr;
};

}  // namespace millrace::query
