#include "src/cli/produce/retail_generator.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::cli {
namespace {

constexpr uint64_t kInvoices = 25'900;
constexpr size_t kProducts = 4'070;
constexpr uint64_t kCustomers = 4'372;
constexpr int64_t kFirstMinute = 21519866;  // 2010-12-01 08:26 in minutes since 1970
constexpr int64_t kLastMinute = 22057250;   // 2011-12-09 12:50
constexpr int64_t kMinutesADay = 1440;

// SplitMix64: three multiplications a number, the same everywhere.
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t next() {
        uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    uint64_t below(uint64_t bound) { return next() % bound; }
    bool one_in(uint64_t n) { return below(n) == 0; }
    // Small numbers often, large ones seldom: the least of three draws, squared over the bound.
    uint64_t skewed_below(uint64_t bound) {
        const uint64_t draw = std::min(below(bound), below(bound));
        return draw * draw / bound;
    }

  private:
    uint64_t state_;
};

struct Country {
    std::string_view name;
    uint32_t rows_in_100000;
};
constexpr std::array kCountries = {
    Country{"United Kingdom", 91432},
    Country{"Germany", 1752},
    Country{"France", 1579},
    Country{"EIRE", 1512},
    Country{"Spain", 467},
    Country{"Netherlands", 438},
    Country{"Belgium", 382},
    Country{"Switzerland", 369},
    Country{"Portugal", 280},
    Country{"Australia", 232},
    Country{"Norway", 200},
    Country{"Italy", 148},
    Country{"Channel Islands", 140},
    Country{"Finland", 128},
    Country{"Cyprus", 115},
    Country{"Sweden", 85},
    Country{"Unspecified", 82},
    Country{"Austria", 74},
    Country{"Denmark", 72},
    Country{"Japan", 66},
    Country{"Poland", 63},
    Country{"Israel", 55},
    Country{"USA", 54},
    Country{"Hong Kong", 53},
    Country{"Singapore", 42},
    Country{"Iceland", 34},
    Country{"Canada", 28},
    Country{"Greece", 27},
    Country{"Malta", 23},
    Country{"United Arab Emirates", 13},
    Country{"European Community", 11},
    Country{"RSA", 11},
    Country{"Lebanon", 8},
    Country{"Lithuania", 7},
    Country{"Brazil", 6},
    Country{"Czech Republic", 6},
    Country{"Bahrain", 4},
    Country{"Saudi Arabia", 2},
};

constexpr std::array<std::string_view, 24> kColours = {
    "WHITE", "RED",     "PINK",   "BLUE", "IVORY",    "GREEN", "BLACK",      "VINTAGE",
    "RETRO", "ANTIQUE", "SILVER", "GOLD", "WOODEN",   "GLASS", "METAL",      "PAPER",
    "CREAM", "LILAC",   "JUMBO",  "MINI", "SET OF 3", "SET/6", "PACK OF 12", "12 PENCILS"};
constexpr std::array<std::string_view, 24> kPatterns = {
    "POLKADOT",  "HEART",   "PAISLEY", "SPACEBOY", "DOLLY GIRL", "STRAWBERRY",    "RABBIT", "REINDEER",
    "BUTTERFLY", "ROSE",    "LACE",    "STAR",     "UNION JACK", "CIRCUS PARADE", "SKULL",  "WOODLAND",
    "CHRISTMAS", "BAROQUE", "GINGHAM", "FLOWER",   "TEA TIME",   "DOILEY",        "BIRD",   "ALPHABET"};
constexpr std::array<std::string_view, 24> kThings = {
    "T-LIGHT HOLDER", "LUNCH BAG",    "CAKESTAND",      "MUG",           "HOT WATER BOTTLE", "DOORMAT",  "NAPKINS",
    "BUNTING",        "CLOCK",        "JAM MAKING SET", "STORAGE TIN",   "COAT HANGER",      "LANTERN",  "CANDLE",
    "GIFT TAPE",      "APRON",        "CARD",           "PICTURE FRAME", "MONEY BOX",        "UMBRELLA", "DRAWER KNOB",
    "TRINKET BOX",    "BAKING MOULD", "TISSUES"};

struct Product {
    std::string code;
    std::string description;     // as it stands in the CSV, quoted where it must be
    uint64_t price_thousandths;  // 2.55 is 2550
};

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"") == std::string::npos) return text;
    std::string out = "\"";
    for (char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

std::vector<Product> make_products(Random& random) {
    constexpr std::array<uint64_t, 16> prices = {190,  290,  420,  550,  650,  850,  1250, 1450,
                                                 1650, 1950, 2550, 2950, 3750, 4950, 7950, 12750};
    std::vector<Product> products;
    for (size_t i = 0; i < kProducts; ++i) {
        Product product;
        product.code = std::to_string(20'000 + i * 17);
        if (random.one_in(4)) product.code += static_cast<char>('A' + random.below(12));
        std::string text = std::string(kColours[random.below(kColours.size())]) + " " +
                           std::string(kPatterns[random.below(kPatterns.size())]) + " " +
                           std::string(kThings[random.below(kThings.size())]);
        switch (random.below(40)) {
            case 0:
                text += " , LARGE";  // commas
                break;
            case 1:
                text = "LETTER \"" + std::string(1, static_cast<char>('A' + random.below(26))) + "\" " + text;
                break;
            case 2:
                text +=
                    " \xa3"
                    "1.50";  // a pound sign, as Latin-1 has it
                break;
            case 3:
                text = "CAF\xc9 " + text;  // É
                break;
            case 4:
                text += " 7\" SIZE ";
                break;
            default:
                if (random.one_in(5)) text += " ";  // one in five ends in a space, as in the real file
        }
        product.description = csv_field(text);
        product.price_thousandths = prices[random.below(prices.size())];
        if (random.one_in(50)) product.price_thousandths = random.below(200) * 1000 + 500;
        products.push_back(std::move(product));
    }
    products[0] = {"85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 2550};
    products[1] = {"22423", "REGENCY CAKESTAND 3 TIER", 12750};
    products[2] = {"85099B", "JUMBO BAG RED RETROSPOT", 1950};
    products[3] = {"POST", "POSTAGE", 18000};
    products[4] = {"DOT", "DOTCOM POSTAGE", 569770};
    return products;
}

// What every row of an invoice shares.
struct Invoice {
    std::string number;
    std::string time;
    std::string customer;
    std::string_view country;
    uint64_t rows = 0;
    bool cancelled = false;
    bool adjustment = false;  // "Adjust bad debt"
};

class RetailInput : public Input {
  public:
    explicit RetailInput(uint64_t rows) : random_(20101201), products_(make_products(random_)), rows_(rows) {
        text_ = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n";
    }

    Result<size_t> read(std::span<char> out) override {
        while (text_.size() - at_ < out.size() && done_ < rows_) add_row();
        const size_t count = std::min(out.size(), text_.size() - at_);
        std::memcpy(out.data(), text_.data() + at_, count);
        at_ += count;
        if (at_ > (1 << 20)) {
            text_.erase(0, at_);
            at_ = 0;
        }
        return count;
    }
    double fraction() const override {
        return static_cast<double>(done_) / static_cast<double>(std::max<uint64_t>(rows_, 1));
    }

  private:
    void begin_invoice() {
        const uint64_t left = kInvoices - invoices_;  // with this one
        invoice_ = {};
        invoice_.cancelled = random_.below(1000) < 148;
        invoice_.adjustment = invoices_ == 14'000 || invoices_ == 14'001 || invoices_ == 14'002;
        const uint64_t mean = (kRetailRows - done_) / left;
        if (left == 1) {
            invoice_.rows = kRetailRows - done_;
        } else if (invoice_.adjustment) {
            invoice_.rows = 1;
        } else if (invoice_.cancelled) {
            invoice_.rows = 1 + random_.below(4);
        } else {
            // Half the invoices are short, a few run to hundreds of rows; the mean steers to the exact total.
            invoice_.rows = 1 + random_.skewed_below(mean * 8 + 8) + random_.below(mean / 2 + 1);
        }
        invoice_.rows =
            std::min(invoice_.rows, kRetailRows - done_ - (left - 1));  // one at least for each that follows
        invoice_.number = (invoice_.adjustment  ? "A"
                           : invoice_.cancelled ? "C"
                                                : "") +
                          std::to_string(536'365 + invoices_ * 45'222 / kInvoices);
        invoice_.time = time_of(invoices_);
        // Rows without a customer come in whole invoices, the longer ones more often.
        if (random_.below(100) >= 21 || invoice_.cancelled) {
            const uint64_t customer = random_.skewed_below(kCustomers * 4) % kCustomers;
            invoice_.customer = std::to_string(12'346 + customer * 5'941 / kCustomers);
        }
        uint64_t draw = random_.below(100'000);
        invoice_.country = kCountries[0].name;
        for (const Country& country : kCountries) {
            if (draw < country.rows_in_100000) {
                invoice_.country = country.name;
                break;
            }
            draw -= country.rows_in_100000;
        }
        // Each of the small ones appears, whatever the draws say.
        if (invoices_ % 680 == 0) invoice_.country = kCountries[invoices_ / 680 % kCountries.size()].name;
        ++invoices_;
    }

    // Spreads the invoices over the year's business hours; none on a Saturday.
    std::string time_of(uint64_t invoice) {
        int64_t minute = kFirstMinute + static_cast<int64_t>(invoice) * (kLastMinute - kFirstMinute) /
                                            static_cast<int64_t>(kInvoices - 1);
        const bool edge = invoice == 0 || invoice == kInvoices - 1;
        int64_t day = minute / kMinutesADay;
        if (!edge) {
            if ((day + 4) % 7 == 6) day -= 1 + static_cast<int64_t>(random_.below(5));
            // The sum of two draws: most orders around noon, none before six.
            minute = day * kMinutesADay + 6 * 60 + 30 + static_cast<int64_t>(random_.below(380) + random_.below(440));
            minute = std::clamp(minute, kFirstMinute, kLastMinute);
        }
        const time_t seconds = minute * 60;
        tm parts{};
        gmtime_r(&seconds, &parts);
        char text[64];
        std::snprintf(text, sizeof text, "%d/%d/%d %d:%02d", parts.tm_mon + 1, parts.tm_mday, parts.tm_year + 1900,
                      parts.tm_hour, parts.tm_min);
        return text;
    }

    int64_t quantity() {
        constexpr std::array<int64_t, 20> usual = {1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 4, 6, 6, 8, 10, 12, 12, 24, 48, 100};
        if (done_ == kRetailRows - 1'000 || done_ == kRetailRows - 999) return 80'995;  // the set's famous outlier
        if (random_.one_in(20'000)) return 1'000 + static_cast<int64_t>(random_.below(4'000));
        return usual[random_.below(usual.size())];
    }

    void add_row() {
        if (invoice_.rows == 0) begin_invoice();
        --invoice_.rows;
        const Product& product =
            products_[random_.one_in(3) ? random_.below(kProducts) : random_.skewed_below(kProducts)];
        uint64_t price = product.price_thousandths;
        std::string code = product.code;
        std::string description = product.description;
        int64_t count = invoice_.cancelled ? -quantity() : quantity();
        std::string sign;
        if (invoice_.adjustment) {
            code = "B";
            description = "Adjust bad debt";
            price = 11'062'060;
            count = 1;
            if (invoices_ != 14'001) sign = "-";
        } else if (random_.one_in(370)) {  // a stock correction: no description, no customer, no price
            description.clear();
            price = 0;
        } else if (random_.one_in(140'000)) {
            price = 1;  // 0.001
        }
        char number[48];
        std::snprintf(number, sizeof number, "%s%llu.%03llu", sign.c_str(),
                      static_cast<unsigned long long>(price / 1000), static_cast<unsigned long long>(price % 1000));
        std::string_view shown = number;  // 2.550 is written 2.55, 18.000 is 18
        while (shown.ends_with('0')) shown.remove_suffix(1);
        if (shown.ends_with('.')) shown.remove_suffix(1);
        text_ +=
            invoice_.number + "," + code + "," + description + "," + std::to_string(count) + "," + invoice_.time + ",";
        text_ += shown;
        text_ += "," + invoice_.customer + ",";
        text_ += invoice_.country;
        text_ += "\r\n";
        ++done_;
    }

    Random random_;
    std::vector<Product> products_;
    uint64_t rows_;
    uint64_t done_ = 0;
    uint64_t invoices_ = 0;
    Invoice invoice_;
    std::string text_;
    size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Input> make_retail_input(uint64_t rows) {
    return std::make_unique<RetailInput>(std::min(rows, kRetailRows));
}

}  // namespace millrace::cli
