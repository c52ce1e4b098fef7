// Structs as JSON text, for the codecs of the registries alone. A codec names each struct's members once, for writing
// and for reading, in a function of the struct's own namespace:
//
//   static void describe(auto& a, Is<Route> auto& it) { a("id", it.id), a("key", it.key); }
//
// Texts, lists, maps and optionals that are empty are left out and unknown members ignored, so a member can be added
// without a new format.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "src/base/named.h"
#include "src/base/result.h"

namespace millrace::gateway {

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

constexpr int64_t json_format_version = 1;

class JsonWriter {
  public:
    explicit JsonWriter(boost::json::object& out) : out_(out) {}
    template <class T>
    void operator()(std::string_view name, const T& value) {
        if constexpr (requires { value.empty(); }) {
            if (value.empty()) return;
        }
        if constexpr (requires { value.has_value(); }) {
            if (value.has_value()) out_[name] = written(*value);
        } else {
            out_[name] = written(value);
        }
    }

  private:
    static boost::json::value written(const std::string& text) { return boost::json::value(text); }
    static boost::json::value written(TimestampMs time) { return time.value(); }
    static boost::json::value written(bool flag) { return flag; }
    static boost::json::value written(int32_t number) { return number; }
    static boost::json::value written(double number) { return number; }
    template <class T>
    static boost::json::value written(const std::vector<T>& values) {
        boost::json::array out;
        for (const T& value : values) out.push_back(written(value));
        return out;
    }
    template <class T>
    static boost::json::value written(const std::map<std::string, T>& values) {
        boost::json::object out;
        for (const auto& [key, value] : values) out[key] = written(value);
        return out;
    }
    template <class T>
    static boost::json::value written(const T& value) {
        boost::json::object out;
        JsonWriter writer(out);
        describe(writer, value);
        return out;
    }

    boost::json::object& out_;
};

// What an absent member means, but for numbers and flags: those stay as a new struct has them.
enum class Absent : uint8_t { as_new, empty };

// Throws what boost::json throws where a member is not of its kind.
template <Absent absent>
class JsonReader {
  public:
    explicit JsonReader(const boost::json::object& in) : in_(in) {}
    template <class T>
    void operator()(std::string_view name, T& to) {
        if (const boost::json::value* value = in_.if_contains(name)) return read(*value, to);
        if constexpr (absent == Absent::empty && !std::is_arithmetic_v<T>) to = T{};
    }

  private:
    static void read(const boost::json::value& in, std::string& to) { to = boost::json::value_to<std::string>(in); }
    static void read(const boost::json::value& in, TimestampMs& to) { to = TimestampMs(in.to_number<int64_t>()); }
    static void read(const boost::json::value& in, bool& to) { to = in.as_bool(); }
    static void read(const boost::json::value& in, int32_t& to) { to = in.to_number<int32_t>(); }
    static void read(const boost::json::value& in, double& to) { to = in.to_number<double>(); }
    template <class T>
    static void read(const boost::json::value& in, std::optional<T>& to) {
        read(in, to.emplace());
    }
    template <class T>
    static void read(const boost::json::value& in, std::vector<T>& to) {
        to.clear();
        for (const boost::json::value& value : in.as_array()) read(value, to.emplace_back());
    }
    template <class T>
    static void read(const boost::json::value& in, std::map<std::string, T>& to) {
        to.clear();
        for (const auto& member : in.as_object()) read(member.value(), to[std::string(member.key())]);
    }
    template <class T>
    static void read(const boost::json::value& in, T& to) {
        JsonReader reader(in.as_object());
        describe(reader, to);
    }

    const boost::json::object& in_;
};

template <class T>
std::string to_json_text(const T& it) {
    boost::json::object out{{"format", json_format_version}};
    JsonWriter writer(out);
    describe(writer, it);
    return boost::json::serialize(out);
}

// corruption where it is not what to_json_text() wrote; unsupported where a newer millrace did.
template <Absent absent, class T>
Status from_json_text(std::string_view text, std::string_view registry, T* out) {
    const std::string entry = "an entry of the registry of " + std::string(registry);
    try {
        const boost::json::value parsed = boost::json::parse(text);
        const boost::json::object& object = parsed.as_object();
        if (object.at("format").to_number<int64_t>() != json_format_version) {
            return {ErrorCode::unsupported, entry + " was written by a newer millrace"};
        }
        JsonReader<absent> reader(object);
        describe(reader, *out);
        return {};
    } catch (const std::exception& problem) {
        return {ErrorCode::corruption, entry + " does not parse: " + problem.what()};
    }
}

}  // namespace millrace::gateway
