// What an import reads from S3 is anybody's: whatever the bytes, reading them ends and takes bounded memory.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "src/flow/table_jobs/import_format.h"
#include "src/flow/table_jobs/import_records.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::flow;
    if (size == 0) return 0;
    const auto compression = static_cast<InputCompression>(data[0] % 3);
    const auto format = static_cast<ImportFormat>(data[0] / 3 % 3);
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    ObjectText text(compression, [&](char* out, size_t room) -> millrace::Result<size_t> {
        const size_t count = std::min(room, bytes.size());
        std::copy_n(bytes.data(), count, out);
        bytes.remove_prefix(count);
        return count;
    });
    millrace::table::TableDefinition table;
    table.key = {.partition = "pk", .partition_type = millrace::table::Type::N, .sort = "sk"};
    const auto records = import_records(format, {}, text, table);
    for (int count = 0; count < 1000; ++count) {
        const auto record = records->next();
        if (!record.ok() || !*record) return 0;
        if ((*record)->ok()) static_cast<void>(check_item(***record, table));
    }
    return 0;
}
