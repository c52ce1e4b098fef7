// The power goes at every possible moment of every kind of change. Afterwards each key has its old or its new bytes,
// what was acknowledged is there, and no file is left that nothing refers to.
#include <random>

#include <gtest/gtest.h>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/io/clock.h"
#include "src/io/faulty_file_system.h"
#include "src/object/local_store.h"
#include "src/object/memory_key_value_store.h"

namespace millrace::object {
namespace {

class StoreCrashTest : public testing::Test {
  protected:
    StoreCrashTest() {
        EXPECT_TRUE(files_.make_directories("/data").ok());
        EXPECT_TRUE(files_.sync_directory("/").ok());
        // Metadata stands on the same disk: a write of it is two changes of the disk, and it may have happened
        // although its answer got lost.
        metadata_.before = metadata_.after = [this] { return files_.sync_directory("/data"); };
        open();
        EXPECT_TRUE(store_->create_bucket({"b", "us-east-1", TimestampMs(1), {}}).ok());
    }
    void open() {
        auto opened = Store::open("/data/objects", metadata_, files_, clock_, true);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        store_ = std::move(*opened);
        static_cast<LocalStore&>(*store_).finish_recovery();
    }
    std::optional<std::string> get(const std::string& key) {
        const auto reader = store_->open_object("b", key);
        if (!reader.ok()) {
            EXPECT_EQ(reader.error().code, ErrorCode::not_found) << reader.error().message;
            return std::nullopt;
        }
        std::string bytes((*reader)->info().size, '\0');
        const auto count = (*reader)->read_at(0, bytes);
        EXPECT_TRUE(count.ok()) << count.error().message;
        EXPECT_EQ((*reader)->info().etag.find('-') == std::string::npos ? hex_encode(md5(bytes)) : "",
                  (*reader)->info().etag.find('-') == std::string::npos ? (*reader)->info().etag : "");
        return bytes;
    }
    size_t file_count() {
        size_t count = 0;
        const auto upper = files_.list("/data/objects");
        for (const std::string& a : upper.ok() ? *upper : std::vector<std::string>()) {
            const auto lower = files_.list("/data/objects/" + a);
            for (const std::string& b : lower.ok() ? *lower : std::vector<std::string>()) {
                count += files_.list("/data/objects/" + a + "/" + b)->size();
            }
        }
        return count;
    }
    Result<ObjectInfo> put_parts(const std::string& key, const std::string& bytes) {
        TRY_ASSIGN(const std::string id, store_->create_multipart("b", key, {}, ""));
        std::vector<CompletedPart> parts;
        for (int number = 1; number <= 2; ++number) {
            TRY_ASSIGN(const std::unique_ptr<Upload> part, store_->begin_part("b", key, id, number));
            TRY(part->write(bytes));
            TRY_ASSIGN(const ObjectInfo info, part->commit());
            parts.push_back({number, info.etag, {}});
        }
        return store_->complete_multipart("b", key, id, parts, {});
    }

    io::FaultyFileSystem files_;
    MemoryKeyValueStore metadata_;
    io::ManualClock clock_;
    std::unique_ptr<Store> store_;
};

TEST_F(StoreCrashTest, LosesNothingAcknowledgedAndKeepsNothingElse) {
    std::mt19937 random(7);
    std::map<std::string, std::string> model;
    int interrupted = 0;
    for (int round = 0; round < 400; ++round) {
        files_.power_off_after(1 + random() % 25);
        // Work until the power goes.
        std::string key;
        std::optional<std::string> wanted;  // what the interrupted change would have made of `key`
        for (bool powered = true; powered;) {
            key = std::string(1, static_cast<char>('a' + random() % 5));
            wanted = std::string((random() % 2 ? 20'000 : 10) + random() % 50, static_cast<char>('a' + random() % 26));
            Status done;
            switch (random() % 5) {
                case 0:
                    wanted.reset();
                    done = store_->remove("b", key);
                    break;
                case 1: {
                    const auto put = put_parts(key, *wanted);
                    if (!put.ok()) done = put.error();
                    wanted = *wanted + *wanted;
                    break;
                }
                case 2: {
                    if (model.empty()) continue;
                    const auto source = model.begin();
                    wanted = source->second;
                    const auto put = store_->copy("b", source->first, "b", key, std::nullopt);
                    if (!put.ok()) done = put.error();
                    break;
                }
                default: {
                    const auto put = store_->put("b", key, *wanted, {});
                    if (!put.ok()) done = put.error();
                }
            }
            if (!done.ok()) {
                powered = false;
            } else if (wanted) {
                model[key] = *wanted;
            } else {
                model.erase(key);
            }
        }
        ++interrupted;
        store_.reset();
        if (random() % 2) {
            files_.crash(random());
        } else {
            files_.kill_process();
        }
        open();
        const std::optional<std::string> now = get(key);
        const auto before = model.find(key);
        const bool is_old = before == model.end() ? !now : now == before->second;
        ASSERT_TRUE(is_old || now == wanted) << "round " << round << ", key " << key;
        if (now) {
            model[key] = *now;
        } else {
            model.erase(key);
        }
        for (const auto& [name, bytes] : model) ASSERT_EQ(get(name), bytes) << "round " << round << ", key " << name;
        // Interrupted uploads stay, with their parts, until they are aborted.
        const auto uploads = store_->multiparts("b", "");
        ASSERT_TRUE(uploads.ok());
        for (const MultipartInfo& upload : *uploads) {
            ASSERT_TRUE(store_->abort_multipart("b", upload.key, upload.upload_id).ok());
        }
        size_t referenced = 0;
        std::string last;
        const std::unique_ptr<table::Cursor> cursor = metadata_.cursor();
        for (cursor->seek("object/r/"); cursor->valid() && cursor->key().starts_with("object/r/"); cursor->next()) {
            const std::string file(cursor->key().substr(0, cursor->key().size() - 8));
            referenced += file == last ? 0 : 1;
            last = file;
        }
        ASSERT_EQ(file_count(), referenced) << "round " << round;
    }
    EXPECT_EQ(interrupted, 400);
    // The journal does not grow: a lease or two, no marks.
    store_.reset();
    EXPECT_LE(metadata_.count("object/l"), 1u);
    EXPECT_LE(metadata_.count("object/d"), 2u);
}

TEST_F(StoreCrashTest, AFailedSyncFailsThePutAndLeavesTheOldObject) {
    ASSERT_TRUE(store_->put("b", "k", "old", {}).ok());
    files_.fail_sync(1);
    EXPECT_EQ(store_->put("b", "k", std::string(50'000, 'x'), {}).error().code, ErrorCode::io);
    EXPECT_EQ(get("k"), "old");
    EXPECT_EQ(file_count(), 0u);
    ASSERT_TRUE(store_->put("b", "k", std::string(50'000, 'y'), {}).ok());
    EXPECT_EQ(get("k"), std::string(50'000, 'y'));
}

TEST_F(StoreCrashTest, AFullDiskFailsThePutAndLeavesTheOldObject) {
    ASSERT_TRUE(store_->put("b", "k", "old", {}).ok());
    files_.set_capacity(100'000);
    EXPECT_EQ(store_->put("b", "k", std::string(200'000, 'x'), {}).error().code, ErrorCode::resource_exhausted);
    EXPECT_EQ(get("k"), "old");
    EXPECT_EQ(file_count(), 0u);
    EXPECT_TRUE(store_->put("b", "k", std::string(50'000, 'y'), {}).ok());
}

TEST_F(StoreCrashTest, ALostFileIsReportedAsCorruption) {
    ASSERT_TRUE(store_->put("b", "k", std::string(50'000, 'x'), {}).ok());
    ASSERT_TRUE(files_.remove("/data/objects/0000/001/000000000400").ok());
    EXPECT_EQ(store_->open_object("b", "k").error().code, ErrorCode::corruption);
    EXPECT_TRUE(store_->remove("b", "k").ok());
}

}  // namespace
}  // namespace millrace::object
