#include <array>

#include "duckdb/common/exception.hpp"

#include "src/query/worker/functions.h"

namespace millrace::query {

namespace {

struct Specifier {
    char mysql;
    std::string_view strftime;
};
// https://trino.io/docs/current/functions/datetime.html#mysql-date-functions
constexpr std::array<Specifier, 27> mysql_specifiers{{
    {'a', "%a"}, {'b', "%b"}, {'c', "%-m"}, {'d', "%d"},       {'e', "%-d"},         {'f', "%f"},  {'H', "%H"},
    {'h', "%I"}, {'I', "%I"}, {'i', "%M"},  {'j', "%j"},       {'k', "%-H"},         {'l', "%-I"}, {'M', "%B"},
    {'m', "%m"}, {'p', "%p"}, {'S', "%S"},  {'s', "%S"},       {'v', "%V"},          {'W', "%A"},  {'x', "%G"},
    {'Y', "%Y"}, {'y', "%y"}, {'%', "%%"},  {'T', "%H:%M:%S"}, {'r', "%I:%M:%S %p"}, {'w', "%w"},
}};

struct Letters {
    char letter;
    size_t count_max;  // this many or fewer; 0 for any
    std::string_view strftime;
};
// In order: the first that fits a run of letters.
constexpr std::array<Letters, 26> joda_letters{{
    {'y', 2, "%y"},  {'y', 0, "%Y"},  {'Y', 0, "%Y"}, {'x', 0, "%G"},  {'M', 1, "%-m"}, {'M', 2, "%m"},  {'M', 3, "%b"},
    {'M', 0, "%B"},  {'d', 1, "%-d"}, {'d', 0, "%d"}, {'E', 3, "%a"},  {'E', 0, "%A"},  {'e', 0, "%u"},  {'D', 0, "%j"},
    {'w', 0, "%V"},  {'H', 1, "%-H"}, {'H', 0, "%H"}, {'h', 1, "%-I"}, {'h', 0, "%I"},  {'m', 1, "%-M"}, {'m', 0, "%M"},
    {'s', 1, "%-S"}, {'s', 0, "%S"},  {'S', 3, "%g"}, {'S', 0, "%f"},  {'a', 0, "%p"},
}};

}  // namespace

std::string strftime_of_mysql(std::string_view format) {
    std::string out;
    for (size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            out += format[i];
            continue;
        }
        const char wanted = format[++i];
        std::string_view found;
        for (const Specifier& specifier : mysql_specifiers) {
            if (specifier.mysql == wanted) found = specifier.strftime;
        }
        if (found.empty()) {
            throw duckdb::InvalidInputException("INVALID_FUNCTION_ARGUMENT: %%%s not supported in date format string",
                                                std::string(1, wanted));
        }
        out += found;
    }
    return out;
}

std::string strftime_of_joda(std::string_view format) {
    std::string out;
    for (size_t i = 0; i < format.size();) {
        const char c = format[i];
        if (c == '\'') {
            const size_t end = format.find('\'', i + 1);
            if (end == i + 1) out += '\'';
            out += format.substr(i + 1, end == std::string_view::npos ? end : end - i - 1);
            i = end == std::string_view::npos ? format.size() : end + 1;
            continue;
        }
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter) {
            out += c == '%' ? "%%" : std::string(1, c);
            ++i;
            continue;
        }
        size_t count = 1;
        while (i + count < format.size() && format[i + count] == c) ++count;
        std::string_view found = c == 'Z' || c == 'z' ? "%z" : "";
        for (const Letters& letters : joda_letters) {
            if (found.empty() && letters.letter == c && (letters.count_max == 0 || count <= letters.count_max)) {
                found = letters.strftime;
            }
        }
        if (c == 'y' && count == 1) found = "%Y";
        if (found.empty()) {
            throw duckdb::InvalidInputException("INVALID_FUNCTION_ARGUMENT: Illegal pattern component: %s",
                                                std::string(1, c));
        }
        out += found;
        i += count;
    }
    return out;
}

}  // namespace millrace::query
