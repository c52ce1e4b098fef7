// How a service says what it serves: one row an operation in src/service/NAME/operations.cc, which is the only list.
// The code generator reads the rows' names from that file and writes the structs; the README is made from it too.
//
//     using namespace aws::kinesis;   // generated: ListStreamsInput, ListStreamsOutput, model()
//     aws::Service operations(Kinesis& kinesis) {
//         return aws::make_service(kinesis, model(), {
//             MILLRACE_OPERATION(ListStreams, worker, read, "kinesis:ListStreams", &Kinesis::list_streams),
//             MILLRACE_OPERATION(PutRecords, raw, write, "kinesis:PutRecords", &Kinesis::put_records),
//         });
//     }
//
// The second word says how it runs, and so what the handler looks like (S is the service's class; a free function
// that takes S& first does as well as a member):
//   worker    Outcome<XOutput> (S::*)(const CallContext&, const XInput&)
//             on the executor: may block. Outcome<Streamed<XOutput>> for an answer with a streamed body.
//   streamed  Outcome<XOutput> (S::*)(const CallContext&, const XInput&, http::BodyReader&)
//             on the executor, with the request's payload as it arrives: already verified and decoded from
//             aws-chunked; read() fails where a chunk's signature or the trailer's checksum is wrong. 0 is the end.
//   direct    void (S::*)(const CallContext&, const XInput&, Reply<XOutput>)
//             on the I/O thread: must not block; may reply later, from any thread. Copy what outlives the call.
//             StreamedReply<XOutput> in place of the Reply for an answer with a streamed body.
//   raw       void (S::*)(RawCall)
//             as direct, but nothing is decoded: for the hot operations that parse the body themselves.
//
// A member that the model knows and we do not honour is refused by name, before the handler runs:
//     MILLRACE_OPERATION(...).refuse("Tags[].Value", "why").refuse("StreamModeDetails.StreamMode", "why")
// where the path goes through structures by '.', lists by '[]' and maps by '{}'. Present (whatever its value) is
// refused; what depends on the value is the handler's business.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "src/aws/call.h"
#include "src/aws/failure.h"
#include "src/aws/schema.h"
#include "src/aws/streamed_reply.h"

namespace millrace::aws {

enum class Mode : uint8_t { worker, streamed, direct, raw };
enum class Access : uint8_t { read, write };

struct Refusal {
    std::string_view path;
    std::string_view reason;  // a sentence after "Millrace does not honour X: "
};

// One operation, its handler's types erased. The endpoint calls exactly the function that the mode names.
struct Operation {
    std::string_view name;
    Mode mode = Mode::worker;
    Access access = Access::read;
    std::string_view action;  // IAM's: "kinesis:PutRecords"
    std::vector<Refusal> refusals;
    const OperationModel* model = nullptr;  // set by make_service
    const Shape* input = nullptr;

    std::shared_ptr<void> (*make_input)() = nullptr;
    // worker and streamed; hands the output to detail::answer.
    std::function<void(const std::shared_ptr<detail::CallState>&, const CallContext&, const void* input,
                       http::BodyReader* body)>
        run;
    std::function<void(RawCall)> run_raw;
};

struct Service {
    const ServiceModel* model = nullptr;
    std::vector<Operation> operations;
    bool sums_answers = false;  // x-amz-crc32 of each body, as DynamoDB sends it and some SDKs check
};

// A row before it knows its service object.
template <class S>
struct Row {
    Operation operation;
    std::function<void(S&, Operation&)> bind;  // sets run or run_raw
    Row refuse(std::string_view path, std::string_view reason) && {
        operation.refusals.push_back({path, reason});
        return std::move(*this);
    }
};

// Looks each row up in the model; stops the process where a row names no operation of it or has another's types.
Service make_service(const ServiceModel& model, std::vector<Operation> operations);

template <class S>
Service make_service(S& self, const ServiceModel& model, std::initializer_list<Row<S>> rows) {
    std::vector<Operation> operations;
    for (const Row<S>& row : rows) {
        operations.push_back(row.operation);
        row.bind(self, operations.back());
    }
    return make_service(model, std::move(operations));
}

// --- what the macro stands on ---

namespace detail {

template <class Output>
void deliver(CallState& call, Outcome<Output>&& outcome) {
    if (!outcome.ok()) return answer(call, outcome.error());
    answer(call, Answer{&shape_of(static_cast<const Output*>(nullptr)), &outcome.value(), {}, {}, 0});
}
template <class Output>
void deliver(CallState& call, Outcome<Streamed<Output>>&& outcome) {
    if (!outcome.ok()) return answer(call, outcome.error());
    Streamed<Output>& streamed = outcome.value();
    answer(call, Answer{&shape_of(static_cast<const Output*>(nullptr)), &streamed.output, std::move(streamed.source),
                        streamed.source_size, streamed.status});
}

// The class a handler belongs to: S of `R (S::*)(...)`, `R (S::*)(...) const` or `R (*)(S&, ...)`.
template <class F>
struct OwnerOf;
template <class R, class S, class... A>
struct OwnerOf<R (S::*)(A...)> {
    using type = S;
};
template <class R, class S, class... A>
struct OwnerOf<R (S::*)(A...) const> {
    using type = S;
};
template <class R, class S, class... A>
struct OwnerOf<R (*)(S&, A...)> {
    using type = S;
};

template <class Input>
Operation make_operation(std::string_view name, Mode mode, Access access, std::string_view action) {
    Operation operation;
    operation.name = name;
    operation.mode = mode;
    operation.access = access;
    operation.action = action;
    operation.input = &shape_of(static_cast<const Input*>(nullptr));
    operation.make_input = []() -> std::shared_ptr<void> { return std::make_shared<Input>(); };
    return operation;
}

template <class Input, class Output, Mode mode, class Handler>
auto make_row(std::string_view name, Access access, std::string_view action, Handler handler) {
    using S = typename OwnerOf<Handler>::type;
    Row<S> row;
    row.operation = make_operation<Input>(name, mode, access, action);
    row.bind = [handler](S& self, Operation& operation) {
        if constexpr (mode == Mode::raw) {
            operation.run_raw = [&self, handler](RawCall call) { std::invoke(handler, self, std::move(call)); };
        } else {
            operation.run = [&self, handler](const std::shared_ptr<CallState>& call, const CallContext& context,
                                             const void* erased, [[maybe_unused]] http::BodyReader* body) {
                const Input& input = *static_cast<const Input*>(erased);
                if constexpr (mode == Mode::direct &&
                              std::is_invocable_v<Handler, S&, const CallContext&, const Input&, Reply<Output>>) {
                    std::invoke(handler, self, context, input, Reply<Output>(call));
                } else if constexpr (mode == Mode::direct) {
                    std::invoke(handler, self, context, input, StreamedReply<Output>(call));
                } else if constexpr (mode == Mode::streamed) {
                    deliver(*call, std::invoke(handler, self, context, input, *body));
                } else {
                    deliver(*call, std::invoke(handler, self, context, input));
                }
            };
        }
    };
    return row;
}

}  // namespace detail
}  // namespace millrace::aws

#define MILLRACE_OPERATION(NAME, MODE, ACCESS, ACTION, HANDLER)                                \
    ::millrace::aws::detail::make_row<NAME##Input, NAME##Output, ::millrace::aws::Mode::MODE>( \
        #NAME, ::millrace::aws::Access::ACCESS, ACTION, HANDLER)
