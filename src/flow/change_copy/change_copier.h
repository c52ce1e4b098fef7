// One copy at work: reads what is new, appends it to the stream's shards, moves the checkpoint. Stepped by one thread.
#pragma once

#include "src/flow/change_copy/change_copies.h"
#include "src/table/tables.h"

namespace millrace::flow {

class ChangeCopier {
  public:
    ChangeCopier(ChangeCopyParts parts, ChangeCopy copy) : parts_(parts), copy_(std::move(copy)) {}

    // One batch. True where there may be more at once. An error: nothing was lost, try again later. not_found: the
    // table or its source stream is gone.
    Result<bool> step();

    static Status save_position(catalog::Registry& registry, const ChangeCopy& copy, table::ChangeSequence next);

  private:
    Status load_position();
    Result<size_t> append(const std::vector<table::Change>& changes, const table::TableDefinition& table);

    const ChangeCopyParts parts_;
    const ChangeCopy copy_;
    bool loaded_ = false;
    table::ChangeSequence next_;
};

// "stream/NAME" of this scope's Kinesis; invalid_argument for any other ARN.
Result<std::string> kinesis_stream_name(const Scope& scope, std::string_view arn);

constexpr std::string_view change_copy_position_kind = "flow.change_copy_position";

}  // namespace millrace::flow
