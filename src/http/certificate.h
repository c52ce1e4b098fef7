// A self-signed certificate for a server that was given none, made once and kept.
#pragma once

#include <string>

#include "src/base/result.h"

namespace millrace::http {

struct CertificateFiles {
    std::string certificate;  // PEM; clients trust it with --ca-bundle, AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS
    std::string key;          // PEM, readable by the owner alone
};

// Returns the files in `directory`, making directory and files where they are absent or where the certificate ends
// within 30 days. ECDSA P-256, valid ten years for localhost, *.localhost, *.s3.localhost, 127.0.0.1 and ::1.
// (OpenSSL's own matching takes no wildcard directly under a top-level name, so clients built on it, the AWS CLI among
// them, reach buckets as hosts under s3.localhost, and not under localhost.)
// Errors: invalid_argument for an empty directory; io where the files can not be written.
Result<CertificateFiles> keep_certificate(const std::string& directory);

}  // namespace millrace::http
