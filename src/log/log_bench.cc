// What the log takes, beside what the disk takes when nothing but O_DIRECT writes and fdatasync happen:
//   log_bench DIRECTORY [seconds a row]
// Rows: 1, 64 and 500 waiting clients of one 1 KiB record each, and 500-record batches from 1, 2 and 4 threads.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/log/buffer.h"
#include "src/log/log.h"

namespace {

using namespace millrace;
using Time = std::chrono::steady_clock;

double seconds_since(Time::time_point start) {
    return std::chrono::duration<double>(Time::now() - start).count();
}

template <class T>
T must(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
    return std::move(result).value();
}

// The same bytes, one after the other, with nothing around them. `again` rewrites blocks that were written before.
void raw(const std::string& directory, size_t bytes, double seconds) {
    io::FileSystem& files = io::posix_file_system();
    const std::string path = directory + "/raw";
    auto file = must(files.open(path, {.mode = io::OpenMode::create, .direct = true}));
    const uint64_t size = 128 << 20;
    if (!file->allocate(0, size, false)) std::exit(1);
    const log::Buffer buffer(bytes);
    std::memset(buffer.data(), 'x', bytes);
    double rates[2] = {};
    for (double& rate : rates) {
        uint64_t count = 0;
        const auto start = Time::now();
        for (uint64_t at = 0; at + bytes <= size && seconds_since(start) < seconds; at += bytes, ++count) {
            if (!file->write_at(at, {buffer.data(), bytes}) || !file->sync_data()) std::exit(1);
        }
        rate = static_cast<double>(count * bytes) / 1100.0 / seconds_since(start);
        if (&rate == &rates[0]) {
            for (uint64_t at = count * bytes; at + bytes <= size; at += bytes) {
                if (!file->write_at(at, {buffer.data(), bytes})) std::exit(1);
            }
            if (!file->sync_data()) std::exit(1);
        }
    }
    std::printf("raw O_DIRECT + fdatasync, %7zu bytes a write: %9.0f records/s fresh, %9.0f rewritten\n", bytes,
                rates[0], rates[1]);
    if (!files.remove(path)) std::exit(1);
}

// `clients` that each have one append under way, answered and asked again from the writer's callback.
void singles(log::Log& log, log::ShardKey shard, int clients, double seconds) {
    const std::string data(1024, 'd');
    std::atomic<uint64_t> done{0};
    std::atomic<int> running{clients};
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<int> answered;
    for (int i = 0; i < clients; ++i) answered.push_back(i);
    const auto start = Time::now();
    // Two threads play the I/O threads: they encode and append whatever was answered.
    const auto play = [&] {
        std::unique_lock lock(mutex);
        while (running > 0) {
            changed.wait(lock, [&] { return !answered.empty() || running == 0; });
            std::vector<int> mine;
            for (int i = 0; i < 32 && !answered.empty(); ++i) {
                mine.push_back(answered.back());
                answered.pop_back();
            }
            lock.unlock();
            if (seconds_since(start) > seconds) stop = true;
            for (const int client : mine) {
                if (stop) {
                    --running;
                    continue;
                }
                log::Batch batch(shard, 1100);
                batch.add("partition-key", data);
                log.append(std::move(batch), [&, client](Result<log::Appended> result) {
                    if (!result) std::exit(1);
                    ++done;
                    std::lock_guard guard(mutex);
                    answered.push_back(client);
                    changed.notify_one();
                });
            }
            lock.lock();
            if (running == 0) changed.notify_all();
        }
    };
    std::thread other(play);
    play();
    other.join();
    std::printf("log, %3d clients of one record:                      %9.0f records/s\n", clients,
                static_cast<double>(done) / seconds_since(start));
}

// Threads that encode 500-record batches, four under way each.
void batches(log::Log& log, log::ShardKey shard, int threads, double seconds) {
    const std::string data(1024, 'd');
    std::atomic<uint64_t> done{0};
    const auto start = Time::now();
    const auto play = [&] {
        std::mutex mutex;
        std::condition_variable changed;
        int under_way = 0;
        while (seconds_since(start) < seconds) {
            log::Batch batch(shard, 560'000);
            for (int i = 0; i < 500; ++i) batch.add("partition-key", data);
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return under_way < 2; });
            ++under_way;
            lock.unlock();
            log.append(std::move(batch), [&](Result<log::Appended> result) {
                if (!result) std::exit(1);
                done += result->positions.size();
                std::lock_guard guard(mutex);
                --under_way;
                changed.notify_one();
            });
        }
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return under_way == 0; });
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(play);
    play();
    for (auto& other : others) other.join();
    std::printf("log, %3d threads of 500-record batches:              %9.0f records/s\n", threads,
                static_cast<double>(done) / seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: log_bench DIRECTORY [seconds a row]\n"), 2;
    const std::string directory = argv[1];
    const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
    for (const size_t bytes : {4096ul, 72ul << 10, 544ul << 10, 1088ul << 10, 2176ul << 10}) {
        raw(directory, bytes, seconds);
    }
    auto log = must(log::Log::open({.directory = directory + "/log"}, io::posix_file_system(), io::system_clock()));
    const auto shard = must(log->create_shard());
    // Retention at work, so that segments come round again.
    std::atomic<bool> stop{false};
    std::thread trimmer([&] {
        while (!stop) {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            if (!log->trim_to(shard, must(log->end(shard)))) std::exit(1);
        }
    });
    for (const int clients : {1, 64, 500}) singles(*log, shard, clients, seconds);
    for (const int threads : {1, 2, 4}) batches(*log, shard, threads, seconds);
    stop = true;
    trimmer.join();
    return 0;
}
