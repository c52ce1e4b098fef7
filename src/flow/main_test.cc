// The tests' program is also the child that runs JQ.
#include <cstring>

#include <gtest/gtest.h>

#include "src/flow/processing/jq_worker.h"

int main(int count, char** arguments) {
    if (count == 2 && std::strcmp(arguments[1], "jq-worker") == 0) return millrace::flow::jq_worker_main();
    testing::InitGoogleTest(&count, arguments);
    return RUN_ALL_TESTS();
}
