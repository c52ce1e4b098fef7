// Chunks of rows into one Parquet file, by DuckDB's writer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <duckdb.h>

#include "src/base/result.h"
#include "src/catalog/hive_type.h"

namespace millrace::query {

// Where the rows come from. Called by one thread, the caller's of write_parquet.
class ChunkSource {
  public:
    virtual ~ChunkSource() = default;
    // Fills the chunk from its first row on and sets its size; 0 ends the file.
    virtual void fill(duckdb_data_chunk chunk) = 0;
};

struct ParquetColumn {
    std::string name;
    const catalog::HiveType* type = nullptr;
};

struct ParquetOptions {
    std::string compression;  // DuckDB's words: "snappy", "gzip", "zstd", "uncompressed"
    std::string version;      // "V1", "V2"
    bool dictionary = true;
    uint64_t memory_bytes_max = 0;
    std::string temporary_directory;
};

// Errors: resource_exhausted (memory, disk), io.
Status write_parquet(ChunkSource& source, const std::vector<ParquetColumn>& columns, const ParquetOptions& options,
                     const std::string& path);

}  // namespace millrace::query
