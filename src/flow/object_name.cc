#include "src/flow/object_name.h"

#include "src/flow/java_time.h"

namespace millrace::flow {

std::string extension_of(const Destination& destination) {
    if (!destination.file_extension.empty()) return destination.file_extension;
    if (destination.conversion && destination.conversion->enabled) return ".parquet";
    switch (destination.compression) {
        case Compression::none:
            return "";
        case Compression::gzip:
            return ".gz";
        case Compression::zip:
            return ".zip";
        case Compression::snappy:
            return ".snappy";
        case Compression::hadoop_snappy:
            return ".hsnappy";
    }
    return "";
}

std::string object_stem(std::string_view name, uint64_t version, TimestampMs oldest, const io::TimeZone& zone,
                        std::string_view uuid) {
    auto pattern = JavaTimePattern::compile("yyyy-MM-dd-HH-mm-ss");
    MILLRACE_CHECK(pattern.ok());
    return std::string(name) + "-" + std::to_string(version) + "-" + pattern->format(oldest, zone) + "-" +
           std::string(uuid);
}

}  // namespace millrace::flow
