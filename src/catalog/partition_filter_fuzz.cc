// Any text is refused or evaluated, never more. The first line is the expression, the rest one value.
#include <cstddef>
#include <cstdint>

#include "src/catalog/lake.h"
#include "src/catalog/partition_filter.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::catalog;
    static const std::vector<Column> keys{{.name = "i", .type = "int"},
                                          {.name = "s", .type = "string"},
                                          {.name = "d", .type = "date"},
                                          {.name = "t", .type = "timestamp"},
                                          {.name = "n", .type = "decimal(9,2)"}};
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const size_t line = std::min(input.find('\n'), input.size());
    const auto filter = PartitionFilter::parse(input.substr(0, line), keys);
    if (!filter.ok()) return 0;
    const std::string value(input.substr(line == input.size() ? line : line + 1));
    (void)filter->matches({value, value, value, value, value});
    return 0;
}
