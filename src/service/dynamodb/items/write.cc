// PutItem, UpdateItem, DeleteItem: parsed on the I/O thread, handed to the engine, answered from its committer.
#include "src/service/dynamodb/dynamodb.h"
#include "src/service/dynamodb/errors.h"
#include "src/service/dynamodb/items.h"
#include "src/service/dynamodb/items/answer.h"
#include "src/service/dynamodb/items/write_answer.h"

namespace millrace::service::dynamodb {
namespace {

// Everybody waits for the committer's thread: larger answers are formatted elsewhere.
constexpr size_t answered_at_once_bytes_max = 16 << 10;

bool is_quick(const WriteAnswer& answer, const table::WriteResult& result) {
    if (answer.metrics) return false;
    if (!result.ok()) return !result.error().item || result.error().item->bytes().size() <= answered_at_once_bytes_max;
    const auto size = [](const auto& item) { return item ? item->bytes().size() : 0; };
    return size(result->old_item) + size(result->new_item) <= answered_at_once_bytes_max;
}

void finish(table::Tables& tables, const aws::RawCall& call, const WriteAnswer& about,
            const table::WriteResult& result) {
    if (!result.ok()) return call.fail(failure_of(result.error(), about.item_on_failure));
    if (about.values == ReturnValues::none && about.capacity == CapacityDetail::none && !about.metrics) {
        return call.succeed(std::string("{}"));
    }
    answer(call, write_body(tables, about, *result));
}

using Prepare = aws::Outcome<PreparedWrite> (*)(table::Tables&, const aws::CallContext&, Request);

void write(DynamoDb& self, const aws::RawCall& call, Prepare prepare) {
    auto request = read_request(call.body());
    if (!request) return call.fail(request.error());
    auto write = prepare(self.parts().tables, call.context(), *std::move(request));
    if (!write) return call.fail(write.error());
    self.parts().tables.write(
        std::move(write->operation),
        [self = DynamoDb::Hold(self), call, about = std::move(write->answer)](table::WriteResult result) {
            table::Tables& tables = self->parts().tables;
            if (is_quick(about, result)) return finish(tables, call, about, result);
            run_on(self->parts().executor, call,
                   [self, &tables, call, about, result] { finish(tables, call, about, result); });
        });
}

}  // namespace

void put_item(DynamoDb& self, aws::RawCall call) {
    write(self, call, prepare_put);
}
void update_item(DynamoDb& self, aws::RawCall call) {
    write(self, call, prepare_update);
}
void delete_item(DynamoDb& self, aws::RawCall call) {
    write(self, call, prepare_erase);
}

}  // namespace millrace::service::dynamodb
