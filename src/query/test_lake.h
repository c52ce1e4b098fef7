// A whole lake in a temporary directory, for tests: catalog, objects and a query engine whose children are this test
// program itself (main_test.cc).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/catalog/lake.h"
#include "src/catalog/registry.h"
#include "src/catalog/test_support.h"
#include "src/io/clock.h"
#include "src/io/file.h"
#include "src/object/store.h"
#include "src/query/engine.h"
#include "src/table/temporary_directory.h"

namespace millrace::query {

class TestLake : public testing::Test {
  protected:
    TestLake() {
        auto store = object::Store::open(directory_.path() + "/objects", *store_, io::posix_file_system(),
                                         io::system_clock(), false);
        EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().message);
        objects = std::move(*store);
        lake = catalog::Lake::open(*store_, io::system_clock());
        registry = catalog::Registry::open(*store_);
        EXPECT_TRUE(objects->create_bucket({.name = "lake", .region = "us-east-1"}).ok());
        EXPECT_TRUE(objects->create_bucket({.name = "results", .region = "us-east-1"}).ok());
        EXPECT_TRUE(lake->create_database(scope, {.name = "shop"}).ok());
        open_engine();
    }
    void open_engine() {
        engine.reset();
        options.query_memory_bytes_max = 256 << 20;
        auto opened = QueryEngine::open(options, *lake, *registry, *objects, io::system_clock());
        EXPECT_TRUE(opened.ok());
        engine = std::move(*opened);
    }

    QueryRequest request(std::string sql) {
        QueryRequest wanted;
        wanted.scope = scope;
        wanted.sql = std::move(sql);
        wanted.database = "shop";
        wanted.output_location = "s3://results/";
        return wanted;
    }
    QueryExecution run(QueryRequest wanted) {
        const auto id = engine->start(std::move(wanted));
        if (!id) {
            QueryExecution refused;
            refused.state = QueryState::failed;
            refused.state_change_reason = "refused: " + id.error().message;
            return refused;
        }
        return *engine->wait(scope, *id, 60'000);
    }
    QueryExecution run(std::string sql) { return run(request(std::move(sql))); }

    // The result object as it lies in the bucket; for a failed query its reason.
    std::string text(const QueryExecution& query) {
        if (query.state != QueryState::succeeded) return query.state_change_reason;
        auto reader = objects->open_object("results", query.output_object.substr(std::string("s3://results/").size()));
        if (!reader) return reader.error().message;
        std::string bytes((*reader)->info().size, '\0');
        EXPECT_TRUE((*reader)->read_at(0, bytes).ok());
        return bytes;
    }
    std::string ask(std::string sql) { return text(run(std::move(sql))); }
    // One value without its header and quotes.
    std::string value(const std::string& expression) {
        std::string csv = ask("SELECT " + expression + " AS x");
        if (!csv.starts_with("\"x\"\n")) return csv;
        csv = csv.substr(4);
        while (!csv.empty() && csv.back() == '\n') csv.pop_back();
        if (csv.size() >= 2 && csv.front() == '"') csv = csv.substr(1, csv.size() - 2);
        return csv;
    }
    void put(const std::string& key, const std::string& bytes) {
        EXPECT_TRUE(objects->put("lake", key, bytes, {}).ok());
    }

    const Scope scope{"111111111111", "us-east-1"};
    table::TemporaryDirectory directory_;
    catalog::TestStore store_;
    std::unique_ptr<object::Store> objects;
    std::unique_ptr<catalog::Lake> lake;
    std::unique_ptr<catalog::Registry> registry;
    EngineOptions options;
    std::unique_ptr<QueryEngine> engine;
};

}  // namespace millrace::query
