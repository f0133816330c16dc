// How many of an owner's memories hold each token: what a question's weights are made of. A value
// that follows the memories as they come and go; derived, so it can be counted again at any time.
// Its bytes are in formats/token-counts.md.

internal import MnemeBase

/// Token statistics of one owner.
///
/// Counts are right as long as each memory is taken away with the tokens that it was counted with.
/// A breach is refused where a token runs out, and otherwise leaves counts that are off by one.
package struct TokenCounts: TokenStatistics, Equatable, Sendable {
    private static let version: UInt8 = 1

    package private(set) var memoryCount = 0
    private var counts: [Token: UInt32] = [:]

    /// No memories.
    package init() {}

    /// How many different tokens the memories hold.
    package var tokenCount: Int { counts.count }

    package func memoriesHolding(_ token: Token) -> Int {
        min(Int(counts[token] ?? 0), memoryCount)
    }

    /// Counts a memory, given its tokens in any order and number.
    ///
    /// - Complexity: O(tokens).
    package mutating func add(_ tokens: [Token]) {
        memoryCount += 1
        for token in Set(tokens) { counts[token, default: 0] += 1 }
    }

    /// Takes a memory away that was counted with these tokens.
    ///
    /// - Throws: `.notCounted` when no such memory can have been counted; nothing changes then.
    /// - Complexity: O(tokens).
    package mutating func remove(_ tokens: [Token]) throws(EmbedError) {
        let different = Set(tokens)
        guard memoryCount > 0, different.allSatisfy({ counts[$0] != nil }) else {
            throw .notCounted
        }
        for token in different {
            let rest = (counts[token] ?? 1) - 1
            counts[token] = rest == 0 ? nil : rest
        }
        memoryCount -= 1
        if memoryCount == 0 { counts = [:] }
    }

    /// The counts as bytes.
    ///
    /// - Complexity: O(t log t) for t different tokens.
    package func encode() -> [UInt8] {
        var writer = ByteWriter(capacity: counts.count * 3 + 12)
        writer.put(Self.version)
        writer.putVariable(UInt64(memoryCount))
        writer.putVariable(UInt64(counts.count))
        var next: UInt64 = 0
        for (token, count) in counts.sorted(by: { $0.key < $1.key }) {
            writer.putVariable(UInt64(token) - next)
            writer.putVariable(UInt64(count))
            next = UInt64(token) + 1
        }
        return writer.bytes
    }

    /// Reads what `encode` wrote.
    ///
    /// - Throws: `.malformed` for anything that `encode` does not write.
    package init(decoding bytes: [UInt8]) throws(EmbedError) {
        var reader = ByteReader(bytes)
        do throws(BytesError) {
            try read(&reader)
        } catch {
            switch error {
            case .truncated(let offset), .malformed(let offset): throw .malformed(offset: offset)
            }
        }
    }

    private mutating func read(_ reader: inout ByteReader) throws(BytesError) {
        guard try reader.get(UInt8.self) == Self.version else { throw .malformed(offset: 0) }
        let memories = try reader.getVariable()
        guard let memoryCount = Int(exactly: memories), memoryCount <= UInt32.max else {
            throw .malformed(offset: 1)
        }
        self.memoryCount = memoryCount
        let different = try reader.getVariable()
        guard different <= TokenTable.tokenCount, memories > 0 || different == 0 else {
            throw .malformed(offset: reader.offset)
        }
        var next: UInt64 = 0
        for _ in 0..<different {
            let offset = reader.offset
            let step = try reader.getVariable()
            let count = try reader.getVariable()
            guard step < UInt64(TokenTable.tokenCount) - next, count >= 1, count <= UInt32.max
            else {
                throw .malformed(offset: offset)
            }
            let token = next + step
            counts[Token(token)] = UInt32(count)
            next = token + 1
        }
        guard reader.remaining == 0 else { throw .malformed(offset: reader.offset) }
    }
}
