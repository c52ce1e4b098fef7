// The log against a model that is a vector a shard, through random appends, reads, trims, reopenings, kills and
// power failures. What must hold, whatever happened:
//  - every acknowledged record that was not trimmed is there, once, in order, unchanged;
//  - beyond the acknowledged ones there may be those that were under way when the power went: a prefix, in order;
//  - nothing is ever reported corrupt: no disk decays here.
#include <cstdlib>
#include <future>
#include <random>

#include "src/log/log_testing.h"

namespace millrace::log {
namespace {

struct ModelShard {
    ShardKey key;
    std::vector<std::string> records;  // acknowledged
    std::vector<Position> positions;
    std::vector<std::string> under_way;  // perhaps durable
    size_t trimmed = 0;
    bool dropped = false;
};

class Model {
  public:
    explicit Model(uint64_t seed) : random_(seed) {
        options_ = small_options(32 << 10);
        if (seed % 3 == 0) options_.tail_cache_bytes = 64 << 10;
        if (seed % 4 == 0) files_.refuse_direct();
    }

    void run(int steps) {
        log_ = opened(files_, clock_, options_);
        for (int step = 0; step < steps && log_ && !testing::Test::HasFailure(); ++step) {
            clock_.advance_ms(static_cast<int64_t>(random_() % 50));
            switch (random_() % 16) {
                case 0:
                    create();
                    break;
                case 1:
                    reopen();
                    break;
                case 2:
                    crash();
                    break;
                case 3:
                    trim();
                    break;
                case 4:
                case 5:
                    check(shards_.empty() ? 0 : random_() % shards_.size());
                    break;
                default:
                    append_some();
            }
        }
        if (log_) reopen();
        for (size_t i = 0; i < shards_.size() && !testing::Test::HasFailure(); ++i) check(i);
    }

  private:
    void create() {
        if (shards_.size() >= 5) return;
        const auto made = log_->create_shards(1 + random_() % 2);
        ASSERT_TRUE(made.ok());
        shards_.push_back({.key = *made});
    }

    std::vector<std::string> some_records() {
        std::vector<std::string> records;
        for (uint64_t i = 0, count = 1 + random_() % 5; i < count; ++i) {
            const size_t size = random_() % 8 == 0 ? random_() % 6000 : random_() % 200;
            records.push_back(std::to_string(++counter_) + ":" + std::string(size, static_cast<char>('a' + i)));
        }
        return records;
    }

    void append_some() {
        if (shards_.empty()) return;
        const bool fault = random_() % 12 == 0;
        if (fault) files_.power_off_after(random_() % 6);
        std::vector<Batch> batches;
        std::vector<std::pair<size_t, std::vector<std::string>>> sent;
        for (size_t i = 0; i < shards_.size(); ++i) {
            if (random_() % 2 && !sent.empty()) continue;
            batches.emplace_back(shards_[i].key);
            sent.emplace_back(i, some_records());
            for (const auto& record : sent.back().second) batches.back().add("key", record);
        }
        std::promise<Result<std::vector<Appended>>> promise;
        log_->append(std::move(batches), [&](auto result) { promise.set_value(std::move(result)); });
        const auto result = promise.get_future().get();
        for (size_t i = 0; i < sent.size(); ++i) {
            ModelShard& shard = shards_[sent[i].first];
            auto& to = result ? shard.records : shard.under_way;
            to.insert(to.end(), sent[i].second.begin(), sent[i].second.end());
            if (result) {
                const auto& positions = (*result)[i].positions;
                shard.positions.insert(shard.positions.end(), positions.begin(), positions.end());
            }
        }
        if (!result) EXPECT_TRUE(fault) << result.error().message;
        if (fault) crash();
    }

    void crash() {
        if (random_() % 2) files_.power_off_after(random_() % 4);  // also while it closes
        log_.reset();
        files_.crash(random_());
        log_ = opened(files_, clock_, options_);
        after_opening();
    }

    void reopen() {
        log_.reset();
        if (random_() % 2) files_.kill_process();
        log_ = opened(files_, clock_, options_);
        after_opening();
    }

    void after_opening() {
        ASSERT_NE(log_, nullptr);
        for (const auto& text : log_->recovery().corruptions) ADD_FAILURE() << text;
        // What was under way is settled now: there or not.
        for (ModelShard& shard : shards_) {
            const auto read = read_shard(shard);
            const size_t expected = shard.records.size();
            for (size_t i = expected; i < first_ + read.size(); ++i) {
                const auto& one = read[i - first_];
                ASSERT_FALSE(shard.under_way.empty());
                EXPECT_EQ(one.first, shard.under_way[i - expected]);
                shard.records.push_back(one.first);
                shard.positions.push_back(one.second);
            }
            shard.under_way.clear();
        }
    }

    // What is there, and how many of the model's came before it (horizons may fall back after a crash).
    std::vector<std::pair<std::string, Position>> read_shard(const ModelShard& shard) {
        std::vector<std::pair<std::string, Position>> all;
        Position from = log_->horizon(shard.key).value();
        for (;;) {
            const auto result = log_->read(shard.key, from, {.records_max = 1 + random_() % 50});
            EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
            if (!result) return all;
            for (const auto& record : result->records) all.emplace_back(std::string(record.data), record.position);
            from = result->next;
            if (result->at_end) break;
        }
        first_ = 0;
        if (all.empty()) {
            first_ = shard.records.size();
        } else {
            while (first_ < shard.records.size() && shard.positions[first_] < all.front().second) ++first_;
        }
        return all;
    }

    void check(size_t which) {
        if (which >= shards_.size()) return;
        ModelShard& shard = shards_[which];
        const auto read = read_shard(shard);
        EXPECT_LE(first_, shard.trimmed) << "lost a record at the beginning";
        ASSERT_EQ(first_ + read.size(), shard.records.size());
        for (size_t i = 0; i < read.size(); ++i) {
            ASSERT_EQ(read[i].first, shard.records[first_ + i]);
            ASSERT_EQ(read[i].second, shard.positions[first_ + i]);
        }
        if (read.empty()) return;
        // From the middle, by number.
        const size_t middle = random_() % read.size();
        const auto result = log_->read(shard.key, read[middle].second, {.records_max = 1});
        ASSERT_TRUE(result.ok());
        ASSERT_EQ(result->records.size(), 1u);
        EXPECT_EQ(result->records[0].data, read[middle].first);
    }

    void trim() {
        if (shards_.empty()) return;
        ModelShard& shard = shards_[random_() % shards_.size()];
        if (shard.records.empty()) return;
        const size_t upto = random_() % (shard.records.size() + 1);
        const Position to = upto < shard.positions.size() ? shard.positions[upto] : log_->end(shard.key).value();
        ASSERT_TRUE(log_->trim_to(shard.key, to).ok());
        shard.trimmed = std::max(shard.trimmed, upto);
    }

    std::mt19937_64 random_;
    io::FaultyFileSystem files_;
    io::ManualClock clock_;
    Options options_;
    std::unique_ptr<Log> log_;
    std::vector<ModelShard> shards_;
    uint64_t counter_ = 0;
    size_t first_ = 0;
};

TEST(LogModel, HoldsThroughEverything) {
    const char* only = std::getenv("MODEL_SEED");
    for (uint64_t seed = only ? std::stoull(only) : 1; seed <= (only ? std::stoull(only) : 150); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Model(seed).run(120);
        if (testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace millrace::log
