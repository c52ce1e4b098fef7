// SearchTables: every table of the account, read through; a catalogue of our size needs no index. As Glue documents it,
// a filter on a text splits it at punctuation and wants one of the parts; the search text wants to be in one of the
// table's texts, or to be one where it stands in quotes.
#include <algorithm>
#include <charconv>
#include <compare>
#include <tuple>

#include "src/catalog/lake.h"
#include "src/service/glue/conversions.h"
#include "src/service/glue/glue.h"
#include "src/service/glue/limits.h"
#include "src/service/glue/request.h"

namespace millrace::service::glue {

using namespace aws::glue;

namespace {

constexpr size_t read_page = 200;

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

bool is_punctuation(char c) {
    const bool letter_or_digit =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    return !letter_or_digit && c != '_';
}

bool has_part(std::string_view text, std::string_view wanted) {
    const std::string lower = lower_case(text), part = lower_case(wanted);
    if (lower == part) return true;
    for (size_t begin = 0; begin <= lower.size();) {
        size_t end = begin;
        while (end < lower.size() && !is_punctuation(lower[end])) ++end;
        if (std::string_view(lower).substr(begin, end - begin) == part) return true;
        begin = end + 1;
    }
    return false;
}

// The text of a property that filters and sorting name; parameters by their own names.
std::string property(const catalog::Table& table, const std::string& lower_key, const std::string& key) {
    if (lower_key == "name") return table.name;
    if (lower_key == "databasename") return table.database;
    if (lower_key == "description") return table.description;
    if (lower_key == "owner") return table.owner;
    if (lower_key == "tabletype") return table.table_type;
    const auto parameter = table.parameters.find(key);
    return parameter == table.parameters.end() ? "" : parameter->second;
}

std::optional<int64_t> time_property(const catalog::Table& table, const std::string& lower_key) {
    if (lower_key == "createtime") return table.created.value();
    if (lower_key == "updatetime") return table.updated.value();
    return {};
}

struct TimeFilter {
    std::string lower_key;
    std::string comparator;
    int64_t milliseconds = 0;
};

bool holds(const TimeFilter& filter, const catalog::Table& table) {
    const int64_t time = *time_property(table, filter.lower_key);
    if (filter.comparator == "GREATER_THAN") return time > filter.milliseconds;
    if (filter.comparator == "GREATER_THAN_EQUALS") return time >= filter.milliseconds;
    if (filter.comparator == "LESS_THAN") return time < filter.milliseconds;
    if (filter.comparator == "LESS_THAN_EQUALS") return time <= filter.milliseconds;
    return time == filter.milliseconds;
}

bool has_text(const catalog::Table& table, std::string_view search) {
    const bool exact = search.size() >= 2 && search.front() == search.back() && (search[0] == '"' || search[0] == '\'');
    const std::string wanted = lower_case(exact ? search.substr(1, search.size() - 2) : search);
    const auto found = [&](std::string_view text) {
        const std::string lower = lower_case(text);
        return exact ? lower == wanted : lower.find(wanted) != std::string::npos;
    };
    if (found(table.name) || found(table.database) || found(table.description) || found(table.owner)) return true;
    for (const catalog::Column& column : table.storage.columns) {
        if (found(column.name) || found(column.comment)) return true;
    }
    for (const catalog::Column& key : table.partition_keys) {
        if (found(key.name) || found(key.comment)) return true;
    }
    for (const auto& [key, value] : table.parameters) {
        if (found(key) || found(value)) return true;
    }
    return false;
}

// A time in a filter: seconds since 1970.
std::optional<int64_t> milliseconds_of(const std::string& text) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > 1e11) return {};
    return static_cast<int64_t>(seconds * 1000);
}

aws::Outcome<std::vector<catalog::Table>> all_tables(catalog::Lake& lake, const Scope& scope) {
    std::vector<catalog::Table> tables;
    std::string after_database;
    do {
        GLUE_TRY_ASSIGN(const auto databases, lake.databases(scope, after_database, read_page));
        for (const catalog::Database& database : databases.items) {
            std::string after;
            do {
                auto page = lake.tables(scope, database.name, after, read_page);
                if (!page.ok() && page.error().code == ErrorCode::not_found) break;  // dropped meanwhile
                if (!page.ok()) return failure_of(page.error());
                for (catalog::Table& table : page->items) tables.push_back(std::move(table));
                after = page->next;
            } while (!after.empty());
        }
        after_database = databases.next;
    } while (!after_database.empty());
    return tables;
}

}  // namespace

aws::Outcome<SearchTablesOutput> Glue::search_tables(const aws::CallContext& context, const SearchTablesInput& input) {
    GLUE_CHECK_CATALOG();
    auto position = position_of(input.NextToken);
    if (!position.ok()) return position.error();
    size_t begin = 0;
    if (!position->empty()) {
        const auto [end, error] = std::from_chars(position->data(), position->data() + position->size(), begin);
        if (error != std::errc() || end != position->data() + position->size())
            return invalid_input("Invalid NextToken");
    }
    std::vector<TimeFilter> time_filters;
    for (const PropertyPredicate& filter : input.Filters.value_or(std::vector<PropertyPredicate>())) {
        const std::string key = lower_case(filter.Key.value_or(""));
        if (!time_property(catalog::Table(), key)) continue;
        const auto milliseconds = milliseconds_of(filter.Value.value_or(""));
        if (!milliseconds)
            return invalid_input("A time is a number of seconds since 1970: " + filter.Value.value_or(""));
        time_filters.push_back({key, filter.Comparator.value_or("EQUALS"), *milliseconds});
    }
    SearchTablesOutput output;
    output.TableList.emplace();
    if (input.ResourceShareType == "FOREIGN" || input.ResourceShareType == "FEDERATED") return output;

    auto all = all_tables(lake_, context.scope);
    if (!all.ok()) return all.error();
    std::erase_if(*all, [&](const catalog::Table& table) {
        for (const TimeFilter& filter : time_filters) {
            if (!holds(filter, table)) return true;
        }
        for (const PropertyPredicate& filter : input.Filters.value_or(std::vector<PropertyPredicate>())) {
            const std::string key = lower_case(filter.Key.value_or(""));
            if (time_property(table, key)) continue;
            if (!has_part(property(table, key, filter.Key.value_or("")), filter.Value.value_or(""))) return true;
        }
        return input.SearchText && !input.SearchText->empty() && !has_text(table, *input.SearchText);
    });
    if (input.SortCriteria && !input.SortCriteria->empty()) {
        const std::string field = input.SortCriteria->front().FieldName.value_or("Name");
        const std::string key = lower_case(field);
        const bool descending = input.SortCriteria->front().Sort == "DESC";
        std::sort(all->begin(), all->end(), [&](const catalog::Table& a, const catalog::Table& b) {
            const auto order = time_property(a, key) ? std::strong_order(*time_property(a, key), *time_property(b, key))
                                                     : property(a, key, field) <=> property(b, key, field);
            if (order != 0) return descending ? order > 0 : order < 0;
            return std::tie(a.database, a.name) < std::tie(b.database, b.name);  // equals in one order on every page
        });
    }
    const size_t end = std::min(all->size(), begin + page_size(input.MaxResults, search_page_max));
    for (size_t i = std::min(begin, end); i < end; ++i) output.TableList->push_back(to_wire(context.scope, (*all)[i]));
    if (end < all->size()) output.NextToken = token_of(std::to_string(end));
    return output;
}

}  // namespace millrace::service::glue
