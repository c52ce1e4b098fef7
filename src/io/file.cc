#include "src/io/file.h"

namespace millrace::io {

Result<std::string> read_file(FileSystem& files, const std::string& path) {
    TRY_ASSIGN(const std::unique_ptr<File> file, files.open(path, {.mode = OpenMode::read}));
    TRY_ASSIGN(const uint64_t size, file->size());
    std::string bytes(size, '\0');
    TRY_ASSIGN(const size_t got, file->read_at(0, bytes.data(), bytes.size()));
    bytes.resize(got);
    return bytes;
}

Status write_file_atomically(FileSystem& files, const std::string& path, std::string_view bytes) {
    const std::string temporary = path + ".tmp";
    {
        TRY_ASSIGN(const std::unique_ptr<File> file, files.open(temporary, {.mode = OpenMode::create}));
        TRY(file->truncate(0));  // what an interrupted attempt left
        TRY(file->write_at(0, bytes));
        TRY(file->sync_data());
    }
    TRY(files.rename(temporary, path));
    const size_t slash = path.rfind('/');
    return files.sync_directory(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace millrace::io
