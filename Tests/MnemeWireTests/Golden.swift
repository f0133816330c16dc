import Foundation
import MnemeModel
import Testing

@testable import MnemeWire

/// Golden bytes: the frames of formats/wire.md and the bodies of golden/bodies.txt, which were
/// written by an encoder that is not this code, from formats/operations.md.
struct Golden {
    struct Body {
        let isRequest: Bool
        let name: String
        /// Its opcode: the page of the operations has them in the order of their numbers.
        let number: UInt16
        let bytes: [UInt8]
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func hex(_ text: some StringProtocol) -> [UInt8] {
        let digits = Array(text)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
    }

    static func bodies() throws -> [Body] {
        let file = root.appending(path: "Tests/MnemeWireTests/golden/bodies.txt")
        var numbers: [String: UInt16] = [:]
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            // Where numbers are left out, the line says its own behind the bytes.
            let said = words.count > 3 ? UInt16(words[3]) : nil
            let number = said ?? (numbers[words[0]] ?? 0) + 1
            numbers[words[0]] = number
            return Body(
                isRequest: words[0] == "request",
                name: words[1],
                number: number,
                bytes: hex(words[2])
            )
        }
    }

    /// A frame of the page.
    static func frame(_ name: String) throws -> [UInt8] {
        let page = root.appending(path: "formats/wire.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let parts = text.components(separatedBy: "```hex \(name)\n")
        try #require(parts.count == 2, "the page has one example called \(name)")
        var bytes: [UInt8] = []
        for line in parts[1].components(separatedBy: "```")[0].split(separator: "\n") {
            let words = line.prefix { $0 != "|" }.split(separator: " ")
            #expect(words.first.flatMap { Int($0) } == bytes.count, "\(name): \(line)")
            bytes += words.dropFirst().compactMap { UInt8($0, radix: 16) }
        }
        return bytes
    }

    static func corpus() throws -> [(name: String, bytes: [UInt8])] {
        let folder = root.appending(path: "Tests/Fuzz/Wire/corpus")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }
}

/// The payload of a frame.
func payload(_ frame: [UInt8]) -> Payload { Payload(frame, FrameHead.byteCount..<frame.count) }

/// A frame of a kind.
func frame(
    _ kind: FrameKind,
    flags: FrameFlags = [],
    opcode: UInt16 = 0,
    id: UInt32 = 0,
    _ payload: [UInt8] = []
) -> [UInt8] {
    var writer = FrameWriter()
    writer.put(
        FrameHead(kind, flags: flags, opcode: opcode, id: id, payloadCount: payload.count),
        payload[...]
    )
    return writer.take()
}

/// A request's frame.
func frame(_ request: Request, id: UInt32, _ head: RequestHead = RequestHead()) throws -> [UInt8] {
    frame(
        .request,
        opcode: RequestKind(request).rawValue,
        id: id,
        head.bytes + (try request.body())
    )
}

/// The frames in bytes.
func split(_ bytes: [UInt8], limit: Int = WireLimits.most) throws -> [Frame] {
    var splitter = FrameSplitter(limit: limit)
    splitter.append(bytes, 0..<bytes.count)
    var frames: [Frame] = []
    while let frame = try splitter.next() { frames.append(frame) }
    #expect(splitter.waitingCount == 0)
    return frames
}
