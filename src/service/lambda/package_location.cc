// Where the Location of code leads: GET /_millrace/function-package?sha256=HEX&grant=HEX, presigned with a key of this
// process. Packages are kept by their digest, whoever's they are, and a digest is no secret: the grant is.
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/aws/keys.h"
#include "src/aws/query.h"
#include "src/aws/router.h"
#include "src/aws/signer.h"
#include "src/aws/sigv4.h"
#include "src/base/base64.h"
#include "src/base/bytes.h"
#include "src/base/checksum.h"
#include "src/function/package.h"
#include "src/io/clock.h"
#include "src/service/lambda/lambda.h"

namespace millrace::service::lambda {
namespace {

constexpr std::string_view path = "/_millrace/function-package";
constexpr uint32_t expires_s = 600;  // as AWS's

// A whole file, read as it is sent.
class FileSource final : public http::BodySource {
  public:
    FileSource(int descriptor, uint64_t size) : descriptor_(descriptor), size_(size) {}
    ~FileSource() override { close(descriptor_); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    Result<size_t> read(std::span<char> out) override {
        for (;;) {
            const ssize_t count = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(at_));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return io_error("reading a package", errno);
            at_ += static_cast<uint64_t>(count);
            return static_cast<size_t>(count);
        }
    }
    std::optional<FileRange> file_range() const override { return FileRange{descriptor_, at_, size_ - at_}; }

  private:
    const int descriptor_;
    const uint64_t size_;
    uint64_t at_ = 0;
};

http::Response nothing_there() {
    http::Response response;
    response.status = 404;
    response.headers.add("content-type", "text/plain");
    response.body = "There is no such package.\n";
    return response;
}

}  // namespace

Lambda::Lambda(LambdaParts parts) : parts_(parts), grant_key_(random_bytes(32)), functions_(parts.functions) {}

std::string Lambda::package_grant(std::string_view hex) const {
    return hex_encode(hmac_sha256(grant_key_, hex));
}

std::string Lambda::package_location(const aws::CallContext& context, const std::string& sha256) const {
    const std::shared_ptr<const aws::Key> key = parts_.keys.ephemeral(context.scope.account);
    std::string raw;
    base64_decode(sha256, &raw);
    http::RequestHead head;
    head.method = "GET";
    head.path = path;
    const std::string hex = hex_encode(raw);
    head.query = "sha256=" + hex + "&grant=" + package_grant(hex) + "&X-Amz-Security-Token=";
    aws::append_uri_encoded(key->session_token, false, &head.query);
    head.headers.add("host", context.endpoint.substr(context.endpoint.find("://") + 3));
    aws::Signer signer({key->access_key_id, key->secret}, context.scope.region, "millrace");
    return context.endpoint + head.path + "?" + signer.presigned_query(head, parts_.clock.now(), expires_s);
}

aws::OwnRoute Lambda::package_route() {
    return {"GET", std::string(path), [this](const http::RequestHead& head) {
                std::string_view hex, grant;
                std::string raw;
                if (!aws::find_query(head.query, "sha256", &hex) || !hex_decode(hex, &raw)) return nothing_there();
                if (!aws::find_query(head.query, "grant", &grant) || !constant_time_equal(grant, package_grant(hex)))
                    return nothing_there();
                const Result<std::string> file = functions_.packages().zip_file(base64_encode(std::string_view(raw)));
                if (!file.ok()) return nothing_there();
                const int descriptor = open(file->c_str(), O_RDONLY | O_CLOEXEC);
                if (descriptor < 0) return nothing_there();
                struct stat info{};
                if (fstat(descriptor, &info) != 0) {
                    close(descriptor);
                    return nothing_there();
                }
                http::Response response;
                response.headers.add("content-type", "application/zip");
                response.source_size = static_cast<uint64_t>(info.st_size);
                response.source = std::make_unique<FileSource>(descriptor, *response.source_size);
                return response;
            }};
}

}  // namespace millrace::service::lambda
