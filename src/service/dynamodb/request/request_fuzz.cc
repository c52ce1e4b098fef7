// Bodies come from outside. Whatever they hold, reading them in place neither crashes nor reads astray, and an item
// that is not said to be wrong survives being written and read again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/service/dynamodb/request/constraints.h"
#include "src/service/dynamodb/request/request.h"
#include "src/table/value/item_codec.h"

namespace {

using namespace millrace;
using namespace millrace::service::dynamodb;

void look_at(const std::optional<GivenItem>& given) {
    if (!given || !given->wrong.empty()) return;
    const auto again = table::decode_item(table::encode_item(given->item));
    if (!again || !(*again == given->item)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string padded(reinterpret_cast<const char*>(data), size);
    padded.append(64, '\0');
    const std::string_view body(padded.data(), size);
    if (auto request = read_request(body)) {
        look_at(request->item);
        look_at(request->key);
        (void)check_put_item(*request);
        (void)check_update_item(*request);
        (void)check_query(*request);
        (void)check_scan(*request);
    }
    if (auto batch = read_batch_get(body)) (void)check_batch_get(*batch);
    if (auto batch = read_batch_write(body)) (void)check_batch_write(*batch);
    if (auto batch = read_transaction(body)) (void)check_transact_write(*batch);
    return 0;
}
