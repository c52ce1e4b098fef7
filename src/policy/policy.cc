#include "src/policy/policy.h"

#include <algorithm>

#include "src/policy/statement.h"

namespace millrace::policy {
namespace {

class Statements final : public Policy {
  public:
    explicit Statements(std::vector<Statement> statements) : statements_(std::move(statements)) {}

    Decision evaluate(const Request& request) const override {
        Decision decision = Decision::neither;
        for (const Statement& statement : statements_) {
            if (decision == Decision::allow && statement.effect == Decision::allow) continue;
            if (!statement.applies(request)) continue;
            if (statement.effect == Decision::deny) return Decision::deny;
            decision = Decision::allow;
        }
        return decision;
    }

  private:
    const std::vector<Statement> statements_;
};

}  // namespace

Result<std::shared_ptr<const Policy>> Policy::parse(std::string_view json, const Grammar& grammar) {
    TRY_ASSIGN(std::vector<Statement> statements, parse_statements(json, grammar));
    return std::shared_ptr<const Policy>(std::make_shared<Statements>(std::move(statements)));
}

}  // namespace millrace::policy
