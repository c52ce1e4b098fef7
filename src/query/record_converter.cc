#include "src/query/record_converter.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "src/catalog/lake.h"
#include "src/query/convert/document_splitter.h"
#include "src/query/convert/parquet_writer.h"
#include "src/query/convert/plan.h"
#include "src/query/convert/row_writer.h"

namespace millrace::query {

namespace {

constexpr int64_t block_bytes_min = 64 << 20;  // ParquetSerDe's BlockSizeBytes
constexpr int64_t page_bytes_min = 64 << 10;   // and PageSizeBytes
constexpr int64_t page_bytes_default = 1 << 20;
constexpr uint64_t memory_bytes_min = 64 << 20;
constexpr size_t chunk_input_bytes_max = 4 << 20;  // a chunk ends early where its records are large

// Rows out of a batch of records, chunk by chunk.
//
// Nearly every record is one object: it is written as it is read. One that turns out to hold several is first tried as
// a whole in a chunk that nobody sees, because it must fail as a whole, and then written object by object, over as many
// chunks as it takes.
class RecordSource final : public ChunkSource {
  public:
    RecordSource(const RowPlan& plan, std::span<const std::string_view> records)
        : plan_(plan), records_(records), writer_(plan) {}

    void fill(duckdb_data_chunk chunk) override {
        writer_.begin_chunk(chunk);
        const uint64_t rows_max = duckdb_vector_size();
        uint64_t row = 0;
        size_t input_bytes = 0;
        // An empty chunk would end the file, so one row at least, however many records fail before it.
        while (row < rows_max && (row == 0 || input_bytes < chunk_input_bytes_max)) {
            if (rest_.empty()) {
                if (next_record_ == records_.size()) break;
                input_bytes += records_[next_record_].size();
                if (write_record(next_record_, row)) ++row;
                ++next_record_;
                continue;
            }
            const std::string_view document = take_document(rest_);
            if (document.empty()) continue;
            RowFailure failure;
            MILLRACE_CHECK(writer_.write(document, row, failure) == RowWriter::Outcome::written);
            input_bytes += document.size();
            ++row;
        }
        writer_.end_chunk();
        duckdb_data_chunk_set_size(chunk, row);
        rows_ += row;
    }

    Converted take_result() { return {.rows = rows_, .failures = std::move(failures_)}; }

  private:
    // False where no row came of it (yet).
    bool write_record(size_t index, uint64_t row) {
        RowFailure failure;
        switch (writer_.write(records_[index], row, failure)) {
            case RowWriter::Outcome::written:
                return true;
            case RowWriter::Outcome::several:
                if (fits(records_[index], failure)) {
                    rest_ = records_[index];
                    return false;
                }
                break;
            case RowWriter::Outcome::failed:
                break;
        }
        failures_.push_back({index, std::move(failure.code), std::move(failure.message)});
        return false;
    }

    bool fits(std::string_view record, RowFailure& failure) {
        if (trial_ == nullptr) trial_ = std::make_unique<Trial>(plan_);
        return trial_->fits(record, failure);
    }

    class Trial {
      public:
        explicit Trial(const RowPlan& plan) : writer_(plan) {
            std::vector<duckdb_logical_type> types;
            for (const ColumnPlan& column : plan.row.children) types.push_back(logical_type_of(column.type));
            chunk_ = duckdb_create_data_chunk(types.data(), types.size());
            for (duckdb_logical_type type : types) duckdb_destroy_logical_type(&type);
        }
        ~Trial() { duckdb_destroy_data_chunk(&chunk_); }

        bool fits(std::string_view rest, RowFailure& failure) {
            duckdb_data_chunk_reset(chunk_);
            writer_.begin_chunk(chunk_);
            while (true) {
                const std::string_view document = take_document(rest);
                if (document.empty()) return true;
                if (writer_.write(document, 0, failure) != RowWriter::Outcome::written) return false;
                writer_.take_back(0);
            }
        }

      private:
        RowWriter writer_;
        duckdb_data_chunk chunk_ = nullptr;
    };

    const RowPlan& plan_;
    const std::span<const std::string_view> records_;
    RowWriter writer_;
    std::unique_ptr<Trial> trial_;
    size_t next_record_ = 0;
    std::string_view rest_;  // what is left of a record of several objects; it fits
    uint64_t rows_ = 0;
    std::vector<ConversionFailure> failures_;
};

Result<ParquetOptions> parquet_options_of(const ConversionOptions& options) {
    ParquetOptions parquet;
    if (options.compression == "SNAPPY") {
        parquet.compression = "snappy";
    } else if (options.compression == "GZIP") {
        parquet.compression = "gzip";
    } else if (options.compression == "ZSTD") {
        parquet.compression = "zstd";
    } else if (options.compression == "UNCOMPRESSED") {
        parquet.compression = "uncompressed";
    } else {
        return Error{ErrorCode::invalid_argument,
                     "Compression must be SNAPPY, GZIP, ZSTD or UNCOMPRESSED, not " + options.compression};
    }
    if (options.writer_version != "V1" && options.writer_version != "V2") {
        return Error{ErrorCode::invalid_argument, "WriterVersion must be V1 or V2, not " + options.writer_version};
    }
    if (options.block_size_bytes.value_or(block_bytes_min) < block_bytes_min) {
        return Error{ErrorCode::invalid_argument, "BlockSizeBytes must be at least 67108864"};
    }
    if (options.page_size_bytes.value_or(page_bytes_default) < page_bytes_min) {
        return Error{ErrorCode::invalid_argument, "PageSizeBytes must be at least 65536"};
    }
    if (options.page_size_bytes.value_or(page_bytes_default) != page_bytes_default) {
        return Error{ErrorCode::unsupported, "PageSizeBytes other than 1048576 is not supported"};
    }
    if (options.max_padding_bytes.value_or(0) < 0) {
        return Error{ErrorCode::invalid_argument, "MaxPaddingBytes must not be negative"};
    }
    if (options.memory_bytes_max < memory_bytes_min) {
        return Error{ErrorCode::invalid_argument, "a conversion needs at least 64 MiB of memory"};
    }
    parquet.version = options.writer_version;
    parquet.dictionary = options.enable_dictionary_compression.value_or(true);
    parquet.memory_bytes_max = options.memory_bytes_max;
    parquet.temporary_directory = options.temporary_directory;
    return parquet;
}

class ParquetConverter final : public RecordConverter {
  public:
    ParquetConverter(RowPlan plan, ParquetOptions options) : plan_(std::move(plan)), options_(std::move(options)) {
        for (size_t i = 0; i < plan_.column_names.size(); ++i) {
            columns_.push_back({plan_.column_names[i], &plan_.row.children[i].type});
        }
    }

    Result<Converted> convert(std::span<const std::string_view> records, const std::string& path) const override {
        RecordSource source(plan_, records);
        if (Status written = write_parquet(source, columns_, options_, path); !written.ok()) {
            std::remove(path.c_str());
            return std::move(written).error();
        }
        Converted converted = source.take_result();
        if (converted.rows == 0) {
            std::remove(path.c_str());
            return converted;
        }
        std::error_code error;
        converted.file_bytes = std::filesystem::file_size(path, error);
        if (error) return io_error(path, error.value());
        return converted;
    }

  private:
    const RowPlan plan_;
    const ParquetOptions options_;
    std::vector<ParquetColumn> columns_;  // into plan_
};

}  // namespace

Result<std::unique_ptr<RecordConverter>> RecordConverter::make(const catalog::Table& table, ConversionOptions options) {
    TRY_ASSIGN(ParquetOptions parquet, parquet_options_of(options));
    TRY_ASSIGN(RowPlan plan, make_row_plan(table, options));
    return std::unique_ptr<RecordConverter>(std::make_unique<ParquetConverter>(std::move(plan), std::move(parquet)));
}

}  // namespace millrace::query
