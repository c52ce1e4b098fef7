// Any text is a statement or an error with a position; nothing else happens.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/query/ddl/statement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view sql(reinterpret_cast<const char*>(data), size);
    const auto runner = millrace::query::runner_of(sql);
    const auto statement = millrace::query::parse_ddl(sql);
    // What parses as DDL is never sent to a child.
    if (statement.ok() && runner.ok() && *runner != millrace::query::Runner::ddl) std::abort();
    return 0;
}
