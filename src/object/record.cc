#include "src/object/record.h"

#include <map>

namespace millrace::object {
namespace {

constexpr char format_version = 1;

// Tags. Those of objects below `after_listed` are what a listing shows.
enum Tag : uint8_t {
    tag_size = 1,
    tag_etag = 2,
    tag_modified = 3,
    tag_storage_class = 4,
    tag_checksum_algorithm = 5,
    tag_checksum_value = 6,
    tag_checksum_composite = 7,
    after_listed = 0x10,
    tag_body_kind = 0x10,
    tag_body = 0x11,
    tag_owner = 0x12,
    tag_upload_id = 0x13,
    tag_system = 0x20,
    tag_user = 0x21,
    tag_tags = 0x22,
    tag_region = 0x30,
    tag_created = 0x31,
    tag_checksum_type = 0x32,
    tag_account = 0x33,
};

using Map = std::map<std::string, std::string>;

class Writer {
  public:
    Writer() { out_.push_back(format_version); }

    void number(Tag tag, uint64_t value) {
        if (value == 0) return;
        out_.push_back(static_cast<char>(tag));
        varint(value);
    }
    void text(Tag tag, std::string_view value) {
        if (value.empty()) return;
        out_.push_back(static_cast<char>(tag));
        text(value);
    }
    void map(Tag tag, const Map& value) {
        if (value.empty()) return;
        out_.push_back(static_cast<char>(tag));
        varint(value.size());
        for (const auto& [name, content] : value) {
            text(name);
            text(content);
        }
    }
    void checksum(const std::optional<Checksum>& value) {
        if (!value) return;
        text(tag_checksum_algorithm, value->algorithm);
        text(tag_checksum_value, value->value);
        number(tag_checksum_composite, value->composite ? 1 : 0);
    }
    void varint(uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
        out_.push_back(static_cast<char>(value));
    }
    std::string take() { return std::move(out_); }

  private:
    void text(std::string_view value) {
        varint(value.size());
        out_.append(value);
    }

    std::string out_;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {
        if (bytes_.empty() || bytes_[0] != format_version) ok_ = false;
        position_ = 1;
    }

    // The next field's tag; 0 at the end or after a failure.
    uint8_t tag() {
        if (!ok_ || position_ >= bytes_.size()) return 0;
        return static_cast<uint8_t>(bytes_[position_++]);
    }
    uint64_t varint() {
        uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position_ >= bytes_.size()) break;
            const auto byte = static_cast<uint8_t>(bytes_[position_++]);
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    std::string text() {
        const uint64_t size = varint();
        if (!ok_ || size > bytes_.size() - position_) {
            ok_ = false;
            return {};
        }
        position_ += size;
        return std::string(bytes_.substr(position_ - size, size));
    }
    Map map() {
        Map out;
        for (uint64_t count = varint(); ok_ && count > 0; --count) {
            std::string name = text();
            out.insert_or_assign(std::move(name), text());
        }
        return out;
    }
    // Takes one of a checksum's fields; false where `tag` is none.
    bool checksum(uint8_t tag, std::optional<Checksum>& into) {
        if (tag < tag_checksum_algorithm || tag > tag_checksum_composite) return false;
        if (!into) into.emplace();
        if (tag == tag_checksum_algorithm) into->algorithm = text();
        if (tag == tag_checksum_value) into->value = text();
        if (tag == tag_checksum_composite) into->composite = varint() != 0;
        return true;
    }
    bool listed(uint8_t tag, ObjectInfo& into) {
        if (tag == tag_size) return into.size = varint(), true;
        if (tag == tag_etag) return into.etag = text(), true;
        if (tag == tag_modified) return into.modified = timestamp(), true;
        if (tag == tag_storage_class) return into.storage_class = text(), true;
        return checksum(tag, into.checksum);
    }
    TimestampMs timestamp() { return TimestampMs(static_cast<int64_t>(varint())); }
    void fail() { ok_ = false; }
    bool at_end() const { return position_ >= bytes_.size(); }
    Status status() const {
        if (ok_) return {};
        return Error{ErrorCode::corruption, "object metadata: a stored record is cut short or of an unknown version"};
    }

  private:
    std::string_view bytes_;
    size_t position_ = 0;
    bool ok_ = true;
};

std::string_view storage_class_stored(const std::string& value) {
    return value == "STANDARD" ? std::string_view() : std::string_view(value);
}

}  // namespace

std::string encode(const BucketInfo& bucket) {
    Writer out;
    out.text(tag_region, bucket.region);
    out.number(tag_created, static_cast<uint64_t>(bucket.created.value()));
    out.map(tag_tags, bucket.tags);
    out.text(tag_account, bucket.account);
    return out.take();
}

Result<BucketInfo> decode_bucket(std::string_view bytes) {
    BucketInfo bucket;
    Reader in(bytes);
    while (const uint8_t tag = in.tag()) {
        if (tag == tag_region) {
            bucket.region = in.text();
        } else if (tag == tag_created) {
            bucket.created = in.timestamp();
        } else if (tag == tag_tags) {
            bucket.tags = in.map();
        } else if (tag == tag_account) {
            bucket.account = in.text();
        } else {
            in.fail();
        }
    }
    TRY(in.status());
    return bucket;
}

std::string encode(const ObjectRecord& object) {
    Writer out;
    out.number(tag_size, object.info.size);
    out.text(tag_etag, object.info.etag);
    out.number(tag_modified, static_cast<uint64_t>(object.info.modified.value()));
    out.text(tag_storage_class, storage_class_stored(object.info.storage_class));
    out.checksum(object.info.checksum);
    out.number(tag_body_kind, static_cast<uint64_t>(object.kind));
    out.number(tag_body, object.body);
    out.number(tag_owner, object.owner);
    out.text(tag_upload_id, object.upload_id);
    out.map(tag_system, object.info.system);
    out.map(tag_user, object.info.user);
    out.map(tag_tags, object.info.tags);
    return out.take();
}

Result<ObjectRecord> decode_object(std::string_view bytes) {
    ObjectRecord object;
    Reader in(bytes);
    while (const uint8_t tag = in.tag()) {
        if (in.listed(tag, object.info)) continue;
        if (tag == tag_body_kind) {
            const uint64_t kind = in.varint();
            if (kind > static_cast<uint64_t>(BodyKind::parts)) in.fail();
            object.kind = static_cast<BodyKind>(kind);
        } else if (tag == tag_body) {
            object.body = in.varint();
        } else if (tag == tag_owner) {
            object.owner = in.varint();
        } else if (tag == tag_upload_id) {
            object.upload_id = in.text();
        } else if (tag == tag_system) {
            object.info.system = in.map();
        } else if (tag == tag_user) {
            object.info.user = in.map();
        } else if (tag == tag_tags) {
            object.info.tags = in.map();
        } else {
            in.fail();
        }
    }
    TRY(in.status());
    return object;
}

Result<ObjectInfo> decode_listed(std::string_view bytes) {
    ObjectInfo info;
    Reader in(bytes);
    for (uint8_t tag = in.tag(); tag != 0 && tag < after_listed; tag = in.tag()) {
        if (!in.listed(tag, info)) in.fail();
    }
    TRY(in.status());
    return info;
}

std::string encode(const std::vector<FileExtent>& extents) {
    Writer out;
    out.varint(extents.size());
    for (const FileExtent& extent : extents) {
        out.varint(extent.file);
        out.varint(extent.owner);
        out.varint(extent.size);
    }
    return out.take();
}

Result<std::vector<FileExtent>> decode_extents(std::string_view bytes) {
    std::vector<FileExtent> extents;
    Reader in(bytes);
    for (uint64_t count = in.varint(); count > 0 && in.status().ok(); --count) {
        FileExtent extent;
        extent.file = in.varint();
        extent.owner = in.varint();
        extent.size = in.varint();
        extents.push_back(extent);
    }
    if (!in.at_end()) in.fail();
    TRY(in.status());
    return extents;
}

std::string encode(const MultipartInfo& upload) {
    Writer out;
    out.number(tag_created, static_cast<uint64_t>(upload.initiated.value()));
    out.text(tag_checksum_type, upload.checksum_type);
    out.text(tag_checksum_algorithm, upload.options.checksum_algorithm.value_or(""));
    out.text(tag_storage_class, storage_class_stored(upload.options.storage_class));
    out.map(tag_system, upload.options.system);
    out.map(tag_user, upload.options.user);
    out.map(tag_tags, upload.options.tags);
    return out.take();
}

Result<MultipartInfo> decode_upload(std::string_view bytes) {
    MultipartInfo upload;
    Reader in(bytes);
    while (const uint8_t tag = in.tag()) {
        if (tag == tag_created) {
            upload.initiated = in.timestamp();
        } else if (tag == tag_checksum_type) {
            upload.checksum_type = in.text();
        } else if (tag == tag_checksum_algorithm) {
            upload.options.checksum_algorithm = in.text();
        } else if (tag == tag_storage_class) {
            upload.options.storage_class = in.text();
        } else if (tag == tag_system) {
            upload.options.system = in.map();
        } else if (tag == tag_user) {
            upload.options.user = in.map();
        } else if (tag == tag_tags) {
            upload.options.tags = in.map();
        } else {
            in.fail();
        }
    }
    TRY(in.status());
    return upload;
}

std::string encode(const PartRecord& part) {
    Writer out;
    out.number(tag_size, part.info.size);
    out.text(tag_etag, part.info.etag);
    out.number(tag_modified, static_cast<uint64_t>(part.info.modified.value()));
    out.checksum(part.info.checksum);
    out.number(tag_body, part.extent.file);
    out.number(tag_owner, part.extent.owner);
    return out.take();
}

Result<PartRecord> decode_part(std::string_view bytes) {
    PartRecord part;
    Reader in(bytes);
    while (const uint8_t tag = in.tag()) {
        if (tag == tag_size) {
            part.info.size = in.varint();
        } else if (tag == tag_etag) {
            part.info.etag = in.text();
        } else if (tag == tag_modified) {
            part.info.modified = in.timestamp();
        } else if (tag == tag_body) {
            part.extent.file = in.varint();
        } else if (tag == tag_owner) {
            part.extent.owner = in.varint();
        } else if (!in.checksum(tag, part.info.checksum)) {
            in.fail();
        }
    }
    TRY(in.status());
    part.extent.size = part.info.size;
    return part;
}

}  // namespace millrace::object
