#include "src/service/events/append_each.h"

#include <future>

#include <gtest/gtest.h>

#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/table/temporary_directory.h"

namespace millrace::service::events {
namespace {

TEST(AppendEach, AShardThatIsGoneTakesNoOtherAlong) {
    const table::TemporaryDirectory directory;
    const auto log = *log::Log::open({.directory = directory.path(), .durability = log::Durability::os},
                                     io::posix_file_system(), io::system_clock());
    const log::ShardKey kept = *log->create_shard(), gone = *log->create_shard();
    ASSERT_TRUE(log->drop_shard(gone).ok());
    std::vector<log::Batch> batches;
    for (const log::ShardKey shard : {kept, gone, kept}) batches.emplace_back(shard).add("", "event");
    std::promise<std::vector<Status>> promise;
    append_each(*log, std::move(batches), [&](std::vector<Status> each) { promise.set_value(std::move(each)); });
    const std::vector<Status> statuses = promise.get_future().get();
    ASSERT_EQ(statuses.size(), 3u);
    EXPECT_TRUE(statuses[0].ok() && statuses[2].ok());
    EXPECT_EQ(statuses[1].error().code, ErrorCode::not_found);
    EXPECT_EQ(log->read(kept, *log->horizon(kept), {})->records.size(), 2u);
}

}  // namespace
}  // namespace millrace::service::events
