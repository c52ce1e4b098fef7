#include "src/object/checksums.h"

#include "src/base/base64.h"

namespace millrace::object {
namespace {

constexpr uint32_t crc32_polynomial = 0xEDB88320;
constexpr uint32_t crc32c_polynomial = 0x82F63B78;
constexpr uint64_t crc64nvme_polynomial = 0x9A6C9329AC4BC9B5;

template <class Word>
std::string big_endian(Word value) {
    std::string out(sizeof(Word), '\0');
    for (size_t i = sizeof(Word); i-- > 0; value = static_cast<Word>(value >> 8)) out[i] = static_cast<char>(value);
    return out;
}

uint64_t number_of(std::string_view big_endian_bytes) {
    uint64_t value = 0;
    for (char c : big_endian_bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

// Appending n bytes multiplies the CRC register, a polynomial over GF(2), by x^(8n). Multiplication modulo the CRC's
// polynomial in the reflected order: the highest bit is x^0.
template <class Word>
Word multiply(Word polynomial, Word a, Word b) {
    constexpr Word one = Word{1} << (sizeof(Word) * 8 - 1);
    Word product = 0;
    for (Word bit = one; bit != 0; bit >>= 1) {
        if (a & bit) product ^= b;
        b = (b & 1) ? (b >> 1) ^ polynomial : b >> 1;
    }
    return product;
}

template <class Word>
Word combine(Word polynomial, Word first, Word second, uint64_t second_bytes) {
    constexpr Word one = Word{1} << (sizeof(Word) * 8 - 1);
    Word power = one >> 8;  // x^8: one byte
    Word shift = one;       // x^(8 * second_bytes), by squaring
    for (; second_bytes != 0; second_bytes >>= 1) {
        if (second_bytes & 1) shift = multiply(polynomial, shift, power);
        power = multiply(polynomial, power, power);
    }
    // Ones in and ones out cancel: the start value and final inversion of `first` are those that `second` undoes.
    return multiply(polynomial, shift, first) ^ second;
}

}  // namespace

bool is_checksum_algorithm(std::string_view name) {
    return checksum_bytes(name) != 0;
}

size_t checksum_bytes(std::string_view algorithm) {
    if (algorithm == "CRC32" || algorithm == "CRC32C") return 4;
    if (algorithm == "CRC64NVME") return 8;
    if (algorithm == "SHA1") return 20;
    if (algorithm == "SHA256") return 32;
    return 0;
}

bool multipart_checksum_allowed(std::string_view algorithm, std::string_view type) {
    if (type == "FULL_OBJECT") return algorithm == "CRC32" || algorithm == "CRC32C" || algorithm == "CRC64NVME";
    return type == "COMPOSITE" && is_checksum_algorithm(algorithm) && algorithm != "CRC64NVME";
}

std::string_view multipart_checksum_type_default(std::string_view algorithm) {
    return algorithm == "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
}

RunningChecksum::RunningChecksum(std::string_view algorithm) : algorithm_(algorithm) {
    MILLRACE_CHECK(is_checksum_algorithm(algorithm));
    if (algorithm == "SHA1") digest_.emplace(Digest::Kind::sha1);
    if (algorithm == "SHA256") digest_.emplace(Digest::Kind::sha256);
}

void RunningChecksum::update(std::string_view bytes) {
    if (digest_) {
        digest_->update(bytes);
    } else if (algorithm_ == "CRC64NVME") {
        crc_ = crc64nvme(crc_, bytes);
    } else if (algorithm_ == "CRC32C") {
        crc_ = crc32c(static_cast<uint32_t>(crc_), bytes);
    } else {
        crc_ = crc32(static_cast<uint32_t>(crc_), bytes);
    }
}

Checksum RunningChecksum::value() {
    if (finished_) return *finished_;
    Checksum out{algorithm_, {}, false};
    if (digest_) {
        out.value = base64_encode(digest_->finish());
        finished_ = out;
    } else if (algorithm_ == "CRC64NVME") {
        out.value = base64_encode(big_endian(crc_));
    } else {
        out.value = base64_encode(big_endian(static_cast<uint32_t>(crc_)));
    }
    return out;
}

Checksum checksum_of(std::string_view algorithm, std::string_view bytes) {
    RunningChecksum running(algorithm);
    running.update(bytes);
    return running.value();
}

Result<Checksum> combined_checksum(std::string_view algorithm, std::string_view type,
                                   const std::vector<PartSum>& parts) {
    if (!multipart_checksum_allowed(algorithm, type)) {
        return {ErrorCode::invalid_argument, std::string(algorithm) + " has no " + std::string(type) + " checksum"};
    }
    RunningChecksum composite(algorithm == "CRC64NVME" ? "CRC32" : algorithm);
    uint64_t full = 0;
    for (const PartSum& part : parts) {
        std::string raw;
        if (!base64_decode(part.value, &raw) || raw.size() != checksum_bytes(algorithm)) {
            return {ErrorCode::corruption, "a part's checksum is not " + std::string(algorithm) + " in base64"};
        }
        composite.update(raw);
        if (algorithm == "CRC64NVME") {
            full = combine_crc64(crc64nvme_polynomial, full, number_of(raw), part.size);
        } else {
            full = combine_crc32(algorithm == "CRC32C" ? crc32c_polynomial : crc32_polynomial,
                                 static_cast<uint32_t>(full), static_cast<uint32_t>(number_of(raw)), part.size);
        }
    }
    if (type == "COMPOSITE") {
        Checksum out = composite.value();
        out.value += "-" + std::to_string(parts.size());
        out.composite = true;
        return out;
    }
    if (algorithm == "CRC64NVME") return Checksum{std::string(algorithm), base64_encode(big_endian(full)), false};
    return Checksum{std::string(algorithm), base64_encode(big_endian(static_cast<uint32_t>(full))), false};
}

uint32_t combine_crc32(uint32_t polynomial, uint32_t first, uint32_t second, uint64_t second_bytes) {
    return combine<uint32_t>(polynomial, first, second, second_bytes);
}

uint64_t combine_crc64(uint64_t polynomial, uint64_t first, uint64_t second, uint64_t second_bytes) {
    return combine<uint64_t>(polynomial, first, second, second_bytes);
}

}  // namespace millrace::object
