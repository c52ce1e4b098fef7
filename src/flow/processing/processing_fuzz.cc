// What comes from outside on the way through the processors: records that are taken apart, functions' answers,
// processors' parameters.
#include <cstdlib>
#include <numeric>

#include "src/flow/processing/configuration.h"
#include "src/flow/processing/deaggregate.h"
#include "src/flow/processing/transform.h"

using namespace millrace;        // NOLINT: the target's own file
using namespace millrace::flow;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::vector<std::string_view> objects = split_json_objects(text);
    const size_t kept = std::accumulate(objects.begin(), objects.end(), size_t{0},
                                        [](size_t sum, std::string_view part) { return sum + part.size(); });
    if (objects.empty() || objects.size() > deaggregated_records_max || kept > size) std::abort();
    for (const std::string_view part : split_delimited(text, text.substr(0, 1).empty() ? "x" : text.substr(0, 1))) {
        if (part.size() > size) std::abort();
    }
    const std::vector<Arrival> arrivals = {{log::Position(1), 0, TimestampMs(0), "", "", "a"},
                                           {log::Position(2), 0, TimestampMs(0), "", "", "b"}};
    if (read_transform_answer(text, arrivals).size() != arrivals.size()) std::abort();
    const size_t half = size / 2;
    for (const char* type : {"Lambda", "MetadataExtraction", "RecordDeAggregation", "AppendDelimiterToRecord"}) {
        static_cast<void>(
            read_processors({{type, {{std::string(text.substr(0, half)), std::string(text.substr(half))}}}}));
    }
    return 0;
}
