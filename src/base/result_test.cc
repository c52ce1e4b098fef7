#include "src/base/result.h"

#include <cerrno>
#include <memory>

#include <gtest/gtest.h>

namespace millrace {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return Error{ErrorCode::invalid_argument, "odd"};
    return number / 2;
}

Result<int> quarter(int number) {
    TRY_ASSIGN(const int once, half(number));
    TRY_ASSIGN(const int twice, half(once));
    return twice;
}

Status check_even(int number) {
    TRY(half(number));
    return {};
}

TEST(Result, TryHandsOnTheFirstErrorAndElseTheValue) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_TRUE(check_even(2).ok());
    EXPECT_EQ(check_even(3).error().code, ErrorCode::invalid_argument);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
    std::unique_ptr<int> taken = std::move(result).value();
    EXPECT_EQ(*taken, 3);
}

TEST(Result, AFullDiskIsToldFromAnyOtherFailure) {
    EXPECT_EQ(io_error("write", ENOSPC).code, ErrorCode::resource_exhausted);
    EXPECT_EQ(io_error("write", EDQUOT).code, ErrorCode::resource_exhausted);
    EXPECT_EQ(io_error("write", EIO).code, ErrorCode::io);
    EXPECT_EQ(with_context(io_error("open x", ENOENT), "start").message, "start: open x: No such file or directory");
}

}  // namespace
}  // namespace millrace
