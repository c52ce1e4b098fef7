#include "src/cli/produce/retail_generator.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/cli/produce/csv.h"

namespace millrace::cli {
namespace {

std::string read_all(Input& input, size_t step) {
    std::string text;
    std::string buffer(step, '\0');
    while (true) {
        Result<size_t> count = input.read(std::span<char>(buffer));
        if (!count.ok() || *count == 0) return text;
        text.append(buffer, 0, *count);
    }
}

TEST(RetailGenerator, HasTheSizeShapeAndDirtOfTheRealSet) {
    auto input = make_retail_input();
    CsvReader reader(*input);
    std::vector<std::string> row;
    ASSERT_TRUE(reader.next(row).value());
    EXPECT_EQ(row, (std::vector<std::string>{"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate",
                                             "UnitPrice", "CustomerID", "Country"}));
    uint64_t rows = 0, cancelled = 0, no_customer = 0, no_description = 0, latin1 = 0, quotes = 0, commas = 0,
             kingdom = 0;
    std::set<std::string> invoices, products, countries, customers;
    std::string first_time, last_time;
    while (reader.next(row).value()) {
        ASSERT_EQ(row.size(), 8u);
        ++rows;
        invoices.insert(row[0]);
        products.insert(row[1]);
        countries.insert(row[7]);
        if (!row[6].empty()) customers.insert(row[6]);
        cancelled += row[0][0] == 'C';
        no_customer += row[6].empty();
        no_description += row[2].empty();
        kingdom += row[7] == "United Kingdom";
        latin1 += row[2].find_first_of("\xa3\xc9") != std::string::npos;
        quotes += row[2].find('"') != std::string::npos;
        commas += row[2].find(',') != std::string::npos;
        if (row[0][0] == 'C') EXPECT_EQ(row[3][0], '-') << reader.line();
        if (first_time.empty()) first_time = row[4];
        last_time = row[4];
    }
    EXPECT_EQ(rows, kRetailRows);
    EXPECT_EQ(invoices.size(), 25'900u);
    EXPECT_EQ(first_time, "12/1/2010 8:26");
    EXPECT_EQ(last_time, "12/9/2011 12:50");
    EXPECT_EQ(countries.size(), 38u);
    EXPECT_GT(products.size(), 3'500u);
    EXPECT_GT(customers.size(), 3'500u);
    EXPECT_NEAR(static_cast<double>(cancelled), 9'288, 1'500);
    EXPECT_NEAR(static_cast<double>(no_customer), 135'080, 35'000);
    EXPECT_NEAR(static_cast<double>(no_description), 1'454, 300);
    EXPECT_NEAR(static_cast<double>(kingdom) / static_cast<double>(rows), 0.914, 0.02);
    EXPECT_GT(latin1, 1'000u);
    EXPECT_GT(quotes, 1'000u);
    EXPECT_GT(commas, 1'000u);
}

TEST(RetailGenerator, IsTheSameHoweverItIsRead) {
    const std::string once = read_all(*make_retail_input(5'000), 1 << 20);
    EXPECT_EQ(read_all(*make_retail_input(5'000), 777), once);
    EXPECT_TRUE(read_all(*make_retail_input(6'000), 1 << 20).starts_with(once));
}

}  // namespace
}  // namespace millrace::cli
