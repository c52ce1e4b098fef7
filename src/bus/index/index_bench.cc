// How many events a second one thread matches, with few and with many rules that do not match.
#include <string>

#include <benchmark/benchmark.h>

#include "src/bus/index/pattern_index.h"

namespace millrace::bus {
namespace {

// By what each rule differs from the others.
enum Shape { source, source_and_type, prefix, range, wildcard };

std::string pattern_of(int shape, int64_t i) {
    const std::string n = std::to_string(i);
    switch (shape) {
        case source:
            return R"({"source":["shop)" + n + R"("]})";
        case source_and_type:
            return R"({"source":["shop)" + std::to_string(i % 100) + R"("],"detail-type":["type)" +
                   std::to_string(i / 100) + R"("]})";
        case prefix:
            return R"({"source":["shop1"],"detail":{"sku":[{"prefix":"k)" + n + R"(-"}]}})";
        case range:
            return R"({"source":["shop1"],"detail":{"price":[{"numeric":[">=",)" + n + R"(,"<",)" +
                   std::to_string(i + 1) + "]}]}}";
        default:
            return R"({"source":["shop1"],"detail":{"sku":[{"wildcard":"k)" + n + R"(-*z"}]}})";
    }
}

void match(benchmark::State& state) {
    std::vector<flow::pattern::Pattern> patterns;
    for (int64_t i = 0; i < state.range(1); ++i) {
        patterns.push_back(*flow::pattern::Pattern::compile(pattern_of(static_cast<int>(state.range(0)), i)));
    }
    const auto index = PatternIndex::build(std::move(patterns));
    const std::string event =
        R"({"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"type2","source":"shop1",)"
        R"("account":"000000000000","time":"2026-11-21T13:04:27Z","region":"us-east-1","resources":[],)"
        R"("detail":{"sku":"k7-0815","price":7.5,"customer":{"id":4711,"country":"DE"},"lines":[1,2,3],"text":")" +
        std::string(760, 'x') + R"("}})";
    PatternIndex::Scratch scratch;
    std::vector<uint32_t> found;
    for (auto _ : state) {
        index->match(event, scratch, &found);
        benchmark::DoNotOptimize(found.data());
    }
    state.counters["matched"] = static_cast<double>(found.size());
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(match)
    ->ArgNames({"shape", "rules"})
    ->ArgsProduct({{source, source_and_type, prefix, range, wildcard}, {10, 10'000}});

}  // namespace
}  // namespace millrace::bus
