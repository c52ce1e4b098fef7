#include "src/function/package.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace millrace::function {
namespace {

namespace fs = std::filesystem;

struct Entry {
    std::string name;
    std::string content;  // of a link: its target
    mode_t type = AE_IFREG;
    mode_t mode = 0600;
};

std::string zip_of(const std::vector<Entry>& entries) {
    std::string out(64 << 20, '\0');
    size_t used = 0;
    archive* writer = archive_write_new();
    archive_write_set_format_zip(writer);
    archive_write_open_memory(writer, out.data(), out.size(), &used);
    for (const Entry& each : entries) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, each.name.c_str());
        archive_entry_set_filetype(entry, each.type);
        archive_entry_set_perm(entry, each.mode);
        if (each.type == AE_IFLNK) {
            archive_entry_set_symlink(entry, each.content.c_str());
        } else {
            archive_entry_set_size(entry, static_cast<int64_t>(each.content.size()));
        }
        archive_write_header(writer, entry);
        if (each.type == AE_IFREG) archive_write_data(writer, each.content.data(), each.content.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    out.resize(used);
    return out;
}

class Packages : public testing::Test {
  protected:
    Packages() {
        std::string pattern = fs::temp_directory_path() / "millrace-package-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        store_ = *PackageStore::open(directory_ + "/packages", limits_);
    }
    ~Packages() override { fs::remove_all(directory_); }

    std::string read(const std::string& path) {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::string put(const std::vector<Entry>& entries) {
        Result<StoredPackage> stored = store_->put(zip_of(entries));
        EXPECT_TRUE(stored.ok()) << stored.error().message;
        return stored.ok() ? stored->sha256 : "";
    }
    // What is refused, and leaves nothing behind.
    std::string refusal(const std::string& zip) {
        Result<StoredPackage> stored = store_->put(zip);
        EXPECT_FALSE(stored.ok());
        EXPECT_TRUE(fs::is_empty(directory_ + "/packages/tree"));
        EXPECT_TRUE(fs::is_empty(directory_ + "/packages/unpacking"));
        EXPECT_TRUE(fs::is_empty(directory_ + "/packages/zip"));
        return stored.ok() ? "" : stored.error().message;
    }
    std::string refusal(const std::vector<Entry>& entries) { return refusal(zip_of(entries)); }

    PackageLimits limits_{
        .unpacked_bytes_max = 20 << 20, .entries_max = 50, .ratio_max = 100, .ratio_free_bytes = 1 << 20};
    std::string directory_;
    std::unique_ptr<PackageStore> store_;
};

TEST_F(Packages, AreUnpackedReadableAndNamedByTheirDigest) {
    const std::string zip = zip_of(
        {{"main.py", "x = 1"}, {"deep/er/data", "y"}, {"bootstrap", "#!", AE_IFREG, 0700}, {"empty", "", AE_IFDIR}});
    Result<StoredPackage> stored = store_->put(zip);
    ASSERT_TRUE(stored.ok()) << stored.error().message;
    EXPECT_EQ(stored->bytes, zip.size());
    EXPECT_EQ(stored->unpacked_bytes, 8u);
    const std::string tree = *store_->directory(stored->sha256);
    EXPECT_EQ(read(tree + "/main.py"), "x = 1");
    EXPECT_EQ(read(tree + "/deep/er/data"), "y");
    EXPECT_TRUE(fs::is_directory(tree + "/empty"));
    struct stat status{};
    ASSERT_EQ(::stat((tree + "/main.py").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0644u);
    ASSERT_EQ(::stat((tree + "/bootstrap").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0755u);
    EXPECT_EQ(read(*store_->zip_file(stored->sha256)), zip);
    EXPECT_EQ(store_->put(zip)->sha256, stored->sha256);  // again
}

TEST_F(Packages, SurviveARestartAndTheLossOfTheirTree) {
    const std::string name = put({{"a", "1"}});
    fs::remove_all(*store_->directory(name));
    store_ = *PackageStore::open(directory_ + "/packages", limits_);
    EXPECT_EQ(read(*store_->directory(name) + "/a"), "1");
    EXPECT_FALSE(store_->directory("bm8gc3VjaA==").ok());
    EXPECT_FALSE(store_->directory("../../etc").ok());
}

TEST_F(Packages, NothingLeadsOut) {
    EXPECT_NE(refusal({{"../evil", "x"}}).find("leads out"), std::string::npos);
    EXPECT_NE(refusal({{"a/../../evil", "x"}}).find("leads out"), std::string::npos);
    EXPECT_NE(refusal({{"/etc/evil", "x"}}).find("absolute"), std::string::npos);
    EXPECT_NE(refusal({{"a\\..\\evil", "x"}}), "");
    EXPECT_NE(refusal({{"out", "/etc", AE_IFLNK}}).find("leads out"), std::string::npos);
    EXPECT_NE(refusal({{"a/out", "../../etc", AE_IFLNK}}).find("leads out"), std::string::npos);
    // Each link alone stays inside; together they would not: "f/x" is the root's "a", whose ".." is the root.
    EXPECT_NE(refusal({{"f/x", "../a", AE_IFLNK}, {"f/g/l", "../x/../..", AE_IFLNK}}).find("leads out"),
              std::string::npos);
    // A file through a link of the same package: the link comes last and finds its name taken.
    EXPECT_NE(refusal({{"d", "e", AE_IFLNK}, {"d/file", "x"}}), "");
    EXPECT_FALSE(fs::exists(directory_ + "/evil"));
}

TEST_F(Packages, LinksInsideAreKept) {
    const std::string tree = *store_->directory(put({{"lib/a.so.1", "so"}, {"lib/a.so", "a.so.1", AE_IFLNK}}));
    EXPECT_TRUE(fs::is_symlink(tree + "/lib/a.so"));
    EXPECT_EQ(read(tree + "/lib/a.so"), "so");
}

TEST_F(Packages, BombsAreDefused) {
    EXPECT_NE(refusal({{"zeroes", std::string(19 << 20, '\0')}}).find("times its size"), std::string::npos);
    limits_.ratio_max = 1'000'000;
    store_ = *PackageStore::open(directory_ + "/packages", limits_);
    EXPECT_EQ(refusal({{"zeroes", std::string(21 << 20, '\0')}}), "Unzipped size must be smaller than 20971520 bytes");
    EXPECT_NE(refusal(std::vector<Entry>(51, Entry{"same", "x"})).find("more than 50 entries"), std::string::npos);
    std::string deep;
    for (int i = 0; i < 70; ++i) deep += "d/";
    EXPECT_NE(refusal({{deep + "f", "x"}}).find("too deeply"), std::string::npos);
    EXPECT_NE(refusal({{std::string(300, 'n'), "x"}}).find("too long"), std::string::npos);
}

TEST_F(Packages, WhatIsNoZipIsRefusedInAwssWords) {
    EXPECT_TRUE(refusal(std::string("not a zip")).starts_with("Could not unzip uploaded file."));
    EXPECT_TRUE(refusal(std::string()).starts_with("Could not unzip uploaded file."));
    std::string cut = zip_of({{"a", std::string(100'000, 'q')}});
    cut.resize(cut.size() / 2);
    EXPECT_TRUE(refusal(cut).starts_with("Could not unzip uploaded file."));
    std::string noise;
    for (uint32_t i = 1; noise.size() < 10'000; i = i * 1664525 + 1013904223) noise += static_cast<char>(i >> 24);
    std::string flipped = zip_of({{"a", noise}});
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
    EXPECT_TRUE(refusal(flipped).starts_with("Could not unzip uploaded file."));
}

TEST_F(Packages, LayersAreMergedLaterOverEarlier) {
    const std::string first = put({{"python/a.py", "1"}, {"python/b.py", "1"}, {"x", "file"}});
    const std::string second = put({{"python/b.py", "2"}, {"x/y", "folder"}});
    const std::string merged = *store_->merge({first, second});
    EXPECT_EQ(read(merged + "/python/a.py"), "1");
    EXPECT_EQ(read(merged + "/python/b.py"), "2");
    EXPECT_EQ(read(merged + "/x/y"), "folder");
    EXPECT_EQ(*store_->merge({first, second}), merged);
    EXPECT_EQ(read(*store_->merge({second, first}) + "/python/b.py"), "1");
    EXPECT_EQ(*store_->merge({first}), *store_->directory(first));
    EXPECT_EQ(*store_->merge({}), "");
    EXPECT_EQ(read(*store_->directory(first) + "/python/b.py"), "1");  // untouched
}

TEST_F(Packages, WhatNobodyNamesIsCollectedOnceItIsOld) {
    const std::string kept = put({{"a", "1"}}), gone = put({{"a", "2"}});
    EXPECT_EQ(*store_->collect({kept}, 60'000), 0u);
    EXPECT_EQ(*store_->collect({kept}, 0), 1u);
    EXPECT_TRUE(store_->directory(kept).ok());
    EXPECT_FALSE(store_->directory(gone).ok());
}

}  // namespace
}  // namespace millrace::function
