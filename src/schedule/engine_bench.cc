// What schedules cost that are not due: a million of them, then a turn of the engine, in time and in memory.
//   build/src/schedule/engine_bench [schedules]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "src/io/clock.h"
#include "src/schedule/engine.h"
#include "src/table/key_value_store.h"
#include "src/table/temporary_directory.h"

namespace {

double resident_mb() {
    std::ifstream file("/proc/self/statm");
    long pages = 0, resident = 0;
    file >> pages >> resident;
    return static_cast<double>(resident) * 4096 / 1e6;
}

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int main(int argc, char** argv) {
    using namespace millrace;
    const int count = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    table::TemporaryDirectory directory;
    auto store = *table::open_rocksdb({.directory = directory.path(), .sync = false});
    io::ManualClock clock;
    uint64_t calls = 0;
    auto engine = *schedule::Engine::open({}, {*store, clock, [&](schedule::Call, auto done) {
                                                   ++calls;
                                                   done({});
                                               }});
    schedule::Settings settings;
    settings.expression = "cron(0 0 1 1 ? 2199)";
    settings.target.arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
    const double empty_mb = resident_mb();
    double begin = seconds();
    for (int i = 0; i < count; ++i) {
        if (!engine->create({Scope{}, "default", "s" + std::to_string(i)}, settings, "").ok()) return 1;
    }
    std::printf("%d made: %.0f/s, %.0f MB more resident\n", count, count / (seconds() - begin),
                resident_mb() - empty_mb);
    begin = seconds();
    for (int i = 0; i < 1'000; ++i) {
        if (!engine->step().ok()) return 1;
    }
    std::printf("a turn with nothing due: %.1f us\n", (seconds() - begin) * 1'000);
    settings.expression = "rate(1 minute)";
    for (int i = 0; i < 1'000; ++i) {
        if (!engine->create({Scope{}, "default", "r" + std::to_string(i)}, settings, "").ok()) return 1;
    }
    begin = seconds();
    for (int minute = 0; minute < 20; ++minute) {
        clock.advance_ms(60'000);
        for (int i = 0; i < 12; ++i) {
            if (!engine->step().ok()) return 1;
        }
    }
    std::printf("%llu calls beside them: %.0f/s\n", static_cast<unsigned long long>(calls),
                calls / (seconds() - begin));
    return 0;
}
