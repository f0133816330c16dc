// The writer and the reader without a tree, and typed arrays.

import Testing

@testable import MnemeBase

@Suite struct CBORStreamTests {
    @Test func aRecordIsWrittenAndReadWithoutATree() throws {
        var writer = CBORWriter()
        writer.startMap(count: 4)
        writer.put(UInt64(1))
        writer.put("text")
        writer.put(UInt64(2))
        writer.put(-7 as Int64)
        writer.put(UInt64(3))
        writer.startArray(count: 3)
        writer.put(true)
        writer.putNull()
        writer.put(0.5)
        writer.put(UInt64(4))
        writer.put(typedArray: [1.5, -2] as [Float])

        let value = try CBORValue(writer.bytes)
        #expect(try value.encoded() == writer.bytes)

        var reader = CBORReader(writer.bytes)
        #expect(try reader.startMap() == 4)
        #expect(try reader.readUnsigned() == 1)
        #expect(reader.nextKind == .text)
        #expect(try reader.readText() == "text")
        #expect(try reader.readInteger() == 2)
        #expect(try reader.readInteger() == -7)
        #expect(try reader.readUnsigned() == 3)
        #expect(try reader.startArray() == 3)
        #expect(reader.readIfNull() == false)
        #expect(try reader.readBool() == true)
        #expect(reader.readIfNull() == true)
        #expect(try reader.readFloat() == 0.5)
        let place = reader.offset
        _ = try reader.skipItem()
        #expect(try reader.readTypedArray(of: Float.self) == [1.5, -2])
        try reader.finish()
        #expect(place < reader.offset && reader.isAtEnd && reader.nextKind == nil)
    }

    @Test func theWrongTypeIsUnexpected() throws {
        let text = try CBORValue.text("a").encoded()
        #expect(throws: CBORError.unexpected(offset: 0)) { try read(text) { try $0.readBytes() } }
        #expect(throws: CBORError.unexpected(offset: 0)) {
            try read(text) { try $0.readUnsigned() }
        }
        #expect(throws: CBORError.unexpected(offset: 0)) { try read(text) { try $0.readInteger() } }
        #expect(throws: CBORError.unexpected(offset: 0)) { try read(text) { try $0.readBool() } }
        #expect(throws: CBORError.unexpected(offset: 0)) { try read(text) { try $0.readFloat() } }
        #expect(throws: CBORError.unexpected(offset: 0)) { try read(text) { try $0.startMap() } }
        #expect(throws: CBORError.truncated(offset: 0)) { try read([]) { try $0.readBool() } }
        #expect(throws: CBORError.outOfRange(offset: 0)) {
            try read(try CBORValue.unsigned(1 << 63).encoded()) { try $0.readInteger() }
        }
        #expect(throws: CBORError.outOfRange(offset: 0)) {
            try read(try CBORValue.negative(1 << 63).encoded()) { try $0.readInteger() }
        }
        for edge in [Int64.min, -1, 0, .max] {
            let bytes = try CBORValue(edge).encoded()
            #expect(try read(bytes) { try $0.readInteger() } == edge)
            #expect(try CBORValue(bytes).integer == edge)
        }
    }

    private func read<Item>(
        _ bytes: [UInt8],
        _ body: (inout CBORReader) throws -> Item
    ) throws -> Item {
        var reader = CBORReader(bytes)
        return try body(&reader)
    }

    @Test func aPartOfAnArrayIsReadAlone() throws {
        let bytes: [UInt8] = [0xff, 0x82, 0x01, 0x02, 0x03]
        #expect(try CBORValue(bytes, 1..<4) == .array([CBORValue(1), CBORValue(2)]))
        #expect(throws: CBORError.truncated(offset: 1)) { try CBORValue(bytes, 1..<2) }
        #expect(throws: CBORError.truncated(offset: 1)) { try CBORValue(bytes, 1..<3) }
        #expect(throws: CBORError.trailing(offset: 4)) { try CBORValue(bytes, 1..<5) }
    }

    @Test func typedArraysHaveTheirTagsAndLittleEndianBytes() throws {
        try expect([1.5 as Float], "d85544" + "0000c03f")
        try expect([1.5 as Float16], "d85442" + "003e")
        try expect([1.5 as Double], "d85648" + "000000000000f83f")
        try expect([1, 255] as [UInt8], "d84042" + "01ff")
        try expect([1, -1] as [Int8], "d84842" + "01ff")
        try expect([258] as [UInt16], "d84542" + "0201")
        try expect([258] as [UInt32], "d84644" + "02010000")
        try expect([258] as [UInt64], "d84748" + "0201000000000000")
        try expect([-2] as [Int16], "d84d42" + "feff")
        try expect([-2] as [Int32], "d84e44" + "feffffff")
        try expect([-2] as [Int64], "d84f48" + "feffffffffffffff")
        try expect([] as [Float], "d85540")
    }

    private func expect<Element: CBORElement & Equatable>(
        _ elements: [Element],
        _ hex: String
    ) throws {
        let bytes = try #require(Bytes.of(hex: hex))
        var writer = CBORWriter()
        writer.put(typedArray: elements)
        #expect(writer.bytes == bytes)
        #expect(try CBORValue.typedArray(elements).encoded() == bytes)
        #expect(try CBORValue(bytes).elements(of: Element.self) == elements)
        var reader = CBORReader(bytes)
        #expect(try reader.readTypedArray(of: Element.self) == elements)
    }

    @Test func aTypedArrayOfBrokenElementsIsRefused() throws {
        let bytes = try #require(Bytes.of(hex: "d85543000000"))
        #expect(throws: CBORError.malformed(offset: 0)) {
            try read(bytes) { try $0.readTypedArray(of: Float.self) }
        }
        #expect(throws: CBORError.unexpected(offset: 0)) {
            try read(bytes) { try $0.readTypedArray(of: Double.self) }
        }
        #expect(try CBORValue(bytes).elements(of: Float.self) == nil)
    }
}
