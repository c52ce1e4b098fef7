// Shard iterators come back from clients: no text may do more than be refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/service/dynamodbstreams/iterator.h"
#include "src/table/arn.h"
#include "src/table/change_names.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    static const service::dynamodbstreams::Iterators iterators("key");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(iterators.open(text));
    static_cast<void>(table::parse_sequence(text));
    static_cast<void>(table::parse_arn(text));
    return 0;
}
