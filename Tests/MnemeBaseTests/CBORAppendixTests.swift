// The examples of RFC 8949, Appendix A, every row of it.

import Testing

@testable import MnemeBase

/// A row: the bytes, the value, and whether the bytes are the deterministic ones for it.
struct AppendixRow: Sendable, CustomTestStringConvertible {
    let hex: String
    let value: CBORValue
    let isDeterministic: Bool
    var testDescription: String { hex }

    init(_ hex: String, _ value: CBORValue, isDeterministic: Bool = true) {
        self.hex = hex
        self.value = value
        self.isDeterministic = isDeterministic
    }
}

private func list(_ integers: Int64...) -> CBORValue { .array(integers.map { CBORValue($0) }) }

private func entry(_ key: String, _ value: CBORValue) -> CBOREntry { CBOREntry(.text(key), value) }

private let nested: CBORValue = .array([CBORValue(1), list(2, 3), list(4, 5)])
private let upToTwentyFive: CBORValue = .array((1...25).map { CBORValue($0) })
private let oneBeyond: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 0]

private let numbers: [AppendixRow] = [
    AppendixRow("00", CBORValue(0)),
    AppendixRow("01", CBORValue(1)),
    AppendixRow("0a", CBORValue(10)),
    AppendixRow("17", CBORValue(23)),
    AppendixRow("1818", CBORValue(24)),
    AppendixRow("1819", CBORValue(25)),
    AppendixRow("1864", CBORValue(100)),
    AppendixRow("1903e8", CBORValue(1000)),
    AppendixRow("1a000f4240", CBORValue(1_000_000)),
    AppendixRow("1b000000e8d4a51000", CBORValue(1_000_000_000_000)),
    AppendixRow("1bffffffffffffffff", .unsigned(.max)),
    AppendixRow("c249010000000000000000", .tagged(2, .bytes(oneBeyond))),
    AppendixRow("3bffffffffffffffff", .negative(.max)),
    AppendixRow("c349010000000000000000", .tagged(3, .bytes(oneBeyond))),
    AppendixRow("20", CBORValue(-1)),
    AppendixRow("29", CBORValue(-10)),
    AppendixRow("3863", CBORValue(-100)),
    AppendixRow("3903e7", CBORValue(-1000)),
    AppendixRow("f90000", .float(0)),
    AppendixRow("f98000", .float(-0.0)),
    AppendixRow("f93c00", .float(1)),
    AppendixRow("fb3ff199999999999a", .float(1.1)),
    AppendixRow("f93e00", .float(1.5)),
    AppendixRow("f97bff", .float(65504)),
    AppendixRow("fa47c35000", .float(100000)),
    AppendixRow("fa7f7fffff", .float(3.4028234663852886e+38)),
    AppendixRow("fb7e37e43c8800759c", .float(1.0e+300)),
    AppendixRow("f90001", .float(5.960464477539063e-8)),
    AppendixRow("f90400", .float(0.00006103515625)),
    AppendixRow("f9c400", .float(-4)),
    AppendixRow("fbc010666666666666", .float(-4.1)),
    AppendixRow("f97c00", .float(.infinity)),
    AppendixRow("f97e00", .float(.nan)),
    AppendixRow("f9fc00", .float(-.infinity)),
    AppendixRow("fa7f800000", .float(.infinity), isDeterministic: false),
    AppendixRow("fa7fc00000", .float(.nan), isDeterministic: false),
    AppendixRow("faff800000", .float(-.infinity), isDeterministic: false),
    AppendixRow("fb7ff0000000000000", .float(.infinity), isDeterministic: false),
    AppendixRow("fb7ff8000000000000", .float(.nan), isDeterministic: false),
    AppendixRow("fbfff0000000000000", .float(-.infinity), isDeterministic: false),
]

private let scalars: [AppendixRow] = [
    AppendixRow("f4", .bool(false)),
    AppendixRow("f5", .bool(true)),
    AppendixRow("f6", .null),
    AppendixRow("f7", .undefined),
    AppendixRow("f0", .simple(16)),
    AppendixRow("f8ff", .simple(255)),
    AppendixRow(
        "c074323031332d30332d32315432303a30343a30305a",
        .tagged(0, .text("2013-03-21T20:04:00Z"))
    ),
    AppendixRow("c11a514b67b0", .tagged(1, CBORValue(1_363_896_240))),
    AppendixRow("c1fb41d452d9ec200000", .tagged(1, .float(1363896240.5))),
    AppendixRow("d74401020304", .tagged(23, .bytes([1, 2, 3, 4]))),
    AppendixRow("d818456449455446", .tagged(24, .bytes(Array("dIETF".utf8)))),
    AppendixRow(
        "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
        .tagged(32, .text("http://www.example.com"))
    ),
    AppendixRow("40", .bytes([])),
    AppendixRow("4401020304", .bytes([1, 2, 3, 4])),
    AppendixRow("60", .text("")),
    AppendixRow("6161", .text("a")),
    AppendixRow("6449455446", .text("IETF")),
    AppendixRow("62225c", .text("\"\\")),
    AppendixRow("62c3bc", .text("\u{00fc}")),
    AppendixRow("63e6b0b4", .text("\u{6c34}")),
    AppendixRow("64f0908591", .text("\u{10151}")),
]

private let containers: [AppendixRow] = [
    AppendixRow("80", .array([])),
    AppendixRow("83010203", list(1, 2, 3)),
    AppendixRow("8301820203820405", nested),
    AppendixRow(
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
        upToTwentyFive
    ),
    AppendixRow("a0", .map([])),
    AppendixRow(
        "a201020304",
        .map([CBOREntry(CBORValue(1), CBORValue(2)), CBOREntry(CBORValue(3), CBORValue(4))])
    ),
    AppendixRow("a26161016162820203", .map([entry("a", CBORValue(1)), entry("b", list(2, 3))])),
    AppendixRow(
        "826161a161626163",
        .array([.text("a"), .map([entry("b", .text("c"))])])
    ),
    AppendixRow(
        "a56161614161626142616361436164614461656145",
        .map([
            entry("a", .text("A")), entry("b", .text("B")), entry("c", .text("C")),
            entry("d", .text("D")), entry("e", .text("E")),
        ])
    ),
]

private let indefinite: [AppendixRow] = [
    AppendixRow("5f42010243030405ff", .bytes([1, 2, 3, 4, 5]), isDeterministic: false),
    AppendixRow("7f657374726561646d696e67ff", .text("streaming"), isDeterministic: false),
    AppendixRow("9fff", .array([]), isDeterministic: false),
    AppendixRow("9f018202039f0405ffff", nested, isDeterministic: false),
    AppendixRow("9f01820203820405ff", nested, isDeterministic: false),
    AppendixRow("83018202039f0405ff", nested, isDeterministic: false),
    AppendixRow("83019f0203ff820405", nested, isDeterministic: false),
    AppendixRow(
        "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
        upToTwentyFive,
        isDeterministic: false
    ),
    AppendixRow(
        "bf61610161629f0203ffff",
        .map([entry("a", CBORValue(1)), entry("b", list(2, 3))]),
        isDeterministic: false
    ),
    AppendixRow(
        "826161bf61626163ff",
        .array([.text("a"), .map([entry("b", .text("c"))])]),
        isDeterministic: false
    ),
    AppendixRow(
        "bf6346756ef563416d7421ff",
        .map([entry("Fun", .bool(true)), entry("Amt", CBORValue(-2))]),
        isDeterministic: false
    ),
]

@Suite struct CBORAppendixTests {
    static let rows = numbers + scalars + containers + indefinite

    @Test(arguments: rows) func holds(_ row: AppendixRow) throws {
        let bytes = try #require(Bytes.of(hex: row.hex))
        #expect(try CBORValue(bytes, mode: .lenient) == row.value)
        var reader = CBORReader(bytes, mode: .lenient)
        #expect(try reader.skipItem() == 0..<bytes.count)
        if row.isDeterministic {
            #expect(try row.value.encoded() == bytes)
            #expect(try CBORValue(bytes) == row.value)
        } else {
            #expect(try row.value.encoded() != bytes)
            #expect(throws: CBORError.self) { try CBORValue(bytes) }
        }
    }

    @Test(arguments: rows) func everyTruncationIsAnError(_ row: AppendixRow) throws {
        let bytes = try #require(Bytes.of(hex: row.hex))
        for count in 0..<bytes.count {
            let error = #expect(throws: CBORError.self) {
                try CBORValue(Array(bytes[..<count]), mode: .lenient)
            }
            guard case .truncated = error else {
                Issue.record("\(count) bytes of \(row.hex): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func theTableIsWhole() { #expect(Self.rows.count == 81) }
}

enum Bytes {
    /// Bytes written as hexadecimal digits; nil for anything else.
    static func of(hex: String) -> [UInt8]? {
        let digits = hex.compactMap { $0.hexDigitValue }
        guard digits.count == hex.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }
}
