// New records made into what a destination takes, within its sizes.
#pragma once

#include <string>
#include <vector>

#include "src/source/definition.h"
#include "src/source/records.h"
#include "src/source/seen.h"
#include "src/target/target.h"

namespace millrace::source {

// One event or record of the destination, and what it stands for.
struct Parcel {
    target::Item item;
    std::vector<Sight> sights;  // of its records, where keys are remembered
    uint64_t records = 0;
};

struct Parcels {
    std::vector<Parcel> parcels;
    // Records that no event or record of the destination can hold: they are left out, and counted.
    uint64_t too_large = 0;
    std::vector<Sight> too_large_sights;
};

struct FreshRecord {
    Record record;
    std::optional<Sight> sight;
};

// Buses: an event a record (an object is the detail itself, another JSON value {"record": ...}, other bytes {"body":
// "..."}), or {"records": [...]} of as many as are asked for and fit into 256 KB. Streams: the record. Firehose: the
// record, and a line's end behind JSON.
Parcels pack(const Definition& definition, std::vector<FreshRecord> fresh);

inline constexpr size_t event_bytes_max = 262'144;            // PutEvents, an entry
inline constexpr size_t stream_record_bytes_max = 1'048'576;  // PutRecords, with the partition key
inline constexpr size_t firehose_record_bytes_max = 1'024'000;

}  // namespace millrace::source
