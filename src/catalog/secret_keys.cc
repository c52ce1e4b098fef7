#include "src/catalog/secret_keys.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/checksum.h"

namespace millrace::catalog {
namespace {

constexpr std::string_view mark = "millrace-sealed:1:";
constexpr size_t key_size = 32, id_size = 8, nonce_size = 12, tag_size = 16;
constexpr size_t head_size = mark.size() + id_size + nonce_size;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string hex(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

int digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

// "" where the line is no key.
std::string key_of(std::string_view line) {
    std::string out;
    for (size_t i = 0; i + 1 < line.size(); i += 2) {
        if (digit(line[i]) < 0 || digit(line[i + 1]) < 0) return "";
        out += static_cast<char>(digit(line[i]) << 4 | digit(line[i + 1]));
    }
    return line.size() == 2 * key_size ? out : "";
}

Status sync_folder(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return io_error(folder, errno);
    const bool synced = ::fsync(file) == 0;
    const int problem = errno;
    ::close(file);
    return synced ? Status() : Status(io_error(folder, problem));
}

// Never readable by others, and whole or not there.
Status make(const std::string& path) {
    const std::string fresh = path + ".tmp";
    ::unlink(fresh.c_str());
    const std::string text =
        "# Opens the secrets that this server keeps. Without it they are lost; keep it apart from backups of them.\n" +
        hex(random_bytes(key_size)) + "\n";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return io_error(fresh, errno);
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    const int problem = errno;
    ::close(file);
    if (!written) return io_error(fresh, problem);
    if (::rename(fresh.c_str(), path.c_str()) != 0) return io_error(path, errno);
    return sync_folder(path);
}

}  // namespace

Result<SecretKeys> SecretKeys::open(const std::string& path) {
    struct stat there = {};
    if (::stat(path.c_str(), &there) != 0) {
        if (errno != ENOENT) return io_error(path, errno);
        TRY(make(path));
        if (::stat(path.c_str(), &there) != 0) return io_error(path, errno);
    }
    if ((there.st_mode & 077) != 0) {
        return {ErrorCode::failed_precondition, path + " can be read by others: chmod 600 " + path};
    }
    std::ifstream in(path);
    if (!in) return io_error(path, errno);
    SecretKeys out;
    std::string line;
    for (size_t number = 1; std::getline(in, line); ++number) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (line.empty() || line.front() == '#') continue;
        std::string key = key_of(line);
        if (key.empty()) {
            return {ErrorCode::invalid_argument,
                    path + ", line " + std::to_string(number) + ": a key is 64 hexadecimal digits"};
        }
        std::string id = hex(sha256(key)).substr(0, id_size);
        out.keys_.push_back({std::move(key), std::move(id)});
    }
    if (out.keys_.empty()) return {ErrorCode::invalid_argument, path + " has no key"};
    return out;
}

std::string SecretKeys::seal(std::string_view text, std::string_view place) const {
    const Key& key = keys_.front();
    const std::string nonce = random_bytes(nonce_size);
    std::string out = std::string(mark) + key.id + nonce;
    out.resize(head_size + text.size() + tag_size);
    const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    // Nothing here can fail but for want of memory; then nothing is kept, rather than a plain text.
    const bool sealed =
        cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key.bytes), bytes(nonce)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes(place), static_cast<int>(place.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), bytes(out) + head_size, &size, bytes(text), static_cast<int>(text.size())) ==
            1 &&
        EVP_EncryptFinal_ex(cipher.get(), bytes(out) + head_size + text.size(), &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, bytes(out) + head_size + text.size()) == 1;
    if (!sealed) std::abort();
    return out;
}

Result<std::string> SecretKeys::unseal(std::string_view stored, std::string_view place) const {
    if (!stored.starts_with(mark)) return std::string(stored);
    const Error changed{ErrorCode::corruption, "a stored secret was changed"};
    if (stored.size() < head_size + tag_size) return changed;
    const std::string_view id = stored.substr(mark.size(), id_size);
    for (const Key& key : keys_) {
        if (key.id != id) continue;
        const std::string_view nonce = stored.substr(mark.size() + id_size, nonce_size);
        const std::string_view text = stored.substr(head_size, stored.size() - head_size - tag_size);
        std::string tag(stored.substr(stored.size() - tag_size));
        std::string out(text.size(), '\0');
        const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
        int size = 0;
        const bool opened =
            cipher &&
            EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key.bytes), bytes(nonce)) == 1 &&
            EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes(place), static_cast<int>(place.size())) == 1 &&
            EVP_DecryptUpdate(cipher.get(), bytes(out), &size, bytes(text), static_cast<int>(text.size())) == 1 &&
            EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
            EVP_DecryptFinal_ex(cipher.get(), bytes(out) + text.size(), &size) == 1;
        if (!opened) return changed;
        return out;
    }
    return {ErrorCode::corruption,
            "no key of the server's file opens a stored secret (the SHA-256 of its key begins with " + std::string(id) +
                "): put that key's line back"};
}

bool SecretKeys::is_sealed_by_first(std::string_view stored) const {
    return stored.starts_with(mark) && stored.substr(mark.size()).starts_with(keys_.front().id);
}

}  // namespace millrace::catalog
