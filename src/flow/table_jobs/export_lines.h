// An item, or what a span of time did to one, as the line that an export has for it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
#pragma once

#include <string>

#include "src/base/result.h"
#include "src/table/tables.h"

namespace millrace::flow {

class ExportLines {
  public:
    struct Form {
        bool ion = false;         // Amazon Ion, else DynamoDB JSON
        bool old_images = false;  // of changes
    };
    ExportLines(const Form& form, const table::KeyNames& key) : form_(form), key_(key) {}

    // With its end, valid until the next call. corruption.
    Result<std::string_view> item(const table::StoredItem& item);
    // Of a deleted item the new image is absent; `before` or `after` is there.
    Result<std::string_view> change(const table::ChangedItem& item);

  private:
    void begin(std::string_view field, bool first);
    Status append(const table::StoredItem& item);
    Status append_keys(const table::StoredItem& item);

    const Form form_;
    const table::KeyNames key_;
    std::string line_;
};

}  // namespace millrace::flow
