// Header values that we parse ourselves: ranges, copy sources, tags.
#include "src/base/result.h"
#include "src/service/s3/limits.h"
#include "src/service/s3/names.h"
#include "src/service/s3/range.h"
#include "src/service/s3/tags.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace millrace::service::s3;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const uint64_t object_bytes : {uint64_t{0}, uint64_t{1}, uint64_t{1000}}) {
        const RangeRequest request = parse_range(text, object_bytes);
        if (request.kind != RangeKind::part) continue;
        MILLRACE_CHECK(request.range.size > 0 && request.range.first < object_bytes);
        MILLRACE_CHECK(request.range.size <= object_bytes - request.range.first);
    }
    static_cast<void>(parse_copy_range(text).has_value());
    if (const auto source = parse_copy_source(text); source.ok()) {
        MILLRACE_CHECK(!source->bucket.empty() && !source->key.empty());
    }
    static_cast<void>(parse_tagging_header(text, object_tags_max).ok());
    static_cast<void>(is_bucket_name(text));
    MILLRACE_CHECK(percent_decode(percent_encode(text)) == text);
    return 0;
}
