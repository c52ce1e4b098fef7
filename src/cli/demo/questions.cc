#include "src/cli/demo/questions.h"

namespace millrace::cli {
namespace {

// A sale is a line with goods and a price: cancellations have negative quantities, corrections no price. Money is
// decimal and sums are exact; an average is rounded once, at the end. Every order ends in a unique column.
constexpr Question kQuestions[] = {
    {"What arrived (lines, invoices, cancelled lines, lines without a customer)",
     "SELECT count(*) AS lines, count(DISTINCT invoiceno) AS invoices, "
     "sum(CASE WHEN invoiceno LIKE 'C%' THEN 1 ELSE 0 END) AS cancelled, "
     "sum(CASE WHEN customerid IS NULL THEN 1 ELSE 0 END) AS without_customer FROM orders",
     1},
    {"Average sales an hour, a day and a month (over those with any)",
     "SELECT CAST(round(CAST(sum(quantity * unitprice) AS double) / "
     "count(DISTINCT date_trunc('hour', invoicedate)), 2) AS decimal(18,2)) AS per_hour, "
     "CAST(round(CAST(sum(quantity * unitprice) AS double) / "
     "count(DISTINCT date_trunc('day', invoicedate)), 2) AS decimal(18,2)) AS per_day, "
     "CAST(round(CAST(sum(quantity * unitprice) AS double) / "
     "count(DISTINCT date_trunc('month', invoicedate)), 2) AS decimal(18,2)) AS per_month "
     "FROM orders WHERE quantity > 0 AND unitprice > 0",
     1},
    {"Sales by hour of the day",
     "SELECT hour(invoicedate) AS hour_of_day, sum(quantity * unitprice) AS sales FROM orders "
     "WHERE quantity > 0 AND unitprice > 0 GROUP BY hour(invoicedate) ORDER BY hour_of_day",
     24},
    {"Sales by month",
     "SELECT year(invoicedate) AS y, month(invoicedate) AS m, sum(quantity * unitprice) AS sales FROM orders "
     "WHERE quantity > 0 AND unitprice > 0 GROUP BY year(invoicedate), month(invoicedate) ORDER BY y, m",
     24},
    {"Most sold products",
     "SELECT stockcode, max(description) AS product, sum(quantity) AS sold FROM orders "
     "WHERE quantity > 0 GROUP BY stockcode ORDER BY sold DESC, stockcode LIMIT 10",
     10},
    {"Highest invoices",
     "SELECT invoiceno, max(country) AS country, sum(quantity * unitprice) AS total FROM orders "
     "GROUP BY invoiceno ORDER BY total DESC, invoiceno LIMIT 10",
     10},
    {"Revenue a country, cancellations taken off",
     "SELECT country, sum(quantity * unitprice) AS revenue FROM orders "
     "GROUP BY country ORDER BY revenue DESC, country",
     10},
    {"Best customers",
     "SELECT customerid, max(country) AS country, count(DISTINCT invoiceno) AS invoices, "
     "sum(quantity * unitprice) AS revenue FROM orders WHERE customerid IS NOT NULL "
     "GROUP BY customerid ORDER BY revenue DESC, customerid LIMIT 10",
     10},
    // Not a question that a shop asks: a difference in any byte of any column of any line shows here.
    {"Every column, summed up",
     "SELECT count(description) AS descriptions, sum(length(description)) AS letters, "
     "count(DISTINCT description) AS products, count(DISTINCT stockcode) AS codes, sum(quantity) AS pieces, "
     "sum(unitprice) AS prices, count(DISTINCT invoicedate) AS minutes, count(DISTINCT customerid) AS customers, "
     "count(DISTINCT country) AS countries FROM orders",
     1},
};

}  // namespace

std::span<const Question> questions() {
    return kQuestions;
}

}  // namespace millrace::cli
