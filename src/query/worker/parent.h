// The child's view of the engine: one question at a time, from whichever thread of DuckDB has one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/query/channel.h"
#include "src/query/table_description.h"

namespace millrace::query {

// Part of an object: `size` bytes of a file from `file_offset`.
struct ObjectExtent {
    Descriptor descriptor;
    uint64_t file_offset = 0;
    uint64_t size = 0;
};

// Any thread.
class Parent {
  public:
    explicit Parent(int socket) : socket_(socket) {}

    // Sends and waits for the answer; the engine's refusal is the error.
    Result<Message> ask(MessageKind kind, std::string_view payload, MessageKind expected);
    // Sends a last word; there is no answer to it.
    Status tell(MessageKind kind, std::string_view payload);

    // Asked once a name; not_found where the catalog has no such table.
    Result<std::shared_ptr<const TableDescription>> table(const std::string& catalog, const std::string& database,
                                                          const std::string& name);
    // By the number in an object's name; null where no such table was asked for.
    std::shared_ptr<const TableDescription> table_by_number(uint64_t number);
    Result<std::vector<ObjectExtent>> open(uint64_t table, uint64_t object);

  private:
    std::mutex asking_;
    int socket_;
    std::mutex tables_mutex_;
    std::map<std::string, std::shared_ptr<const TableDescription>> tables_;
};

}  // namespace millrace::query
