#include "src/catalog/lake_codec.h"

#include <boost/json.hpp>

namespace millrace::catalog {

namespace {

namespace json = boost::json;

constexpr int64_t format_version = 1;

// ---- writing

void put(json::object& object, std::string_view name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

void put(json::object& object, std::string_view name, const Parameters& parameters) {
    if (parameters.empty()) return;
    json::object members;
    for (const auto& [key, value] : parameters) members[key] = value;
    object[name] = std::move(members);
}

void put(json::object& object, std::string_view name, const std::vector<std::string>& texts) {
    if (!texts.empty()) object[name] = json::array(texts.begin(), texts.end());
}

void put(json::object& object, std::string_view name, const std::vector<Column>& columns) {
    if (columns.empty()) return;
    json::array list;
    for (const Column& column : columns) {
        json::object item;
        put(item, "name", column.name);
        put(item, "type", column.type);
        put(item, "comment", column.comment);
        put(item, "parameters", column.parameters);
        list.push_back(std::move(item));
    }
    object[name] = std::move(list);
}

json::object to_json(const Storage& storage) {
    json::object object;
    put(object, "columns", storage.columns);
    put(object, "location", storage.location);
    put(object, "input_format", storage.input_format);
    put(object, "output_format", storage.output_format);
    put(object, "serde_library", storage.serde_library);
    put(object, "serde_name", storage.serde_name);
    put(object, "serde_parameters", storage.serde_parameters);
    if (storage.compressed) object["compressed"] = true;
    if (storage.number_of_buckets != 0) object["number_of_buckets"] = storage.number_of_buckets;
    put(object, "bucket_columns", storage.bucket_columns);
    if (!storage.sort_columns.empty()) {
        json::array list;
        for (const auto& [column, order] : storage.sort_columns) list.push_back(json::array{column, order});
        object["sort_columns"] = std::move(list);
    }
    if (storage.stored_as_sub_directories) object["stored_as_sub_directories"] = true;
    put(object, "parameters", storage.parameters);
    put(object, "extra_json", storage.extra_json);
    return object;
}

// ---- reading: a member that is absent leaves the default; one of the wrong type makes `ok` false

class Reader {
  public:
    explicit Reader(const json::object& object) : object_(object) {}

    void get(std::string_view name, std::string& out) {
        if (const json::value* value = find(name)) take(*value, out);
    }
    void get(std::string_view name, bool& out) {
        if (const json::value* value = find(name)) value->is_bool() ? void(out = value->get_bool()) : fail();
    }
    template <class Integer>
        requires std::is_integral_v<Integer>
    void get(std::string_view name, Integer& out) {
        const json::value* value = find(name);
        if (value == nullptr) return;
        boost::system::error_code error;
        out = value->to_number<Integer>(error);
        if (error) fail();
    }
    void get(std::string_view name, TimestampMs& out) {
        int64_t milliseconds = 0;
        get(name, milliseconds);
        out = TimestampMs(milliseconds);
    }
    void get(std::string_view name, Parameters& out) {
        const json::object* members = object(name);
        if (members == nullptr) return;
        for (const auto& member : *members) take(member.value(), out[std::string(member.key())]);
    }
    void get(std::string_view name, std::vector<std::string>& out) {
        each(name, [&](const json::value& item) { take(item, out.emplace_back()); });
    }
    void get(std::string_view name, std::vector<std::pair<std::string, int>>& out) {
        each(name, [&](const json::value& item) {
            const json::array* pair = item.if_array();
            if (pair == nullptr || pair->size() != 2 || !(*pair)[1].is_int64()) return fail();
            auto& [column, order] = out.emplace_back();
            take((*pair)[0], column);
            order = static_cast<int>((*pair)[1].get_int64());
        });
    }
    void get(std::string_view name, std::vector<Column>& out) {
        each(name, [&](const json::value& item) {
            const json::object* members = item.if_object();
            if (members == nullptr) return fail();
            Reader reader(*members);
            Column& column = out.emplace_back();
            reader.get("name", column.name);
            reader.get("type", column.type);
            reader.get("comment", column.comment);
            reader.get("parameters", column.parameters);
            if (!reader.ok()) fail();
        });
    }
    void get(std::string_view name, Storage& out) {
        const json::object* members = object(name);
        if (members == nullptr) return;
        Reader reader(*members);
        reader.get("columns", out.columns);
        reader.get("location", out.location);
        reader.get("input_format", out.input_format);
        reader.get("output_format", out.output_format);
        reader.get("serde_library", out.serde_library);
        reader.get("serde_name", out.serde_name);
        reader.get("serde_parameters", out.serde_parameters);
        reader.get("compressed", out.compressed);
        reader.get("number_of_buckets", out.number_of_buckets);
        reader.get("bucket_columns", out.bucket_columns);
        reader.get("sort_columns", out.sort_columns);
        reader.get("stored_as_sub_directories", out.stored_as_sub_directories);
        reader.get("parameters", out.parameters);
        reader.get("extra_json", out.extra_json);
        if (!reader.ok()) fail();
    }
    bool ok() const { return ok_; }

  private:
    void fail() { ok_ = false; }
    const json::value* find(std::string_view name) { return object_.if_contains(name); }
    const json::object* object(std::string_view name) {
        const json::value* value = find(name);
        if (value == nullptr) return nullptr;
        if (!value->is_object()) fail();
        return value->if_object();
    }
    template <class Visit>
    void each(std::string_view name, Visit visit) {
        const json::value* value = find(name);
        if (value == nullptr) return;
        if (!value->is_array()) return fail();
        for (const json::value& item : value->get_array()) visit(item);
    }
    void take(const json::value& value, std::string& out) {
        if (const json::string* text = value.if_string()) {
            out.assign(text->data(), text->size());
        } else {
            fail();
        }
    }

    const json::object& object_;
    bool ok_ = true;
};

Result<json::value> parse(std::string_view bytes) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // what came in as bytes goes out as the same bytes
    boost::system::error_code error;
    json::value value = json::parse(bytes, error, {}, options);
    if (error || !value.is_object()) return Error{ErrorCode::corruption, "a catalog entry is not a JSON object"};
    const json::value* version = value.get_object().if_contains("v");
    if (version == nullptr || !version->is_int64()) {
        return Error{ErrorCode::corruption, "a catalog entry has no version"};
    }
    if (version->get_int64() > format_version) {
        return Error{ErrorCode::unsupported, "a catalog entry was written by a later millrace"};
    }
    return value;
}

Error malformed(std::string_view what) {
    return {ErrorCode::corruption, "a " + std::string(what) + " entry of the catalog has a member of the wrong type"};
}

}  // namespace

std::string encode(const Database& database) {
    json::object object;
    object["v"] = format_version;
    put(object, "name", database.name);
    put(object, "description", database.description);
    put(object, "location", database.location);
    put(object, "parameters", database.parameters);
    object["created"] = database.created.value();
    put(object, "extra_json", database.extra_json);
    return json::serialize(object);
}

std::string encode(const StoredTable& stored) {
    const Table& table = stored.table;
    json::object object;
    object["v"] = format_version;
    put(object, "id", stored.id);
    put(object, "database", table.database);
    put(object, "name", table.name);
    put(object, "description", table.description);
    put(object, "owner", table.owner);
    put(object, "table_type", table.table_type);
    object["storage"] = to_json(table.storage);
    put(object, "partition_keys", table.partition_keys);
    put(object, "parameters", table.parameters);
    put(object, "view_original_text", table.view_original_text);
    put(object, "view_expanded_text", table.view_expanded_text);
    object["retention"] = table.retention;
    object["created"] = table.created.value();
    object["updated"] = table.updated.value();
    object["version"] = table.version;
    put(object, "extra_json", table.extra_json);
    return json::serialize(object);
}

std::string encode(const Partition& partition) {
    json::object object;
    object["v"] = format_version;
    put(object, "values", partition.values);
    object["storage"] = to_json(partition.storage);
    put(object, "parameters", partition.parameters);
    object["created"] = partition.created.value();
    put(object, "extra_json", partition.extra_json);
    return json::serialize(object);
}

Result<Database> decode_database(std::string_view bytes) {
    TRY_ASSIGN(const json::value value, parse(bytes));
    Reader reader(value.get_object());
    Database database;
    reader.get("name", database.name);
    reader.get("description", database.description);
    reader.get("location", database.location);
    reader.get("parameters", database.parameters);
    reader.get("created", database.created);
    reader.get("extra_json", database.extra_json);
    if (!reader.ok()) return malformed("database");
    return database;
}

Result<StoredTable> decode_table(std::string_view bytes) {
    TRY_ASSIGN(const json::value value, parse(bytes));
    Reader reader(value.get_object());
    StoredTable stored;
    Table& table = stored.table;
    reader.get("id", stored.id);
    reader.get("database", table.database);
    reader.get("name", table.name);
    reader.get("description", table.description);
    reader.get("owner", table.owner);
    reader.get("table_type", table.table_type);
    reader.get("storage", table.storage);
    reader.get("partition_keys", table.partition_keys);
    reader.get("parameters", table.parameters);
    reader.get("view_original_text", table.view_original_text);
    reader.get("view_expanded_text", table.view_expanded_text);
    reader.get("retention", table.retention);
    reader.get("created", table.created);
    reader.get("updated", table.updated);
    reader.get("version", table.version);
    reader.get("extra_json", table.extra_json);
    if (!reader.ok()) return malformed("table");
    return stored;
}

Result<Partition> decode_partition(std::string_view bytes) {
    TRY_ASSIGN(const json::value value, parse(bytes));
    Reader reader(value.get_object());
    Partition partition;
    reader.get("values", partition.values);
    reader.get("storage", partition.storage);
    reader.get("parameters", partition.parameters);
    reader.get("created", partition.created);
    reader.get("extra_json", partition.extra_json);
    if (!reader.ok()) return malformed("partition");
    return partition;
}

}  // namespace millrace::catalog
