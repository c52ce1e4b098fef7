// The unit tests' main: as gtest's, and the query's child when started as one.
#include <cstring>

#include <gtest/gtest.h>

#include "src/query/engine.h"

int main(int count, char** arguments) {
    if (count == 2 && std::strcmp(arguments[1], "query-worker") == 0) return millrace::query::query_worker_main();
    testing::InitGoogleTest(&count, arguments);
    return RUN_ALL_TESTS();
}
