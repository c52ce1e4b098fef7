// What an object of an import holds, as items, in whichever of the three formats it is.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/flow/table_jobs/object_text.h"
#include "src/table/definition.h"

namespace millrace::flow {

enum class ImportFormat : uint8_t { dynamodb_json, csv, ion };

struct CsvForm {
    char delimiter = ',';
    std::vector<std::string> header;  // empty: the first record of each object
};

// One thread.
class ImportRecords {
  public:
    virtual ~ImportRecords() = default;
    // The next record: an item, or why it is none (invalid_argument). nullopt at the end. Errors of the call itself end
    // the object: invalid_argument where nothing more of it can be understood, else what reading it says.
    virtual Result<std::optional<Result<table::Item>>> next() = 0;
};

// `text` and `table` outlive it.
std::unique_ptr<ImportRecords> import_records(ImportFormat format, const CsvForm& csv, ObjectText& text,
                                              const table::TableDefinition& table);

}  // namespace millrace::flow
