// Puts and gets a second, straight into the store: ninja store_bench && store_bench [directory] [fsync|os].
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "src/base/checksum.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/store.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::object {
namespace {

double seconds_of(const auto& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void puts_of(Store& store, size_t bytes, int threads, int puts) {
    const std::string body = random_bytes(bytes);
    const double seconds = seconds_of([&] {
        std::atomic<int> next = 0;
        std::vector<std::thread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&] {
                for (int i = next++; i < puts; i = next++) {
                    auto upload = store.begin_put("b", "k" + std::to_string(i), {});
                    for (size_t at = 0; at < body.size(); at += 512 * 1024) {
                        MILLRACE_CHECK((*upload)->write(std::string_view(body).substr(at, 512 * 1024)).ok());
                    }
                    MILLRACE_CHECK((*upload)->commit().ok());
                }
            });
        }
        for (std::thread& worker : workers) worker.join();
    });
    std::printf("put %9zu B, %2d threads: %8.0f /s %8.1f MB/s\n", bytes, threads, puts / seconds,
                static_cast<double>(bytes) * puts / seconds / 1e6);
}

void gets_of(Store& store, size_t bytes, int keys, int gets) {
    std::string piece(512 * 1024, '\0');
    const double seconds = seconds_of([&] {
        for (int i = 0; i < gets; ++i) {
            const auto reader = store.open_object("b", "k" + std::to_string(i % keys));
            for (uint64_t at = 0; at < bytes; at += piece.size()) MILLRACE_CHECK((*reader)->read_at(at, piece).ok());
        }
    });
    std::printf("get %9zu B,  1 thread : %8.0f /s %8.1f MB/s\n", bytes, gets / seconds,
                static_cast<double>(bytes) * gets / seconds / 1e6);
}

int run(const std::string& directory, bool sync) {
    auto metadata = table::open_rocksdb({.directory = directory + "/catalog", .sync = sync});
    MILLRACE_CHECK(metadata.ok());
    auto store = Store::open(directory + "/objects", **metadata, io::posix_file_system(), io::system_clock(), sync);
    MILLRACE_CHECK(store.ok() && (*store)->create_bucket({"b", "us-east-1", {}, {}}).ok());
    puts_of(**store, 1024, 1, 2'000);
    puts_of(**store, 1024, 16, 20'000);
    puts_of(**store, 1024, 64, 40'000);
    gets_of(**store, 1024, 20'000, 200'000);
    puts_of(**store, 64 * 1024, 16, 4'000);
    gets_of(**store, 64 * 1024, 4'000, 40'000);
    puts_of(**store, 64 << 20, 1, 6);
    puts_of(**store, 64 << 20, 2, 12);
    gets_of(**store, 64 << 20, 6, 30);
    const double listing = seconds_of([&] {
        ListOptions page;
        for (;;) {
            const auto listed = (*store)->list("b", page);
            if (!listed->truncated) break;
            page.start_after = listed->next_start_after;
        }
    });
    std::printf("list 40,000 keys: %.0f keys/s\n", 40'000 / listing);
    return 0;
}

}  // namespace
}  // namespace millrace::object

int main(int argc, char** argv) {
    const millrace::table::TemporaryDirectory temporary;
    const std::string directory = argc > 1 ? argv[1] : temporary.path();
    return millrace::object::run(directory, argc <= 2 || std::string(argv[2]) != "os");
}
