#include "src/flow/table_jobs/import_records.h"

#include <simdjson.h>

#include "src/flow/table_jobs/import_format.h"
#include "src/flow/table_jobs/ion_records.h"
#include "src/flow/table_jobs/object_lines.h"

namespace millrace::flow {
namespace {

using Record = std::optional<Result<table::Item>>;

Error over_long() {
    return {ErrorCode::invalid_argument,
            "a line of the object is over " + std::to_string(import_line_bytes_max >> 20) + " MiB"};
}

// AWS reads CSV as UTF-8. Taken as they are, other bytes would make every answer that has them unreadable.
Result<std::vector<std::string>> csv_fields(std::string_view line, char delimiter) {
    if (!simdjson::validate_utf8(line)) return Error{ErrorCode::invalid_argument, "a record that is not UTF-8"};
    auto fields = split_csv(line, delimiter);
    if (!fields) return Error{ErrorCode::invalid_argument, "quotes that do not match"};
    return *std::move(fields);
}

class JsonRecords final : public ImportRecords {
  public:
    explicit JsonRecords(ObjectText& text) : lines_(text) {}
    Result<Record> next() override {
        for (;;) {
            bool too_long = false;
            TRY_ASSIGN(const auto line, lines_.next(/*delimiter=*/std::nullopt, &too_long));
            if (!line) return Record();
            if (too_long) return Record(over_long());
            if (line->find_first_not_of(" \t\r") != std::string_view::npos) return Record(parse_import_json(*line));
        }
    }

  private:
    LineReader lines_;
};

class CsvRecords final : public ImportRecords {
  public:
    CsvRecords(ObjectText& text, const CsvForm& form, const table::TableDefinition& table)
        : lines_(text), delimiter_(form.delimiter), header_(form.header), table_(table) {}
    Result<Record> next() override {
        for (;;) {
            bool too_long = false;
            TRY_ASSIGN(const auto line, lines_.next(delimiter_, &too_long));
            if (!line) return Record();
            if (too_long) return Record(over_long());
            if (line->empty()) continue;
            if (!header_.empty()) return Record(parse(*line));
            TRY(read_header(*line));
        }
    }

  private:
    Status read_header(std::string_view line) {
        if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
        auto names = csv_fields(line, delimiter_);
        if (!names.ok()) {
            return {ErrorCode::invalid_argument,
                    "the first line is not the names of CSV's columns: " + names.error().message};
        }
        header_ = *std::move(names);
        return {};
    }
    Result<table::Item> parse(std::string_view line) const {
        TRY_ASSIGN(std::vector<std::string> fields, csv_fields(line, delimiter_));
        return item_of_csv(header_, std::move(fields), table_);
    }

    LineReader lines_;
    const char delimiter_;
    std::vector<std::string> header_;
    const table::TableDefinition& table_;
};

class IonItems final : public ImportRecords {
  public:
    explicit IonItems(ObjectText& text) : records_(text) {}
    Result<Record> next() override {
        TRY_ASSIGN(const auto record, records_.next());
        return record ? Record(parse_import_ion(*record)) : Record();
    }

  private:
    IonRecords records_;
};

}  // namespace

std::unique_ptr<ImportRecords> import_records(ImportFormat format, const CsvForm& csv, ObjectText& text,
                                              const table::TableDefinition& table) {
    switch (format) {
        case ImportFormat::csv:
            return std::make_unique<CsvRecords>(text, csv, table);
        case ImportFormat::ion:
            return std::make_unique<IonItems>(text);
        case ImportFormat::dynamodb_json:
            break;
    }
    return std::make_unique<JsonRecords>(text);
}

}  // namespace millrace::flow
