// What an import reads from S3 is anybody's: whatever the bytes, reading them ends and takes bounded memory.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "src/flow/table_jobs/import_format.h"
#include "src/flow/table_jobs/object_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::flow;
    if (size == 0) return 0;
    const auto compression = static_cast<InputCompression>(data[0] % 3);
    const bool csv = (data[0] & 4) != 0;
    std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    LineReader reader(compression, [&](char* out, size_t room) -> millrace::Result<size_t> {
        const size_t count = std::min(room, text.size());
        std::copy_n(text.data(), count, out);
        text.remove_prefix(count);
        return count;
    });
    millrace::table::TableDefinition table;
    table.key = {.partition = "pk", .partition_type = millrace::table::Type::N, .sort = "sk"};
    for (int lines = 0; lines < 1000; ++lines) {
        bool too_long = false;
        const auto line = reader.next(csv, &too_long);
        if (!line.ok() || !*line) return 0;
        if (!csv) {
            const auto item = parse_import_json(**line);
            if (item.ok()) static_cast<void>(check_item(*item, table));
        } else if (auto fields = split_csv(**line, ',')) {
            const std::vector<std::string> header = {"pk", "sk", "x"};
            const auto item = item_of_csv(header, std::move(*fields), table);
            if (item.ok()) static_cast<void>(check_item(*item, table));
        }
    }
    return 0;
}
