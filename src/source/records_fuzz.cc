// Any body: what is taken out of it is JSON, and strict reading agrees with simdjson's.
#include <string>

#include <simdjson.h>

#include "src/source/pack.h"
#include "src/source/records.h"

namespace {

using namespace millrace;
using namespace millrace::source;

Definition definition(Format format, std::string records) {
    Definition it;
    it.format = format;
    it.records = std::move(records);
    it.key = "$.k";
    it.partition_key = "$['p'][0]";
    it.destination = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    it.records_per_event = 3;
    return it;
}

void take_apart(const Definition& it, std::string_view body) {
    const auto extractor = Extractor::make(it);
    MILLRACE_CHECK(extractor.ok());
    const auto records = (*extractor)->take_apart(body);
    if (!records.ok()) return;
    std::vector<FreshRecord> fresh;
    for (const Record& record : records->records) {
        MILLRACE_CHECK(!record.is_json || is_json(record.text));
        fresh.push_back({record, std::nullopt});
    }
    for (const Parcel& parcel : pack(it, std::move(fresh)).parcels) {
        MILLRACE_CHECK(is_json(parcel.item.body));
        MILLRACE_CHECK(parcel.item.body.size() <= event_bytes_max);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    take_apart(definition(Format::json, "$"), bytes);
    take_apart(definition(Format::json, "$.a[*]"), bytes);
    take_apart(definition(Format::json, "$..a"), bytes);
    take_apart(definition(Format::ndjson, "$"), bytes);
    take_apart(definition(Format::body, "$"), bytes);
    // Whatever simdjson takes within our depth, we take, and the reverse, but for numbers that do not fit its types.
    static simdjson::dom::parser parser;
    simdjson::dom::element ignored;
    const auto theirs = parser.parse(simdjson::padded_string(bytes)).get(ignored);
    const bool ours = is_json(bytes);
    if (ours)
        MILLRACE_CHECK(theirs == simdjson::SUCCESS || theirs == simdjson::NUMBER_ERROR ||
                       theirs == simdjson::STRING_ERROR);
    const auto path = SlicePath::parse(bytes.substr(0, 64));
    if (path.ok()) static_cast<void>(path->find("{\"a\":[1,{\"b\":2}]}"));
    return 0;
}
