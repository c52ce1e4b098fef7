// A CSV file of retail transactions in the schema, size and dirt of the UK Online Retail set (UCI 352), for where the
// real file is not at hand. The same bytes on every machine: integers alone, one fixed seed.
//
// Like the real one: 541,909 rows in 25,900 invoices from 2010-12-01 8:26 to 2011-12-09 12:50, about 4,000 products,
// 4,400 customers and 38 countries (nine of ten rows from the United Kingdom); cancelled invoices whose number begins
// with C and whose quantities are negative; a quarter of the rows without a customer; some without a description;
// three "Adjust bad debt" invoices that begin with A; prices of zero and of three decimals; Latin-1 pound signs and
// accents; commas, quotes and trailing spaces in descriptions; CRLF line ends; no order for half the night and on
// Saturdays.
#pragma once

#include <cstdint>
#include <memory>

#include "src/cli/produce/input.h"

namespace millrace::cli {

inline constexpr uint64_t kRetailRows = 541'909;

// `rows` without the header line. Fewer rows are a prefix of the full set's.
std::unique_ptr<Input> make_retail_input(uint64_t rows = kRetailRows);

}  // namespace millrace::cli
