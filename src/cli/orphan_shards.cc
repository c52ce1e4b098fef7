#include "src/cli/orphan_shards.h"

#include <cstdio>
#include <unordered_set>
#include <vector>

#include "src/bus/definition.h"
#include "src/catalog/registry.h"
#include "src/catalog/streams.h"
#include "src/flow/definition.h"
#include "src/log/log.h"

namespace millrace::cli {

namespace {

// Whether the shard never took a record. What can not be read is something.
bool is_empty(log::Log& log, log::ShardKey shard) {
    auto from = log.horizon(shard);
    while (from.ok()) {
        const auto read = log.read(shard, *from, {.records_max = 1});
        if (!read.ok() || !read->records.empty()) return false;
        if (read->at_end) return true;
        *from = read->next;
    }
    return false;
}

}  // namespace

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
    TRY(registry.for_each(bus::bus_kind, [&](const Scope& scope, const catalog::Entry& entry) {
        const Result<bus::BusDefinition> bus = bus::decode_bus(scope, entry.value);
        if (!bus.ok()) {
            readable = with_context(bus.error(), "event bus " + entry.name);
            return;
        }
        named.insert(bus->log_key);
    }));
    TRY(readable);
    std::vector<log::ShardKey> orphans;
    size_t kept = 0;
    for (const log::ShardKey shard : log.shards()) {
        if (named.contains(shard.value())) continue;
        if (is_empty(log, shard)) {
            orphans.push_back(shard);
        } else {
            ++kept;
        }
    }
    if (kept > 0) {
        std::fprintf(stderr,
                     "millrace: %zu shard(s) of the log hold records that no stream, delivery stream or event bus of "
                     "the catalog "
                     "names; they are kept. Is the catalog older than the log?\n",
                     kept);
    }
    if (!orphans.empty()) TRY(log.drop_shards(orphans));
    return orphans.size();
}

}  // namespace millrace::cli
