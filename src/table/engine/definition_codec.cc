// Version 1 is a version byte and then every field in the order of definition.h: integers as u64 (big-endian), text as
// a length and its bytes, lists as a count and their elements, an optional as 0 or 1 elements. One list of fields
// (`visit`) serves both ways, so that they can not disagree. Version 2 has after each index's key two lists more: the
// partition's attributes after the first, and those that sort.
#include "src/table/engine/definition_codec.h"

#include <algorithm>

#include "src/table/engine/keys.h"

namespace millrace::table::engine {
namespace {

constexpr char version_plain = 1;
constexpr char version_multiple = 2;

class Writer {
  public:
    Writer(char version, std::string* out) : version_(version), out_(out) { out->push_back(version); }
    char version() const { return version_; }
    void number(uint64_t value) { append_u64(value, out_); }
    template <class T>
    void integer(const T& value) {
        number(static_cast<uint64_t>(value));
    }
    template <class Rep, class Tag>
    void integer(const Named<Rep, Tag>& value) {
        number(static_cast<uint64_t>(value.value()));
    }
    void text(const std::string& value) {
        number(value.size());
        out_->append(value);
    }
    template <class T, class Each>
    void list(const std::vector<T>& values, Each each) {
        number(values.size());
        for (const T& value : values) each(value);
    }
    template <class T, class Each>
    void maybe(const std::optional<T>& value, Each each) {
        number(value ? 1 : 0);
        if (value) each(*value);
    }

  private:
    char version_;
    std::string* out_;
};

class Reader {
  public:
    Reader(char version, std::string_view in) : version_(version), in_(in) {}
    char version() const { return version_; }
    uint64_t number() {
        if (in_.size() < 8) {
            good_ = false;
            in_ = {};
            return 0;
        }
        const uint64_t value = read_u64(in_);
        in_.remove_prefix(8);
        return value;
    }
    template <class T>
    void integer(T& value) {
        value = static_cast<T>(number());
    }
    template <class Rep, class Tag>
    void integer(Named<Rep, Tag>& value) {
        value = Named<Rep, Tag>(static_cast<Rep>(number()));
    }
    void text(std::string& value) {
        const uint64_t size = number();
        if (size > in_.size()) {
            good_ = false;
            in_ = {};
            return;
        }
        value = in_.substr(0, size);
        in_.remove_prefix(size);
    }
    template <class T, class Each>
    void list(std::vector<T>& values, Each each) {
        for (uint64_t count = number(); count > 0 && good_; --count) each(values.emplace_back());
    }
    template <class T, class Each>
    void maybe(std::optional<T>& value, Each each) {
        if (number() == 1) each(value.emplace());
    }
    bool finished() const { return good_ && in_.empty(); }

  private:
    char version_;
    std::string_view in_;
    bool good_ = true;
};

template <class Coder, class Key>
void visit_key(Coder& coder, Key& key) {
    coder.text(key.partition);
    coder.integer(key.partition_type);
    coder.text(key.sort);
    coder.integer(key.sort_type);
}

template <class Coder, class Attributes>
void visit_attributes(Coder& coder, Attributes& attributes) {
    coder.list(attributes, [&](auto& attribute) {
        coder.text(attribute.name);
        coder.integer(attribute.type);
    });
}

template <class Coder, class AnIndex>
void visit_index(Coder& coder, AnIndex& index) {
    coder.text(index.name);
    coder.integer(index.id);
    coder.integer(index.global);
    visit_key(coder, index.key);
    if (coder.version() >= version_multiple) {
        visit_attributes(coder, index.key.more_partition);
        visit_attributes(coder, index.key.more_sort);
    }
    coder.integer(index.projection.kind);
    coder.list(index.projection.attributes, [&](auto& name) { coder.text(name); });
    coder.integer(index.state);
    coder.integer(index.backfilling);
    coder.text(index.settings);
}

template <class Coder, class Stream>
void visit_stream(Coder& coder, Stream& stream) {
    coder.text(stream.label);
    coder.integer(stream.id);
    coder.integer(stream.view);
    coder.integer(stream.enabled);
    coder.integer(stream.created);
    coder.integer(stream.disabled);
}

template <class Coder, class Definition>
void visit(Coder& coder, Definition& definition) {
    coder.text(definition.scope.account);
    coder.text(definition.scope.region);
    coder.text(definition.name);
    coder.integer(definition.id);
    coder.text(definition.uuid);
    coder.integer(definition.data_id);
    visit_key(coder, definition.key);
    coder.list(definition.indexes, [&](auto& index) { visit_index(coder, index); });
    coder.maybe(definition.stream, [&](auto& stream) { visit_stream(coder, stream); });
    coder.list(definition.old_streams, [&](auto& stream) { visit_stream(coder, stream); });
    coder.maybe(definition.copied_stream, [&](auto& stream) { visit_stream(coder, stream); });
    coder.text(definition.ttl_attribute);
    coder.integer(definition.ttl_id);
    coder.integer(definition.history);
    coder.integer(definition.history_since);
    coder.integer(definition.created);
    coder.integer(definition.state);
    coder.integer(definition.version);
    coder.text(definition.settings);
}

}  // namespace

std::string encode_definition(const TableDefinition& definition) {
    const bool multiple = std::any_of(definition.indexes.begin(), definition.indexes.end(),
                                      [](const Index& index) { return index.key.is_multiple(); });
    std::string bytes;
    Writer writer(multiple ? version_multiple : version_plain, &bytes);
    visit(writer, definition);
    return bytes;
}

Result<TableDefinition> decode_definition(std::string_view bytes) {
    if (bytes.empty()) return Error{ErrorCode::corruption, "a table's definition is empty"};
    if (bytes[0] != version_plain && bytes[0] != version_multiple) {
        return Error{ErrorCode::unsupported, "a table's definition was written by another version of millrace"};
    }
    TableDefinition definition;
    Reader reader(bytes[0], bytes.substr(1));
    visit(reader, definition);
    if (!reader.finished()) return Error{ErrorCode::corruption, "a table's definition is damaged"};
    return definition;
}

}  // namespace millrace::table::engine
