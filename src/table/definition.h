// What a table is: its key, its indexes, and the settings that change how it is kept. The service's words (billing,
// tags, policies) that change nothing here ride along as bytes of the service's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/named.h"
#include "src/base/scope.h"
#include "src/table/expression/expression.h"
#include "src/table/value/attribute_value.h"

namespace millrace::table {

struct Projection {
    enum class Kind : uint8_t { all, keys_only, include } kind = Kind::all;
    std::vector<std::string> attributes;  // of include, beside the keys
};

enum class IndexState : uint8_t { creating, active, deleting };

struct Index {
    std::string name;
    uint32_t id = 0;  // of its entries' keys; never given twice
    bool global = true;
    KeyNames key;
    Projection projection;
    IndexState state = IndexState::active;
    bool backfilling = false;
    std::string settings;  // the service's (throughput)
};

enum class StreamView : uint8_t { keys_only, new_image, old_image, new_and_old_images };

// A change stream; one that is switched off stays readable for 24 hours under its label.
struct ChangeStream {
    std::string label;  // "2026-11-21T10:00:00.000"
    uint64_t id = 0;    // of its records' keys; never given twice
    StreamView view = StreamView::new_and_old_images;
    bool enabled = true;
    TimestampMs created;
    TimestampMs disabled;
};

enum class TableState : uint8_t { creating, active, updating, deleting };

struct TableDefinition {
    Scope scope;
    std::string name;
    uint64_t id = 0;       // never given twice
    std::string uuid;      // TableId
    uint32_t data_id = 0;  // of its items' keys
    KeyNames key;
    std::vector<Index> indexes;
    std::optional<ChangeStream> stream;     // the newest, on or off
    std::vector<ChangeStream> old_streams;  // off, still readable
    // A change stream of our own beside the user's, which no API shows: what a Kinesis streaming destination is fed
    // from. Always new_and_old_images. Setting it (id 0) makes the stream and gives its id; while enabled every change
    // is kept here too; resetting it forgets its records.
    std::optional<ChangeStream> copied_stream;
    std::string ttl_attribute;  // "" while off
    uint32_t ttl_id = 0;        // of the expiry entries' keys; 0 while off, never given twice
    bool history = false;       // point-in-time recovery: old images are kept
    TimestampMs history_since;
    TimestampMs created;
    TableState state = TableState::active;
    uint64_t version = 0;  // moves with every change
    std::string settings;  // the service's own JSON: billing mode, throughput, class, deletion protection, tags, policy
};

// A table as a request sees it: immutable; a later definition is another object.
using TableRef = std::shared_ptr<const TableDefinition>;

}  // namespace millrace::table
