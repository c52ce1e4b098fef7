#include "src/service/dynamodbstreams/streams.h"

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/catalog/registry.h"

namespace millrace::service::dynamodbstreams {
namespace {

constexpr std::string_view secret_kind = "dynamodbstreams.secret";
constexpr std::string_view secret_name = "iterators";

// The key that authenticates iterators: made once for a data directory.
Result<std::string> iterator_key(catalog::Registry& registry) {
    TRY_ASSIGN(const auto stored, registry.get(secret_kind, Scope{}, secret_name));
    std::string key;
    if (stored) {
        if (!hex_decode(*stored, &key) || key.size() != 32) {
            return {ErrorCode::corruption, "the key of DynamoDB Streams' iterators is damaged"};
        }
        return key;
    }
    key = random_bytes(32);
    TRY(registry.create(secret_kind, Scope{}, secret_name, hex_encode(key)));
    return key;
}

}  // namespace

Result<std::unique_ptr<Streams>> Streams::open(table::Tables& tables, catalog::Registry& registry,
                                               const io::Clock& clock) {
    TRY_ASSIGN(std::string key, iterator_key(registry));
    return std::unique_ptr<Streams>(new Streams(tables, clock, std::move(key)));
}

}  // namespace millrace::service::dynamodbstreams
