// What the table engine takes, by itself:
//   tables_bench DIRECTORY [seconds a row] [items]
// Rows: durable puts of 1 KiB with 1, 64 and 500 waiting clients, the same with a change stream and with an index;
// write_each of 25; gets from the cache; a Query of 1,000 items; and, with `items`, puts of 100-byte items into a table
// of so many (filled first).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "src/io/clock.h"
#include "src/table/tables.h"

namespace {

using namespace millrace;
using namespace millrace::table;
using Time = std::chrono::steady_clock;

double seconds_since(Time::time_point start) {
    return std::chrono::duration<double>(Time::now() - start).count();
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

const Error& why(const Error& error) {
    return error;
}
const Error& why(const WriteError& error) {
    return error.error;
}

template <class T, class E>
T must(Result<T, E> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", why(result.error()).message.c_str());
        std::exit(1);
    }
    return std::move(result).value();
}

Item key_of(uint64_t number) {
    Item item;
    item.set("p", {"item-" + std::to_string(number)});
    return item;
}

Item item_of(uint64_t number, size_t bytes) {
    Item item = key_of(number);
    item.set("g", {"group-" + std::to_string(number % 1000)});
    item.set("v", {std::string(bytes, 'x')});
    return item;
}

TableRef make_table(Tables& tables, const std::string& name, bool stream, bool index) {
    TableDefinition definition;
    definition.name = name;
    definition.key.partition = "p";
    if (stream) definition.stream.emplace();
    if (index) {
        definition.indexes.emplace_back();
        definition.indexes[0].name = "g";
        definition.indexes[0].key.partition = "g";
    }
    return must(tables.create(definition));
}

// `clients` that each wait for their write, driven by two threads; keys out of `keys`.
double puts(Tables& tables, const TableRef& table, size_t clients, size_t batch, uint64_t keys, size_t bytes,
            double seconds) {
    std::atomic<uint64_t> written{0};
    std::mutex mutex;
    std::condition_variable freed;
    size_t free = clients;
    std::atomic<bool> stop{false};
    const auto release = [&](size_t items) {
        written += items;
        const std::lock_guard lock(mutex);
        if (++free == 1) freed.notify_one();
    };
    const auto work = [&](uint64_t seed) {
        std::mt19937_64 random(seed);
        while (!stop) {
            size_t mine = 0;
            {
                std::unique_lock lock(mutex);
                freed.wait_for(lock, std::chrono::milliseconds(50), [&] { return free > 0 || stop; });
                mine = std::min<size_t>(free, 16);
                free -= mine;
            }
            for (; mine > 0; --mine) {
                if (batch == 1) {
                    WriteOperation operation{.table = table, .item = item_of(random() % keys, bytes)};
                    operation.item.set("r", {std::to_string(random())});  // a put of what is there changes nothing
                    operation.sizes_unused = true;                        // as PutItem's are
                    tables.write(std::move(operation), [&](WriteResult result) {
                        must(std::move(result));
                        release(1);
                    });
                    continue;
                }
                std::vector<WriteOperation> operations;
                for (size_t i = 0; i < batch; ++i) {
                    operations.push_back({.table = table, .item = item_of(random() % keys, bytes)});
                    operations.back().item.set("r", {std::to_string(random())});
                    operations.back().sizes_unused = true;
                }
                tables.write_each(std::move(operations),
                                  [&, batch](const std::vector<WriteResult>&) { release(batch); });
            }
        }
    };
    const auto start = Time::now();
    std::random_device seed;  // other keys in each row
    std::thread one([&, first = seed()] { work(first); }), two([&, second = seed()] { work(second); });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const double rate = static_cast<double>(written) / seconds_since(start);
    stop = true;
    one.join();
    two.join();
    std::unique_lock lock(mutex);
    while (free < clients) {
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        lock.lock();
    }
    return rate;
}

double gets(Tables& tables, const TableRef& table, uint64_t keys, double seconds) {
    std::atomic<uint64_t> read{0};
    const auto work = [&](uint64_t seed) {
        std::mt19937_64 random(seed);
        const auto start = Time::now();
        uint64_t mine = 0;
        while (seconds_since(start) < seconds) {
            for (int i = 0; i < 100; ++i) must(tables.get(table, key_of(random() % keys)));
            mine += 100;
        }
        read += mine;
    };
    const auto start = Time::now();
    std::thread one([&] { work(3); }), two([&] { work(4); });
    one.join();
    two.join();
    return static_cast<double>(read) / seconds_since(start);
}

// A row, with the processor time since the last one: what does not depend on who else uses the machine.
class Rows {
  public:
    void add(const std::string& what, double rate, double seconds) {
        const double used = cpu_seconds() - since_;
        std::printf("%-46s %10.0f /s, %.1f us of processor time each\n", what.c_str(), rate,
                    1e6 * used / (rate * seconds));
        std::fflush(stdout);
        since_ = cpu_seconds();
    }

  private:
    double since_ = cpu_seconds();
};

void query_thousand(Tables& tables) {
    TableDefinition definition;
    definition.name = "query";
    definition.key = {.partition = "p", .sort = "s"};
    const TableRef table = must(tables.create(definition));
    std::vector<Item> items;
    for (int i = 0; i < 1000; ++i) {
        Item item;
        item.set("p", {std::string("one")});
        item.set("s", {"sort-" + std::to_string(i)});
        item.set("v", {std::string(900, 'x')});
        items.push_back(std::move(item));
    }
    if (!tables.load(table, std::move(items)).ok()) std::exit(1);
    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
        const auto start = Time::now();
        const Page page = must(tables.query({.table = table, .condition = {.partition = {std::string("one")}}}));
        if (page.items.size() != 1000) std::exit(1);
        times.push_back(1000 * seconds_since(start));
    }
    std::sort(times.begin(), times.end());
    std::printf("%-46s %10.2f ms (median), %.2f ms (p99)\n", "query of 1,000 items", times[100], times[198]);
}

// As BatchWriteItem does, many at a time.
void fill(Tables& tables, const TableRef& table, uint64_t from, uint64_t to, size_t bytes) {
    constexpr uint64_t batch = 25;
    constexpr int batches_max = 128;
    std::mutex mutex;
    std::condition_variable freed;
    int on_their_way = 0;
    for (uint64_t first = from; first < to; first += batch) {
        std::vector<WriteOperation> operations;
        for (uint64_t i = first; i < std::min(first + batch, to); ++i) {
            operations.push_back({.table = table, .item = item_of(i, bytes)});
            operations.back().sizes_unused = true;
        }
        {
            std::unique_lock lock(mutex);
            freed.wait(lock, [&] { return on_their_way < batches_max; });
            ++on_their_way;
        }
        tables.write_each(std::move(operations), [&](std::vector<WriteResult> results) {
            for (WriteResult& result : results) must(std::move(result));
            const std::lock_guard lock(mutex);
            --on_their_way;
            freed.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    freed.wait(lock, [&] { return on_their_way == 0; });
}

void big_table(Tables& tables, uint64_t items, double seconds) {
    constexpr size_t bytes = 60;
    const auto kept = tables.find({}, "big");  // filled by an earlier run; how far, is known to one in a hundred
    const TableRef table = kept ? *kept : make_table(tables, "big", false, false);
    const uint64_t there = must(tables.size(table, nullptr)).items;
    Rows rows;
    if (there < items - items / 100) {
        const auto start = Time::now();
        fill(tables, table, there, items, bytes);
        const double filling = seconds_since(start);
        rows.add("puts of 25 new ones, up to " + std::to_string(items), static_cast<double>(items - there) / filling,
                 filling);
    }
    for (int round = 0; round < 3; ++round) {
        rows.add("puts of 100 bytes over items", puts(tables, table, 64, 1, items, bytes, seconds), seconds);
        rows.add("puts of 100 bytes, half of them new", puts(tables, table, 64, 1, items * 2, bytes, seconds), seconds);
    }
    rows.add("gets", gets(tables, table, items, seconds), seconds);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: tables_bench DIRECTORY [seconds a row] [items]\n");
        return 1;
    }
    const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
    const uint64_t items = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
    const auto tables = must(Tables::open({.directory = argv[1]}, io::system_clock()));
    if (items > 0) {
        big_table(*tables, items, seconds);
        return 0;
    }
    constexpr uint64_t keys = 100'000;
    constexpr size_t bytes = 1000;
    Rows rows;
    const auto row = [&](const char* what, double rate) { rows.add(what, rate, seconds); };
    const TableRef plain = make_table(*tables, "plain", false, false);
    row("puts of 1 KiB, 1 client", puts(*tables, plain, 1, 1, keys, bytes, seconds));
    row("puts of 1 KiB, 64 clients", puts(*tables, plain, 64, 1, keys, bytes, seconds));
    row("puts of 1 KiB, 500 clients", puts(*tables, plain, 500, 1, keys, bytes, seconds));
    const TableRef streamed = make_table(*tables, "streamed", true, false);
    row("puts, 64 clients, a change stream", puts(*tables, streamed, 64, 1, keys, bytes, seconds));
    const TableRef indexed = make_table(*tables, "indexed", false, true);
    row("puts, 64 clients, an index with all attributes", puts(*tables, indexed, 64, 1, keys, bytes, seconds));
    row("write_each of 25, 16 clients, items", puts(*tables, plain, 16, 25, keys, bytes, seconds));
    row("gets of 1 KiB, 2 threads", gets(*tables, plain, keys, seconds));
    query_thousand(*tables);
}
