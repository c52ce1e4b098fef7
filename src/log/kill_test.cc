// kill -9 in the middle of appending, on the machine's own file system: a child process appends and says which records
// were acknowledged; each time it is killed, and every record that it said is there, once and in order.
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include "src/log/log_testing.h"

namespace millrace::log {
namespace {

Options real_options(const std::string& directory) {
    return {.directory = directory, .segment_bytes = 256 << 10, .tail_cache_bytes = 1 << 20};
}

// Appends records "N:xxx" from `first` on, until killed; writes N to `out` once it is acknowledged.
[[noreturn]] void append_until_killed(const std::string& directory, ShardKey shard, uint64_t first, int out) {
    auto log = Log::open(real_options(directory), io::posix_file_system(), io::system_clock());
    if (!log) std::_Exit(1);
    for (uint64_t n = first;; n += 3) {
        Batch batch(shard);
        for (uint64_t i = n; i < n + 3; ++i) {
            batch.add("key", std::to_string(i) + ":" + std::string(i * 37 % 2000, 'x'));
        }
        if (!(*log)->append_and_wait(std::move(batch))) std::_Exit(1);
        const uint64_t last = n + 2;
        if (write(out, &last, sizeof last) != sizeof last) std::_Exit(1);
    }
}

TEST(LogKill, EveryAcknowledgedRecordIsThereOnceInOrder) {
    char name[] = "/tmp/millrace-log-XXXXXX";
    const std::string directory = mkdtemp(name);
    ShardKey shard;
    {
        auto log = Log::open(real_options(directory), io::posix_file_system(), io::system_clock());
        ASSERT_TRUE(log.ok()) << log.error().message;
        shard = (*log)->create_shard().value();
    }
    uint64_t next = 0;  // of the first record that is not in the log
    for (int round = 0; round < 12 && !testing::Test::HasFailure(); ++round) {
        int pipe_ends[2];
        ASSERT_EQ(pipe(pipe_ends), 0);
        const pid_t child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            close(pipe_ends[0]);
            append_until_killed(directory, shard, next, pipe_ends[1]);
        }
        close(pipe_ends[1]);
        uint64_t acknowledged = next;
        uint64_t last = 0;
        for (int i = 0; i < 5 + round * 17; ++i) {
            if (read(pipe_ends[0], &last, sizeof last) != sizeof last) break;
            acknowledged = last + 1;
        }
        kill(child, SIGKILL);
        while (read(pipe_ends[0], &last, sizeof last) == sizeof last) acknowledged = last + 1;
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
        close(pipe_ends[0]);

        auto log = Log::open(real_options(directory), io::posix_file_system(), io::system_clock());
        ASSERT_TRUE(log.ok()) << log.error().message;
        EXPECT_TRUE((*log)->recovery().corruptions.empty());
        const auto records = read_all(**log, shard);
        EXPECT_GE(records.size(), acknowledged);
        for (uint64_t i = 0; i < records.size(); ++i) {
            ASSERT_EQ(records[i], std::to_string(i) + ":" + std::string(i * 37 % 2000, 'x'));
        }
        next = records.size();
    }
    EXPECT_GT(next, 100u);
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace millrace::log
