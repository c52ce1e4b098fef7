#include "src/service/s3/operations.h"

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/memory_key_value_store.h"
#include "src/object/store.h"
#include "src/service/s3/s3.h"
#include "src/table/temporary_directory.h"

namespace millrace::service::s3 {
namespace {

// make_service stops the process where a row does not fit the model; a refusal that names no member refuses nothing.
TEST(Operations, FitTheModelAndRefuseMembersThatExist) {
    const table::TemporaryDirectory directory;
    object::MemoryKeyValueStore metadata;
    const auto store = object::Store::open(directory.path() + "/objects", metadata, io::posix_file_system(),
                                           io::system_clock(), false);
    ASSERT_TRUE(store.ok());
    const std::shared_ptr<S3> s3 = make_s3(**store, io::system_clock());
    const aws::Service service = operations(*s3);
    EXPECT_EQ(service.operations.size(), 44u);
    for (const aws::Operation& operation : service.operations) {
        for (const aws::Refusal& refusal : operation.refusals) {
            const std::string_view first = refusal.path.substr(0, refusal.path.find_first_of(".["));
            bool found = false;
            for (const aws::Member& member : operation.input->members) found = found || member.name == first;
            EXPECT_TRUE(found) << operation.name << " has no " << refusal.path;
        }
    }
}

}  // namespace
}  // namespace millrace::service::s3
