// What a million schedules cost, in time and in memory: making them, a turn of the engine with nothing due, others
// beside them, a start, and all of them due at the same moment.
//   build/src/schedule/engine_bench [schedules]
#include <cstdio>
#include <cstdlib>
#include <ctime>
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

// Of processor time, all threads': what other work on the machine does is not measured.
double seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace millrace;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const int count = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    table::TemporaryDirectory directory;
    std::unique_ptr<table::KeyValueStore> store;
    std::unique_ptr<schedule::Engine> engine;
    io::ManualClock clock;
    uint64_t calls = 0;
    const auto open = [&] {
        auto opened = table::open_rocksdb({.directory = directory.path(), .sync = false});
        if (!opened.ok()) return false;
        store = *std::move(opened);
        auto made = schedule::Engine::open({}, {*store, clock, [&](schedule::Call, auto done) {
                                                    ++calls;
                                                    done({});
                                                }});
        if (!made.ok()) return false;
        engine = *std::move(made);
        return true;
    };
    if (!open()) return 1;
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
    for (int i = 0; i < 1'000; ++i) {
        if (!engine->remove({Scope{}, "default", "r" + std::to_string(i)}).ok()) return 1;
    }
    begin = seconds();
    engine.reset();
    store.reset();
    const double stopped_mb = resident_mb();
    double stopped = seconds();
    if (!open() || !engine->step().ok()) return 1;
    std::printf("a start: %.0f ms, %.0f MB more resident (a stop: %.0f ms)\n", (seconds() - stopped) * 1'000,
                resident_mb() - stopped_mb, (stopped - begin) * 1'000);
    clock.set_wall(TimestampMs(7'226'582'400'000));  // 2199-01-01T00:00:00Z
    calls = 0;
    begin = seconds();
    while (calls < static_cast<uint64_t>(count)) {
        if (!engine->step().ok()) return 1;
    }
    std::printf("all due at once: %llu calls, %.0f/s, %.0f MB more resident\n", static_cast<unsigned long long>(calls),
                calls / (seconds() - begin), resident_mb() - empty_mb);
    return 0;
}
