// The index against the truth: every pattern held against every event, for random patterns and events of few words, so
// that much of it matches and much nearly does.
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/bus/index/pattern_index.h"

namespace millrace::bus {
namespace {

using flow::pattern::Pattern;

class Maker {
  public:
    explicit Maker(uint64_t seed) : random_(seed) {}

    std::string pattern(int depth = 0) {
        std::string out = "{";
        const int members = 1 + pick(3);
        std::vector<std::string> used;
        for (int i = 0; i < members; ++i) {
            std::string name = word();
            if (std::find(used.begin(), used.end(), name) != used.end()) continue;
            used.push_back(name);
            if (out.size() > 1) out += ',';
            out += '"' + name + "\":" + (depth < 2 && pick(3) == 0 ? pattern(depth + 1) : values());
        }
        if (depth < 2 && pick(5) == 0) out += ",\"$or\":[" + pattern(depth + 1) + "," + pattern(depth + 1) + "]";
        return out + "}";
    }

    std::string event(int depth = 0) {
        std::string out = "{";
        const int members = pick(6);
        for (int i = 0; i < members; ++i) {
            if (out.size() > 1) out += ',';
            out += '"' + word() + "\":" + value(depth);
        }
        return out + "}";
    }

  private:
    int pick(int count) { return static_cast<int>(random_() % static_cast<uint64_t>(count)); }
    std::string word() {
        static const std::vector<std::string> words = {"a", "b", "c", "d", "source", "\\u0061", "long name"};
        return words[static_cast<size_t>(pick(static_cast<int>(words.size())))];
    }
    std::string text() {
        static const std::vector<std::string> texts = {"x", "X",        "xy",       "xyz", "yx",
                                                       "",  "10.0.0.1", "10.1.0.1", "\\n", "xAyBz"};
        return '"' + texts[static_cast<size_t>(pick(static_cast<int>(texts.size())))] + '"';
    }
    std::string scalar() {
        static const std::vector<std::string> others = {"1",   "1.0",  "10",   "-3",    "2.5",  "1e2",
                                                        "100", "null", "true", "false", "1e400"};
        return pick(2) ? text() : others[static_cast<size_t>(pick(static_cast<int>(others.size())))];
    }
    std::string value(int depth) {
        const int kind = pick(8);
        if (kind == 0 && depth < 3) return event(depth + 1);
        if (kind == 1 && depth < 3) {
            std::string out = "[";
            const int count = pick(4);
            for (int i = 0; i < count; ++i) out += (i ? "," : "") + value(depth + 1);
            return out + "]";
        }
        return scalar();
    }
    std::string values() {
        std::string out = "[";
        const int count = 1 + (pick(3) == 0 ? pick(4) : 0);
        for (int i = 0; i < count; ++i) out += (i ? "," : "") + matcher();
        return out + "]";
    }
    std::string matcher() {
        switch (pick(14)) {
            case 0:
                return "{\"prefix\":" + text() + "}";
            case 1:
                return "{\"suffix\":" + text() + "}";
            case 2:
                return "{\"anything-but\":[" + text() + "]}";
            case 3:
                return "{\"exists\":" + std::string(pick(2) ? "true" : "false") + "}";
            case 4:
                return "{\"numeric\":[\">\"," + std::to_string(pick(12) - 4) + "]}";
            case 5:
                return "{\"numeric\":[\">=\",-3,\"<\"," + std::to_string(1 + pick(100)) + "]}";
            case 6:
                return "{\"equals-ignore-case\":" + text() + "}";
            case 7:
                return "{\"wildcard\":\"x*\"}";
            case 8:
                return "{\"wildcard\":\"*y*\"}";
            case 9:
                return "{\"cidr\":\"10.0.0.0/16\"}";
            case 10:
                return "{\"prefix\":{\"equals-ignore-case\":" + text() + "}}";
            default:
                return scalar() == "1e400" ? "1" : scalar_of_pattern();
        }
    }
    std::string scalar_of_pattern() {
        std::string out = scalar();
        return out == "1e400" ? "1" : out;
    }

    std::mt19937_64 random_;
};

TEST(PatternIndex, FindsWhatLookingAtEveryPatternFinds) {
    size_t matches = 0, compiled = 0;
    PatternIndex::Scratch scratch;
    for (uint64_t round = 0; round < 300; ++round) {
        Maker maker(round);
        std::vector<Pattern> patterns;
        std::vector<std::string> texts;
        for (int i = 0; i < 40; ++i) {
            const std::string text = maker.pattern();
            Result<Pattern> pattern = Pattern::compile(text);
            if (!pattern.ok()) continue;
            patterns.push_back(*pattern);
            texts.push_back(text);
        }
        compiled += patterns.size();
        const auto index = PatternIndex::build(patterns);
        for (int i = 0; i < 40; ++i) {
            const std::string event = maker.event();
            const auto tree = flow::pattern::parse_json(event);
            ASSERT_TRUE(tree.ok()) << event;
            std::vector<uint32_t> found, wanted;
            for (uint32_t p = 0; p < patterns.size(); ++p) {
                if (patterns[p].matches(*tree)) wanted.push_back(p);
            }
            index->match(event, scratch, &found);
            matches += wanted.size();
            for (const uint32_t p : wanted) {
                ASSERT_TRUE(std::find(found.begin(), found.end(), p) != found.end())
                    << "round " << round << ": missed " << texts[p] << " for " << event;
            }
            for (const uint32_t p : found) {
                ASSERT_TRUE(std::find(wanted.begin(), wanted.end(), p) != wanted.end())
                    << "round " << round << ": wrongly " << texts[p] << " for " << event;
            }
            ASSERT_EQ(found, wanted);
        }
    }
    EXPECT_GT(compiled, 6000u);
    EXPECT_GT(matches, 10'000u);
}

TEST(PatternIndex, WhatIsNoObjectMatchesNothing) {
    const auto index = PatternIndex::build({*Pattern::compile(R"({"a":[{"exists":false}]})")});
    PatternIndex::Scratch scratch;
    std::vector<uint32_t> found;
    for (const char* text : {"", "[]", "{", "{\"a\"", "nul", "{\"a\":}"}) {
        index->match(text, scratch, &found);
        EXPECT_TRUE(found.empty()) << text;
    }
    index->match("{}", scratch, &found);
    EXPECT_EQ(found.size(), 1u);
}

// An event with many equal elements in many lists: each node is looked at once, or this would never end.
TEST(PatternIndex, ListsDoNotMultiply) {
    std::string pattern = "{", event = "{";
    for (int i = 0; i < 12; ++i) {
        pattern += (i ? "," : "") + std::string("\"k") + std::to_string(i) + "\":[\"x\"]";
        event += (i ? "," : "") + std::string("\"k") + std::to_string(i) + "\":[";
        for (int j = 0; j < 1000; ++j) event += j ? ",\"x\"" : "\"x\"";
        event += "]";
    }
    const auto index = PatternIndex::build({*Pattern::compile(pattern + "}")});
    PatternIndex::Scratch scratch;
    std::vector<uint32_t> found;
    index->match(event + "}", scratch, &found);
    EXPECT_EQ(found.size(), 1u);
}

}  // namespace
}  // namespace millrace::bus
