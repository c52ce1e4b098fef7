// Lambda's published limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::service::lambda {

constexpr size_t payload_bytes_max = 6'291'456;        // synchronous, in and out
constexpr size_t event_payload_bytes_max = 1'048'576;  // asynchronous
constexpr size_t client_context_bytes_max = 3'583;     // in base64
constexpr uint64_t unpacked_bytes_max = 262'144'000;   // code and layers together
constexpr uint64_t package_bytes_max = 52'428'800;     // a zip that comes with the request; from S3, unpacked_bytes_max
constexpr size_t environment_bytes_max = 4'096;
constexpr size_t layers_max = 5;  // a function's
constexpr int32_t timeout_s_max = 900;
constexpr int32_t memory_mb_max = 10'240;
constexpr int32_t ephemeral_mb_max = 10'240;
constexpr uint32_t unreserved_concurrency_min = 100;
constexpr size_t policy_bytes_max = 20'480;
constexpr size_t tags_max = 50;
constexpr size_t page_max = 50;            // functions, versions, aliases, layers a page
constexpr size_t config_page_max = 50;     // URL, event-invoke and provisioned-concurrency configurations a page
constexpr size_t aliases_max = 10'000;     // a function's; ours: they are kept in one entry
constexpr size_t filters_max = 10;         // a mapping's; AWS gives 5, and 10 to who asks
constexpr int64_t record_age_s_min = 60;   // of MaximumRecordAgeInSeconds, where it is not -1
constexpr size_t mappings_page_max = 100;  // event source mappings a page

}  // namespace millrace::service::lambda
