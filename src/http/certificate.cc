#include "src/http/certificate.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/io/file.h"

namespace millrace::http {
namespace {

constexpr long valid_seconds = 10L * 365 * 24 * 3600;
constexpr long renewed_seconds_before_end = 30L * 24 * 3600;

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free_all>>;

bool add_extension(X509* certificate, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

Certificate make_certificate(EVP_PKEY* key) {
    Certificate certificate(X509_new());
    if (!certificate) return nullptr;
    X509* made = certificate.get();
    X509_set_version(made, X509_VERSION_3);
    uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return nullptr;
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -24 * 3600);  // for clients whose clock is behind
    X509_gmtime_adj(X509_getm_notAfter(made), valid_seconds);
    X509_set_pubkey(made, key);
    X509_NAME* name = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Millrace"), -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(made, name);
    bool extended = add_extension(made, NID_subject_alt_name,
                                  "DNS:localhost,DNS:*.localhost,DNS:*.s3.localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1") &&
                    // It signs itself, so it is its own authority: OpenSSL and Node accept it as a trusted root.
                    add_extension(made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    add_extension(made, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
                    add_extension(made, NID_ext_key_usage, "serverAuth") &&
                    add_extension(made, NID_subject_key_identifier, "hash");
    if (!extended || X509_sign(made, key, EVP_sha256()) == 0) return nullptr;
    return certificate;
}

std::string text_of(BIO* memory) {
    char* text = nullptr;
    long size = BIO_get_mem_data(memory, &text);
    return std::string(text, static_cast<size_t>(size));
}

// True where both files are there and the certificate is good for a while.
bool is_usable(const CertificateFiles& files) {
    FILE* file = std::fopen(files.certificate.c_str(), "re");
    if (!file) return false;
    Certificate certificate(PEM_read_X509(file, nullptr, nullptr, nullptr));
    std::fclose(file);
    if (!certificate || ::access(files.key.c_str(), R_OK) != 0) return false;
    time_t soon = ::time(nullptr) + renewed_seconds_before_end;
    return X509_cmp_time(X509_get0_notAfter(certificate.get()), &soon) > 0;
}

// Not through io::write_file_atomically: the key must never be readable by others, not even for a moment.
Status write_key(const std::string& path, std::string_view text) {
    std::string temporary = path + ".tmp";
    ::unlink(temporary.c_str());
    int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return io_error(temporary, errno);
    bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    int problem = errno;
    ::close(file);
    if (!written) return io_error(temporary, problem);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return io_error(path, errno);
    return {};
}

}  // namespace

Result<CertificateFiles> keep_certificate(const std::string& directory) {
    if (directory.empty()) {
        return {ErrorCode::invalid_argument, "TLS needs a certificate, or a directory to keep a generated one in"};
    }
    CertificateFiles files{directory + "/certificate.pem", directory + "/key.pem"};
    if (is_usable(files)) return files;
    TRY(io::posix_file_system().make_directories(directory));
    Key key(EVP_EC_gen("P-256"));
    Certificate certificate = key ? make_certificate(key.get()) : nullptr;
    Memory certificate_text(BIO_new(BIO_s_mem()));
    Memory key_text(BIO_new(BIO_s_mem()));
    if (!certificate || !certificate_text || !key_text ||
        PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return {ErrorCode::internal, "OpenSSL could not make a certificate"};
    }
    // The key first: a certificate that is there has its key.
    TRY(write_key(files.key, text_of(key_text.get())));
    TRY(io::write_file_atomically(io::posix_file_system(), files.certificate, text_of(certificate_text.get())));
    return files;
}

}  // namespace millrace::http
