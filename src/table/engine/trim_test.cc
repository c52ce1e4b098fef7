// What trimming change streams gives back, and what it costs.
#include <algorithm>
#include <future>
#include <map>
#include <random>

#include "src/table/engine/tables_testing.h"

namespace millrace::table::engine {
namespace {

constexpr int64_t hour_ms = 3'600'000;
constexpr int retention_hours = 4;

class TrimTest : public TablesTest {
  protected:
    void SetUp() override {
        auto opened = TablesImpl::open({.directory = directory.path() + "/tables",
                                        .sync = false,
                                        .write_buffer_bytes = 256 << 10,
                                        .change_retention_ms = retention_hours * hour_ms},
                                       clock, {.background = false});
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        tables = std::move(opened).value();
    }
    void make_tables(int count) {
        for (int i = 0; i < count; ++i) {
            TableDefinition definition;
            definition.name = std::to_string(i);
            definition.key.partition = "p";
            definition.stream.emplace();
            definition.stream->view = StreamView::new_image;
            made_.push_back(create(definition));
        }
    }
    // Each a change of ten kilobytes, to the tables in turn.
    void write_hour(int writes) {
        for (int part = 0; part < 4; ++part) {
            std::vector<WriteOperation> operations;
            for (int i = 0; i < writes / 4; ++i) {
                std::string bytes(10'000, '\0');
                for (char& byte : bytes) byte = static_cast<char>('a' + random_() % 26);
                const TableRef& into = made_[static_cast<size_t>(i) % made_.size()];
                operations.push_back({.table = into, .item = item_of({{"p", text("p")}, {"v", text(bytes)}})});
            }
            std::promise<bool> written;
            tables->write_each(std::move(operations), [&](std::vector<WriteResult> results) {
                written.set_value(
                    std::all_of(results.begin(), results.end(), [](const auto& one) { return one.ok(); }));
            });
            ASSERT_TRUE(written.get_future().get());
            clock.advance_ms(hour_ms / 4);
            tables->background().run_once();
        }
    }
    void wait_for_compactions() {
        const auto number = [&](const std::string& of) {
            uint64_t value = 1;
            EXPECT_TRUE(tables->database()->GetIntProperty(changes_family(), of, &value));
            return value;
        };
        while (number(rocksdb::DB::Properties::kCompactionPending) +
                   number(rocksdb::DB::Properties::kNumRunningFlushes) +
                   number(rocksdb::DB::Properties::kNumRunningCompactions) !=
               0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    rocksdb::ColumnFamilyHandle* changes_family() { return tables->database().family(Family::changes); }
    double file_bytes() {
        rocksdb::ColumnFamilyMetaData files;
        tables->database()->GetColumnFamilyMetaData(changes_family(), &files);
        return static_cast<double>(files.size);
    }
    double written(const std::string& by) {
        std::map<std::string, std::string> figures;
        tables->database()->GetMapProperty(changes_family(), rocksdb::DB::Properties::kCFStats, &figures);
        return std::stod(figures["compaction." + by + ".WriteGB"]);
    }

    std::vector<TableRef> made_;
    std::mt19937 random_{7};
};

TEST_F(TrimTest, FilesOfOneStreamAreWrittenOnceAndGo) {
    make_tables(1);
    const uint64_t stream = made_[0]->stream->id;
    const ChangeSequence begin = tables->changes_begin(stream, 0);
    for (int hour = 0; hour < 3 * retention_hours; ++hour) write_hour(200);
    wait_for_compactions();
    EXPECT_LT(file_bytes(), 1.5 * retention_hours * 200 * 10'000);
    EXPECT_LT(written("Sum"), 1.3 * written("L0"));
    EXPECT_EQ(tables->changes(stream, 0, begin, 1, 1).error().code, ErrorCode::out_of_range);
    const auto kept = tables->changes(stream, 0, tables->changes_begin(stream, 0), 1'000'000, size_t{1} << 30);
    ASSERT_TRUE(kept.ok());
    EXPECT_NEAR(static_cast<double>(kept->changes.size()), retention_hours * 200, 100);
}

TEST_F(TrimTest, SpaceOfStreamsThatLieTogetherComesBack) {
    make_tables(20);
    for (int hour = 0; hour < 3 * retention_hours; ++hour) write_hour(200);
    wait_for_compactions();
    EXPECT_LT(file_bytes(), 1.7 * retention_hours * 200 * 10'000);
}

}  // namespace
}  // namespace millrace::table::engine
