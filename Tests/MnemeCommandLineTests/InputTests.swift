import MnemeBase
import MnemeModel
import Testing

@testable import MnemeCommandLine

private func disk(_ path: String, _ bytes: [UInt8]) throws -> MemoryDisk {
    let disk = MemoryDisk()
    let file = try disk.open(path, .create)
    try file.write(bytes, at: 0)
    return disk
}

@Suite struct InputLinesTests {
    private func lines(_ text: String) throws -> [String] {
        let disk = try disk("f", Array(text.utf8))
        var lines = InputLines(try InputFile("f", on: disk))
        var read: [String] = []
        while let line = try lines.next() {
            read.append(String(decoding: line, as: UTF8.self))
            #expect(lines.number == read.count)
        }
        #expect(lines.bytesRead == text.utf8.count)
        #expect(try lines.next() == nil)
        return read
    }

    @Test(arguments: [
        ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\r\nb", ["a", "b"]), ("\n\nx\n", ["", "", "x"]),
        ("a\rb\n", ["a\rb"]),
    ])
    func everyLineComesOnce(_ text: String, _ expected: [String]) throws {
        #expect(try lines(text) == expected)
    }

    @Test func linesCrossBlocks() throws {
        let long = String(repeating: "x", count: 3 << 20)
        #expect(try lines("a\n\(long)\nb") == ["a", long, "b"])
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: Failure("There is no file or directory nowhere.", code: .notFound)) {
            _ = try InputFile("nowhere", on: MemoryDisk())
        }
    }

    @Test func whatTheSystemSaysIsWorded() {
        #expect(throws: Failure("/tmp is a directory. Name a file.")) {
            _ = try InputFile("/tmp").readAll()
        }
        let error = DiskError.failed(call: "pread", path: "f", code: 5)
        #expect(error.words == "f cannot be used: Input/output error (error 5) in pread.")
    }
}

@Suite struct ArrayFileTests {
    private func npy(
        _ header: String,
        _ data: [UInt8],
        version: UInt8 = 1
    ) throws -> MemoryDisk {
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
        bytes += [UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)]
        if version > 1 { bytes += [0, 0] }
        return try disk("a.npy", bytes + Array(header.utf8) + data)
    }

    private func header(_ type: String, _ shape: String, order: String = "False") -> String {
        "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }   \n"
    }

    @Test func floatsAreRead() throws {
        var writer = ByteWriter()
        for number in [1, -2, 0.5, 3, 4, 5] as [Float] { writer.put(number) }
        for version in 1...3 as ClosedRange<UInt8> {
            let file = try ArrayFile(
                "a.npy",
                on: npy(header("<f4", "3, 2"), writer.bytes, version: version)
            )
            #expect(file.rowCount == 3)
            #expect(file.columnCount == 2)
            #expect(file.element == .float32)
            #expect(try file.floats(rows: 0..<3) == [1, -2, 0.5, 3, 4, 5])
            #expect(try file.floats(rows: 1..<2) == [0.5, 3])
        }
    }

    @Test func otherKindsAreRead() throws {
        var halves = ByteWriter()
        for number in [1.5, -0.25] as [Float16] { halves.put(number.bitPattern) }
        let half = try ArrayFile("a.npy", on: npy(header("<f2", "1, 2"), halves.bytes))
        #expect(try half.floats(rows: 0..<1) == [1.5, -0.25])
        let byte = try ArrayFile("a.npy", on: npy(header("|i1", "3,"), [1, 0xff, 0x80]))
        #expect(byte.columnCount == 1)
        #expect(try byte.integers(rows: 0..<3) == [1, -1, -128])
        let whole = try ArrayFile("a.npy", on: npy(header("<i4", "2,"), [1, 0, 0, 0, 0, 0, 0, 1]))
        #expect(try whole.integers(rows: 0..<2) == [1, 1 << 24])
        #expect(try whole.floats(rows: 1..<2) == [Float(1 << 24)])
    }

    @Test(arguments: [
        ("<f8", "2,", "False", "of a kind that is not read"), (">f4", "2,", "False", "not read"),
        ("<f4", "2,", "True", "in Fortran order"), ("<f4", "", "False", "another shape"),
        ("<f4", "1, 1, 2", "False", "another shape"), ("<f4", "3,", "False", "8 bytes of numbers"),
        ("<f4", "9223372036854775807, 9223372036854775807", "False", "its header says"),
        ("<f4", "x,", "False", "another shape"),
    ])
    func badFilesAreRefused(_ type: String, _ shape: String, _ order: String, _ part: String) throws
    {
        let disk = try npy(header(type, shape, order: order), [UInt8](repeating: 0, count: 8))
        do {
            _ = try ArrayFile("a.npy", on: disk)
            Issue.record("it was taken")
        } catch {
            #expect(error.message.contains(part), "\(error.message)")
        }
    }

    @Test func everyCutIsRefused() throws {
        let whole = try npy(header("<f4", "2,"), [UInt8](repeating: 0, count: 8))
        let bytes = try InputFile("a.npy", on: whole).readAll()
        for count in 0..<bytes.count {
            let cut = try disk("a.npy", Array(bytes[..<count]))
            #expect(throws: Failure.self) { _ = try ArrayFile("a.npy", on: cut) }
        }
    }
}
