// Expected failure as a value. A function that can fail returns Result<T>; our own bugs stop the process instead
// (MILLRACE_CHECK). Callers may not drop one: the class is [[nodiscard]].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace millrace {

// What kind of failure it is; services map these to their own named errors in service/NAME/errors.cc.
enum class ErrorCode : uint8_t {
    invalid_argument,     // the caller's mistake
    not_found,            // what was named does not exist
    already_exists,       // a name is taken
    failed_precondition,  // the state does not allow it (not empty, wrong version, condition not met)
    out_of_range,         // a position below the horizon or above the end
    resource_exhausted,   // a limit, quota or bound of ours
    corruption,           // stored bytes do not match their checksum or grammar
    io,                   // the operating system said no; message carries errno's text
    unavailable,          // stopping, or a writer that failed: try later or restart
    cancelled,            // stopped by request
    deadline_exceeded,    // ran out of its time
    unauthenticated,      // signature missing or wrong
    permission_denied,    // known, but not allowed
    unsupported,          // we do not do this; message names what
    internal,             // a broken promise of ours that need not stop the process
};

// Returns the code's name, as above. The view is valid for ever.
std::string_view name_of(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;  // a sentence for the person who has to act: what, where, what to do
};

// "context: message", same code.
Error with_context(Error error, std::string_view context);
// An io Error from errno: "what: No such file or directory". ENOSPC and EDQUOT become resource_exhausted.
Error io_error(std::string_view what, int errno_value);

// A value or an error. E is Error everywhere but at the wire, where services fail with aws::Failure.
template <class T, class E = Error>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
    Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
    template <class C, class M>
    Result(C code, M message) : state_(std::in_place_index<1>, E{std::move(code), std::move(message)}) {}

    explicit operator bool() const { return state_.index() == 0; }
    bool ok() const { return state_.index() == 0; }
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    // By value: what is taken out of a temporary lives on in a range-for.
    T value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    E& error() & { return std::get<1>(state_); }
    const E& error() const& { return std::get<1>(state_); }
    E&& error() && { return std::get<1>(std::move(state_)); }

  private:
    std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
  public:
    Result() = default;
    Result(E error) : error_(std::move(error)) {}  // NOLINT
    template <class C, class M>
    Result(C code, M message) : error_(E{std::move(code), std::move(message)}) {}
    explicit operator bool() const { return !error_; }
    bool ok() const { return !error_; }
    E& error() & { return *error_; }
    const E& error() const& { return *error_; }
    E&& error() && { return *std::move(error_); }

  private:
    std::optional<E> error_;
};

using Status = Result<void>;

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace millrace

// Our own bug: say where and stop. Never for outside input.
#define MILLRACE_CHECK(expression) \
    ((expression) ? static_cast<void>(0) : ::millrace::check_failed(#expression, __FILE__, __LINE__))

#define MILLRACE_CONCAT_INNER(a, b) a##b
#define MILLRACE_CONCAT(a, b) MILLRACE_CONCAT_INNER(a, b)
// TRY(expression): return its error to the caller. TRY_ASSIGN(auto x, expression): the same, else take the value.
#define TRY(expression)                                         \
    do {                                                        \
        if (auto try_status = (expression); !try_status.ok()) { \
            return std::move(try_status).error();               \
        }                                                       \
    } while (false)
#define TRY_ASSIGN_INNER(result, declaration, expression) \
    auto result = (expression);                           \
    if (!result.ok()) return std::move(result).error();   \
    declaration = std::move(result).value()
#define TRY_ASSIGN(declaration, expression) \
    TRY_ASSIGN_INNER(MILLRACE_CONCAT(try_result_, __LINE__), declaration, expression)
