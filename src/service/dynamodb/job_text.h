// What exports and imports show of a job.
#pragma once

#include <string_view>

#include "src/flow/table_jobs/job.h"

namespace millrace::service::dynamodb {

constexpr size_t jobs_page_max = 25;  // of ListExports and ListImports, by AWS's model

// "IN_PROGRESS", "COMPLETED", "FAILED"
inline std::string_view job_status(flow::JobState state) {
    switch (state) {
        case flow::JobState::running:
            return "IN_PROGRESS";
        case flow::JobState::done:
            return "COMPLETED";
        case flow::JobState::failed:
            break;
    }
    return "FAILED";
}

}  // namespace millrace::service::dynamodb
