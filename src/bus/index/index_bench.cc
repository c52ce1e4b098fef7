// How many events a second one thread matches, with few and with many rules that do not match. `index_bench`.
#include <chrono>
#include <cstdio>
#include <string>

#include "src/bus/index/pattern_index.h"

namespace {

using namespace millrace;

// By what each rule differs from the others.
std::string pattern_of(std::string_view shape, int i) {
    const std::string n = std::to_string(i);
    if (shape == "source") return R"({"source":["shop)" + n + R"("]})";
    if (shape == "source and type") {
        return R"({"source":["shop)" + std::to_string(i % 100) + R"("],"detail-type":["type)" +
               std::to_string(i / 100) + R"("]})";
    }
    if (shape == "prefix") return R"({"source":["shop1"],"detail":{"sku":[{"prefix":"k)" + n + R"(-"}]}})";
    if (shape == "range") {
        return R"({"source":["shop1"],"detail":{"price":[{"numeric":[">=",)" + n + R"(,"<",)" + std::to_string(i + 1) +
               "]}]}}";
    }
    return R"({"source":["shop1"],"detail":{"sku":[{"wildcard":"k)" + n + R"(-*5"}]}})";
}

}  // namespace

int main() {
    const std::string event =
        R"({"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"type2","source":"shop1",)"
        R"("account":"000000000000","time":"2026-11-21T13:04:27Z","region":"us-east-1","resources":[],)"
        R"("detail":{"sku":"k7-0815","price":7.5,"customer":{"id":4711,"country":"DE"},"lines":[1,2,3],"text":")" +
        std::string(760, 'x') + R"("}})";
    std::printf("%-16s %8s %9s %14s %10s\n", "rules differ by", "rules", "matched", "events/s", "build ms");
    for (const char* shape : {"source", "source and type", "prefix", "range", "wildcard"}) {
        for (const int rules : {10, 10'000}) {
            std::vector<flow::pattern::Pattern> patterns;
            for (int i = 0; i < rules; ++i) patterns.push_back(*flow::pattern::Pattern::compile(pattern_of(shape, i)));
            using Clock = std::chrono::steady_clock;
            const auto start = Clock::now();
            const auto index = bus::PatternIndex::build(std::move(patterns));
            const std::chrono::duration<double> build = Clock::now() - start;
            bus::PatternIndex::Scratch scratch;
            std::vector<uint32_t> found;
            size_t events = 0;
            const auto begin = Clock::now();
            std::chrono::duration<double> took{};
            while (took.count() < 0.5) {
                for (int i = 0; i < 1000; ++i) index->match(event, scratch, &found);
                events += 1000;
                took = Clock::now() - begin;
            }
            std::printf("%-16s %8d %9zu %14.0f %10.1f\n", shape, rules, found.size(),
                        static_cast<double>(events) / took.count(), build.count() * 1000);
        }
    }
}
