#include "src/table/engine/floor.h"

#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include "src/table/rocksdb_error.h"

namespace millrace::table::engine {
namespace {

constexpr size_t key_bytes = 16;  // of a change: no stream has a number of all zeroes or all ones

rocksdb::Status write_floor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, const std::string& path) {
    const rocksdb::Options options(rocksdb::DBOptions(), database.GetOptions(family));
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options, family);
    rocksdb::Status status = writer.Open(path);
    if (status.ok()) status = writer.Put(std::string(key_bytes, '\x00'), "");
    if (status.ok()) status = writer.Put(std::string(key_bytes, '\xff'), "");
    if (status.ok()) status = writer.Finish();
    return status;
}

}  // namespace

Status lay_floor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, const std::string& directory) {
    rocksdb::ColumnFamilyMetaData files;
    database.GetColumnFamilyMetaData(family, &files);
    if (files.file_count != 0) return {};
    const std::string path = directory + "/floor";
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    rocksdb::Status status = write_floor(database, family, path);
    if (status.ok()) status = database.IngestExternalFile(family, {path}, options);
    if (status.ok()) return {};
    return error_of(status, "cannot make the tables' first file");
}

}  // namespace millrace::table::engine
