#include "src/cli/orphan_shards.h"

#include <unordered_set>
#include <vector>

#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/definition.h"
#include "src/log/log.h"

namespace millrace::cli {

Result<size_t> drop_orphan_shards(catalog::Registry& registry, log::Log& log) {
    std::unordered_set<uint64_t> named;
    Status readable;
    TRY(registry.for_each(catalog::stream_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        const Result<catalog::Stream> stream = catalog::decode_stream(scope, entry.value);
        if (!stream.ok()) {
            readable = with_context(stream.error(), "stream " + entry.name);
            return;
        }
        for (const catalog::Shard& shard : stream->shards) named.insert(shard.log_key);
    }));
    TRY(registry.for_each(flow::delivery_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        const Result<flow::Definition> definition = flow::decode(scope, entry.value);
        if (!definition.ok()) {
            readable = with_context(definition.error(), "delivery stream " + entry.name);
            return;
        }
        named.insert(definition->log_key);
    }));
    TRY(readable);
    std::vector<log::ShardKey> orphans;
    for (const log::ShardKey shard : log.shards()) {
        if (!named.contains(shard.value())) orphans.push_back(shard);
    }
    if (!orphans.empty()) TRY(log.drop_shards(orphans));
    return orphans.size();
}

}  // namespace millrace::cli
