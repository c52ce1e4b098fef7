#include "src/object/store.h"

#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/checksums.h"
#include "src/object/local_store.h"
#include "src/object/memory_key_value_store.h"
#include "src/table/temporary_directory.h"

namespace millrace::object {
namespace {

class StoreTest : public testing::Test {
  protected:
    StoreTest() {
        reopen();
        EXPECT_TRUE(store_->create_bucket({"b", "us-east-1", TimestampMs(1), {}}).ok());
    }
    void reopen() {
        store_.reset();
        auto opened = Store::open(directory_.path() + "/objects", metadata_, io::posix_file_system(), clock_, true);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        store_ = std::move(*opened);
    }
    void put(std::string_view key, std::string_view bytes, PutOptions options = {}) {
        const auto put = store_->put("b", key, bytes, std::move(options));
        ASSERT_TRUE(put.ok()) << put.error().message;
    }
    std::string get(std::string_view key) {
        const auto reader = store_->open_object("b", key);
        if (!reader.ok()) return "error: " + reader.error().message;
        return read(**reader);
    }
    static std::string read(const ObjectReader& reader) {
        std::string bytes(reader.info().size, '\0');
        const auto count = reader.read_at(0, bytes);
        if (!count.ok()) return "error: " + count.error().message;
        bytes.resize(*count);
        return bytes;
    }
    std::string upload_part(const std::string& id, int number, std::string_view bytes) {
        auto part = store_->begin_part("b", "m", id, number);
        EXPECT_TRUE(part.ok());
        EXPECT_TRUE((*part)->write(bytes).ok());
        const auto info = (*part)->commit();
        EXPECT_TRUE(info.ok());
        return info->etag;
    }
    size_t files() const {
        size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }
    std::vector<std::string> list(ListOptions options) {
        std::vector<std::string> seen;
        for (;;) {
            const auto page = store_->list("b", options);
            EXPECT_TRUE(page.ok());
            std::vector<std::string> names;
            for (const ObjectInfo& object : page->objects) names.push_back(object.key);
            for (const std::string& prefix : page->common_prefixes) names.push_back(prefix + "*");
            std::sort(names.begin(), names.end());
            EXPECT_LE(names.size(), options.keys_max);
            seen.insert(seen.end(), names.begin(), names.end());
            if (!page->truncated) return seen;
            options.start_after = page->next_start_after;
        }
    }

    table::TemporaryDirectory directory_;
    MemoryKeyValueStore metadata_;
    io::ManualClock clock_;
    std::unique_ptr<Store> store_;
};

const std::string large(100'000, 'x');

TEST_F(StoreTest, GivesBackWhatWasPutSmallAndLarge) {
    for (const size_t size : {size_t{0}, size_t{1}, inline_bytes_max, inline_bytes_max + 1, size_t{1'000'003}}) {
        const std::string bytes = random_bytes(size);
        put("k", bytes);
        EXPECT_EQ(get("k"), bytes);
        const auto info = store_->head("b", "k");
        ASSERT_TRUE(info.ok());
        EXPECT_EQ(info->size, size);
        EXPECT_EQ(info->etag, hex_encode(md5(bytes)));
        EXPECT_EQ(info->checksum->algorithm, "CRC64NVME");
        EXPECT_EQ(info->checksum->value, checksum_of("CRC64NVME", bytes).value);
        EXPECT_EQ(info->modified, clock_.now());
        EXPECT_EQ(files(), size > inline_bytes_max ? 1u : 0u);
        reopen();
        EXPECT_EQ(get("k"), bytes);
    }
}

TEST_F(StoreTest, NeverMakesAPathOfAKey) {
    std::string long_key;
    while (long_key.size() < 1024) long_key += "\xc3\xa9";
    const std::vector<std::string> odd = {
        "../../etc/passwd",   "a//b",   "/",        "a/",     ".",      "..",
        std::string("\0", 1), "con\nx", "\xff\xfe", long_key, "b/../b", std::string("a\0b", 3)};
    for (const std::string& key : odd) put(key, large + key);
    for (const std::string& key : odd) EXPECT_EQ(get(key), large + key);
    EXPECT_EQ(files(), odd.size());
    EXPECT_EQ(list({}).size(), odd.size());
    EXPECT_EQ(store_->put("b", "", "x", {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(store_->put("b", long_key + "x", "x", {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(store_->create_bucket({"../x", "", {}, {}}).error().code, ErrorCode::invalid_argument);
}

TEST_F(StoreTest, AReaderKeepsTheVersionItOpened) {
    put("k", large);
    const auto reader = store_->open_object("b", "k");
    ASSERT_TRUE(reader.ok());
    put("k", "new");
    EXPECT_EQ(read(**reader), large);
    EXPECT_EQ(get("k"), "new");
    ASSERT_TRUE(store_->remove("b", "k").ok());
    EXPECT_EQ(read(**reader), large);
    EXPECT_EQ(files(), 0u);
    EXPECT_EQ(store_->open_object("b", "k").error().code, ErrorCode::not_found);
    EXPECT_TRUE(store_->remove("b", "k").ok());
}

TEST_F(StoreTest, AnUploadLeftUncommittedLeavesNothing) {
    auto upload = store_->begin_put("b", "k", {});
    ASSERT_TRUE((*upload)->write(std::string(1 << 20, 'x')).ok());
    EXPECT_EQ(files(), 1u);
    upload->reset();
    EXPECT_EQ(files(), 0u);
    EXPECT_EQ(list({}).size(), 0u);
}

TEST_F(StoreTest, UploadsCommittedTogetherAreOneWrite) {
    put("old", large);
    for (const bool fails : {true, false}) {
        std::vector<std::unique_ptr<Upload>> uploads;
        for (const std::string key : {"old", "small", "large"}) {
            uploads.push_back(*store_->begin_put("b", key, {}));
            ASSERT_TRUE(uploads.back()->write(key == "large" ? large : key).ok());
        }
        table::WriteBatch also;
        also.put("beside", "written");
        int writes = 0;
        metadata_.before = [&]() -> Status {
            ++writes;
            if (fails) return Error{ErrorCode::io, "full"};
            return {};
        };
        EXPECT_EQ(store_->commit_together(uploads, std::move(also)).ok(), !fails);
        metadata_.before = nullptr;
        if (!fails) {
            EXPECT_EQ(writes, 1) << "file names are taken in blocks, in the first round";
        }
        EXPECT_EQ(list({}).size(), fails ? 1u : 3u);
        EXPECT_EQ(get("old"), fails ? large : "old");
        EXPECT_EQ(metadata_.get("beside")->has_value(), !fails);
    }
    EXPECT_EQ(get("large"), large);
    EXPECT_EQ(get("small"), "small");
}

TEST_F(StoreTest, ExtentsAreReadableDescriptors) {
    put("small", "abc");
    put("large", large);
    for (const char* key : {"small", "large"}) {
        const auto reader = store_->open_object("b", key);
        ASSERT_TRUE(reader.ok());
        const auto& extents = (*reader)->extents();
        ASSERT_EQ(extents.size(), 1u);
        std::string bytes(extents[0].size, '\0');
        EXPECT_EQ(::pread(extents[0].descriptor, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
        EXPECT_EQ(bytes, get(key));
        EXPECT_LT(::pwrite(extents[0].descriptor, "x", 1, 0), 0);
    }
}

TEST_F(StoreTest, ChecksConditionsWithTheWrite) {
    PutOptions fresh;
    fresh.if_none_match = true;
    put("k", "1", fresh);
    EXPECT_EQ(store_->put("b", "k", "2", fresh).error().code, ErrorCode::failed_precondition);
    PutOptions match;
    match.if_match = hex_encode(md5("1"));
    put("k", "2", match);
    EXPECT_EQ(store_->put("b", "k", "3", match).error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(store_->put("b", "absent", "3", match).error().code, ErrorCode::not_found);
    EXPECT_EQ(get("k"), "2");
    EXPECT_EQ(store_->remove_if("b", "k", "other").error().code, ErrorCode::failed_precondition);
    EXPECT_EQ(store_->remove_if("b", "absent", "*").error().code, ErrorCode::not_found);
    EXPECT_TRUE(store_->remove_if("b", "k", hex_encode(md5("2"))).ok());
    EXPECT_EQ(store_->head("b", "k").error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, OfManyConditionalPutsAtOnceExactlyOneSucceeds) {
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            PutOptions fresh;
            fresh.if_none_match = true;
            if (store_->put("b", "k", large, fresh).ok()) ++succeeded;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(succeeded, 1);
    EXPECT_EQ(files(), 1u);
}

TEST_F(StoreTest, CopiesShareFilesUntilTheLastIsGone) {
    PutOptions options;
    options.user["a"] = "1";
    put("large", large, options);
    put("small", "abc", options);
    PutOptions replaced;
    replaced.user["b"] = "2";
    for (const char* key : {"large", "small"}) {
        const std::string bytes = get(key);
        ASSERT_TRUE(store_->copy("b", key, "b", "copy", std::nullopt).ok());
        EXPECT_EQ(store_->head("b", "copy")->user, options.user);
        ASSERT_TRUE(store_->copy("b", "copy", "b", "copy", replaced).ok());  // onto itself
        EXPECT_EQ(store_->head("b", "copy")->user, replaced.user);
        EXPECT_EQ(get("copy"), bytes);
        ASSERT_TRUE(store_->remove("b", key).ok());
        EXPECT_EQ(get("copy"), bytes);
        reopen();
        static_cast<LocalStore&>(*store_).finish_recovery();
        EXPECT_EQ(get("copy"), bytes);
    }
    EXPECT_EQ(files(), 0u);  // the copy of "large" was replaced by that of "small"
    ASSERT_TRUE(store_->remove("b", "copy").ok());
    EXPECT_EQ(metadata_.count("object/i"), 0u);
    EXPECT_EQ(metadata_.count("object/r"), 0u);
    EXPECT_EQ(store_->copy("b", "absent", "b", "copy", std::nullopt).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, CompletesPartsWithoutMovingThem) {
    PutOptions options;
    options.system["content-type"] = "text/plain";
    options.checksum_algorithm = "CRC32";
    const auto id = store_->create_multipart("b", "m", options, "FULL_OBJECT");
    ASSERT_TRUE(id.ok());
    const std::string one = random_bytes(70'000), two = random_bytes(5), three = random_bytes(20'000);
    upload_part(*id, 9, three);
    upload_part(*id, 1, "replaced");
    const std::string etag1 = upload_part(*id, 1, one);
    const std::string etag2 = upload_part(*id, 2, two);
    upload_part(*id, 5, "not listed");
    const std::string etag9 = hex_encode(md5(three));
    ASSERT_EQ(store_->parts("b", "m", *id)->size(), 4u);
    EXPECT_EQ(store_->multiparts("b", "")->size(), 1u);
    EXPECT_EQ(store_->multiparts("b", "x")->size(), 0u);
    EXPECT_EQ(get("m").substr(0, 5), "error");

    using Parts = std::vector<CompletedPart>;
    const auto wrong = [&](Parts parts) {
        return store_->complete_multipart("b", "m", *id, std::move(parts), {}).error().code;
    };
    EXPECT_EQ(wrong({}), ErrorCode::invalid_argument);
    EXPECT_EQ(wrong({{2, etag2, {}}, {1, etag1, {}}}), ErrorCode::invalid_argument);
    EXPECT_EQ(wrong({{1, etag2, {}}}), ErrorCode::invalid_argument);
    EXPECT_EQ(wrong({{1, etag1, {}}, {3, etag2, {}}}), ErrorCode::invalid_argument);
    EXPECT_EQ(wrong({{1, etag1, Checksum{"CRC32", "AAAAAA==", false}}}), ErrorCode::invalid_argument);

    const Parts parts{{1, etag1, {}}, {2, etag2, {}}, {9, etag9, {}}};
    const auto completed = store_->complete_multipart("b", "m", *id, parts, {});
    ASSERT_TRUE(completed.ok()) << completed.error().message;
    EXPECT_EQ(completed->etag, hex_encode(md5(md5(one) + md5(two) + md5(three))) + "-3");
    EXPECT_EQ(completed->checksum->value, checksum_of("CRC32", one + two + three).value);
    EXPECT_EQ(completed->part_sizes, (std::vector<uint64_t>{70'000, 5, 20'000}));
    EXPECT_EQ(files(), 3u);
    // Again, as a client that did not hear the answer: the same.
    EXPECT_EQ(store_->complete_multipart("b", "m", *id, parts, {})->etag, completed->etag);
    EXPECT_EQ(store_->multipart("b", "m", *id).error().code, ErrorCode::not_found);
    reopen();
    EXPECT_EQ(get("m"), one + two + three);
    EXPECT_EQ(store_->head("b", "m")->part_sizes, completed->part_sizes);
    EXPECT_EQ(store_->head("b", "m")->system, options.system);

    const auto reader = store_->open_object("b", "m");
    ASSERT_TRUE(store_->copy("b", "m", "b", "c", std::nullopt).ok());
    ASSERT_TRUE(store_->remove("b", "m").ok());
    EXPECT_EQ(get("c"), one + two + three);
    ASSERT_TRUE(store_->remove("b", "c").ok());
    EXPECT_EQ(files(), 3u);  // a reader may still open them
    EXPECT_EQ(read(**reader), one + two + three);
    EXPECT_EQ((*reader)->extents().size(), 3u);
    static_cast<void>(std::unique_ptr<ObjectReader>(std::move(const_cast<std::unique_ptr<ObjectReader>&>(*reader))));
    EXPECT_EQ(files(), 0u);
}

TEST_F(StoreTest, AnObjectWhoseListOfPartsIsGoneIsCorruptAndSaidToBe) {
    const auto id = store_->create_multipart("b", "m", {}, "");
    ASSERT_TRUE(id.ok());
    const std::string etag = upload_part(*id, 1, "part");
    ASSERT_TRUE(store_->complete_multipart("b", "m", *id, {{1, etag, {}}}, {}).ok());
    table::WriteBatch damage;
    for (FileId body = 0; body < 10 * block_files; ++body) damage.erase(keys::extents(body));
    ASSERT_TRUE(metadata_.write(damage).ok());
    EXPECT_EQ(store_->head("b", "m").error().code, ErrorCode::corruption);
    EXPECT_EQ(store_->open_object("b", "m").error().code, ErrorCode::corruption);
}

TEST_F(StoreTest, AbortAndDeleteBucketDropParts) {
    const auto id = store_->create_multipart("b", "m", {}, "");
    upload_part(*id, 1, large);
    ASSERT_TRUE(store_->abort_multipart("b", "m", *id).ok());
    EXPECT_EQ(store_->abort_multipart("b", "m", *id).error().code, ErrorCode::not_found);
    EXPECT_EQ(files(), 0u);
    const auto second = store_->create_multipart("b", "m", {}, "");
    upload_part(*second, 1, large);
    put("k", "x");
    EXPECT_EQ(store_->delete_bucket("b").error().code, ErrorCode::failed_precondition);
    ASSERT_TRUE(store_->remove("b", "k").ok());
    ASSERT_TRUE(store_->delete_bucket("b").ok());
    EXPECT_EQ(files(), 0u);
    EXPECT_EQ(store_->bucket("b").error().code, ErrorCode::not_found);
    EXPECT_EQ(store_->put("b", "k", "x", {}).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, BucketsSurviveWithTheirTags) {
    EXPECT_EQ(store_->create_bucket({"b", "x", {}, {}}).error().code, ErrorCode::already_exists);
    ASSERT_TRUE(store_->create_bucket({"a", "eu-west-1", TimestampMs(2), {}}).ok());
    ASSERT_TRUE(store_->update_bucket({"a", "eu-west-1", TimestampMs(2), {{"k", "v"}}}).ok());
    reopen();
    const auto buckets = store_->buckets();
    ASSERT_EQ(buckets->size(), 2u);
    EXPECT_EQ((*buckets)[0].name, "a");
    EXPECT_EQ((*buckets)[0].tags.at("k"), "v");
    EXPECT_EQ(store_->bucket("a")->region, "eu-west-1");
}

TEST_F(StoreTest, TagsChangeAlone) {
    put("k", large);
    const auto before = store_->head("b", "k");
    ASSERT_TRUE(store_->set_tags("b", "k", {{"a", "b"}}).ok());
    const auto after = store_->head("b", "k");
    EXPECT_EQ(after->tags.at("a"), "b");
    EXPECT_EQ(after->etag, before->etag);
    EXPECT_EQ(get("k"), large);
    EXPECT_EQ(store_->set_tags("b", "absent", {}).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, ListsWithPrefixDelimiterAndPages) {
    for (const char* key : {"a", "a/1", "a/2", "a/b/1", "a0", "b//c", "b/x", "c"}) put(key, "x");
    using Names = std::vector<std::string>;
    for (const size_t page : {1, 2, 3, 1000}) {
        EXPECT_EQ(list({.keys_max = page}), (Names{"a", "a/1", "a/2", "a/b/1", "a0", "b//c", "b/x", "c"}));
        EXPECT_EQ(list({.delimiter = "/", .keys_max = page}), (Names{"a", "a/*", "a0", "b/*", "c"}));
        EXPECT_EQ(list({.prefix = "a/", .delimiter = "/", .keys_max = page}), (Names{"a/1", "a/2", "a/b/*"}));
        EXPECT_EQ(list({.prefix = "b/", .delimiter = "/", .keys_max = page}), (Names{"b//*", "b/x"}));
        EXPECT_EQ(list({.prefix = "a", .start_after = "a/1", .keys_max = page}), (Names{"a/2", "a/b/1", "a0"}));
        EXPECT_EQ(list({.delimiter = "/", .start_after = "a/", .keys_max = page}), (Names{"a0", "b/*", "c"}));
        EXPECT_EQ(list({.delimiter = "/", .start_after = "a/1", .keys_max = page}), (Names{"a/*", "a0", "b/*", "c"}));
        EXPECT_EQ(list({.prefix = "zz", .keys_max = page}), Names{});
    }
    EXPECT_EQ(store_->list("b", {.keys_max = 0})->truncated, false);
    EXPECT_EQ(store_->list("absent", {}).error().code, ErrorCode::not_found);
}

// Any sequence of operations, against a map.
TEST_F(StoreTest, BehavesLikeAMap) {
    std::mt19937 random(20261120);
    const auto up_to = [&](size_t bound) { return static_cast<size_t>(random() % bound); };
    std::map<std::string, std::string> model;
    const std::vector<std::string> names = {"a", "a/b", "a/b/c", "a/c", "b", std::string("b\0", 2), "\xc3\xa9", "~"};
    for (int step = 0; step < 1500; ++step) {
        const std::string key = names[up_to(names.size())] + (up_to(2) ? "" : std::to_string(up_to(4)));
        switch (up_to(8)) {
            case 0:
            case 1:
            case 2: {
                std::string bytes(up_to(2) ? up_to(100) : inline_bytes_max - 50 + up_to(100), 'a');
                if (!bytes.empty()) bytes[up_to(bytes.size())] = static_cast<char>(random());
                put(key, bytes);
                model[key] = bytes;
                break;
            }
            case 3:
                ASSERT_TRUE(store_->remove("b", key).ok());
                model.erase(key);
                break;
            case 4: {
                const std::string to = names[up_to(names.size())];
                const bool copied = store_->copy("b", key, "b", to, std::nullopt).ok();
                ASSERT_EQ(copied, model.contains(key));
                if (copied) model[to] = std::string(model[key]);
                break;
            }
            case 5: {
                if (up_to(20) == 0) reopen();
                std::vector<std::string> expected;
                for (const auto& [name, bytes] : model) expected.push_back(name);
                ASSERT_EQ(list({.keys_max = 1 + up_to(10)}), expected);
                break;
            }
            case 6: {
                const auto id = store_->create_multipart("b", "m", {}, "");
                const std::string etag = upload_part(*id, 3, key);
                ASSERT_TRUE(store_->complete_multipart("b", "m", *id, {{3, etag, {}}}, {}).ok());
                model["m"] = key;
                break;
            }
            default:
                if (model.contains(key)) {
                    ASSERT_EQ(get(key), model[key]);
                } else {
                    ASSERT_EQ(store_->head("b", key).error().code, ErrorCode::not_found);
                }
        }
    }
    for (const auto& [name, bytes] : model) {
        ASSERT_EQ(get(name), bytes);
        ASSERT_TRUE(store_->remove("b", name).ok());
    }
    EXPECT_EQ(files(), 0u);
    reopen();
    static_cast<LocalStore&>(*store_).finish_recovery();
    store_.reset();
    // Nothing but the bucket and the counter of names is left.
    EXPECT_EQ(metadata_.count("object/"), metadata_.count("object/b") + metadata_.count("object/n"));
}

TEST_F(StoreTest, ReadersAndWritersOfOneKeySeeWholeVersions) {
    put("k", large);
    std::atomic<bool> done = false;
    std::vector<std::thread> threads;
    for (int reader = 0; reader < 2; ++reader) {
        threads.emplace_back([&] {
            while (!done) {
                const std::string bytes = get("k");
                ASSERT_GT(bytes.size(), 0u);
                ASSERT_EQ(bytes.find_first_not_of(bytes[0]), std::string::npos) << bytes.substr(0, 100);
            }
        });
    }
    for (int i = 0; i < 100; ++i) {
        const std::string bytes(i % 3 == 0 ? 10 : 50'000, static_cast<char>('a' + i % 26));
        if (i % 5 == 0) {
            const auto id = store_->create_multipart("b", "m", {}, "");
            const std::string etag = upload_part(*id, 1, bytes);
            ASSERT_TRUE(store_->complete_multipart("b", "m", *id, {{1, etag, {}}}, {}).ok());
            ASSERT_TRUE(store_->copy("b", "m", "b", "k", std::nullopt).ok());
        } else {
            put("k", bytes);
        }
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace millrace::object
