import MnemeBase
import MnemeCommandLine
import Testing

/// Arrays as the benchmarks are given them, and headers that lie.
@Suite struct ArrayFileTests {
    private func file(
        version: UInt8 = 1,
        _ header: String,
        length: UInt32? = nil,
        _ data: [UInt8]
    ) throws -> ArrayFile {
        var writer = ByteWriter()
        writer.put([0x93] + Array("NUMPY".utf8) + [version, 0])
        let count = length ?? UInt32(header.utf8.count)
        if version == 1 { writer.put(UInt16(truncatingIfNeeded: count)) } else { writer.put(count) }
        writer.put(Array(header.utf8) + data)
        let disk = MemoryDisk()
        let file = try disk.open("a", .create)
        try file.write(writer.bytes, at: 0)
        return try ArrayFile("a", on: disk)
    }

    private func header(_ kind: String, _ shape: String, fortran: String = "False") -> String {
        "{'descr': '\(kind)', 'fortran_order': \(fortran), 'shape': (\(shape)), }\n"
    }

    @Test func everyVersionIsRead() throws {
        for version: UInt8 in 1...3 {
            let array = try file(
                version: version,
                header("<i4", "1, 2"),
                [1, 0, 0, 0, 255, 255, 255, 255]
            )
            #expect(array.rowCount == 1 && array.columnCount == 2)
            #expect(try array.integers(rows: 0..<1) == [1, -1])
        }
        #expect(throws: Failure.self) { try file(version: 4, header("<i4", "1,"), [0, 0, 0, 0]) }
        #expect(throws: Failure.self) { try file(version: 0, header("<i4", "1,"), [0, 0, 0, 0]) }
    }

    @Test func headersThatLieAreRefused() {
        let four: [UInt8] = [0, 0, 0, 0]
        let wrong = [
            header(">i4", "1,"), header("<f8", "1,"), header("|O", "1,"),
            header("<i4", "1,", fortran: "True"), header("<i4", "2,"), header("<i4", "1, 1, 1"),
            header("<i4", ""), header("<i4", "-1,"), header("<i4", "x,"),
            header("<i4", "9223372036854775807, 9223372036854775807"),
            header("<i4", "4611686018427387904, 1"), header("<i4", "99999999999999999999,"),
            "", "{", "{'descr': '<i4'", "{'shape': (1,), 'fortran_order': False}",
            "{'descr': '<i4', 'fortran_order': False, 'shape': (1", "'descr':''''''",
        ]
        for header in wrong {
            #expect(throws: Failure.self, "\(header)") { try file(header, four) }
        }
    }

    @Test func lengthsBeyondTheFileAreRefused() {
        for length: UInt32 in [1000, 0xffff] {
            #expect(throws: Failure.self) {
                try file(header("<i4", "1,"), length: length, [0, 0, 0, 0])
            }
        }
        #expect(throws: Failure.self) {
            try file(version: 2, header("<i4", "1,"), length: .max, [0, 0, 0, 0])
        }
    }
}
