// The postings of a word in a run, for people who look into them. Format: formats/text-run.md.

package import MnemeBase

/// A posting with what goes with it.
package struct InspectedPosting: Sendable {
    /// The document's number in the run.
    package let local: UInt32
    package let ordinal: UInt64
    package let birth: UInt64
    package let owner: UInt32
    /// How often it has the word.
    package let frequency: Int
    /// How many words the field has.
    package let length: Int
    /// Where the word stands in the field; nil where the run does not say.
    package let positions: [UInt32]?
}

/// The postings of a word in one run.
package struct InspectedPostings: Sendable {
    /// How many documents have it.
    package let count: Int
    package let postings: [InspectedPosting]
    /// The bytes of the list, as far as the heads of its blocks go.
    package let notes: [ByteNote]
}

extension TextRun {
    /// The head, byte by byte.
    package var headNotes: [ByteNote] {
        var notes = ByteNotes(part(0, RunLayout.headerByteCount))
        notes.run("magic", count: 8) { String(decoding: $0, as: UTF8.self) }
        notes.number("checksum", UInt64.self) { [bytes] stated in
            stated == bytes.checksum(from: RunLayout.checksumStart) ? "matches" : "does not match"
        }
        notes.number("version", UInt16.self)
        notes.number("analysis", UInt16.self) { "words are cut by rules of version \($0)" }
        notes.number("flags", UInt32.self) { $0 == 0 ? "no positions" : "positions stand there" }
        notes.number("byte count", UInt64.self) { "\($0) bytes" }
        notes.number("document count", UInt32.self)
        notes.number("owner count", UInt32.self)
        notes.number("field count", UInt32.self)
        notes.number("term count", UInt32.self)
        notes.number("dictionary bytes", UInt64.self)
        notes.number("postings bytes", UInt64.self)
        return notes.notes
    }

    /// The postings of a stem in a field, at most so many; nil where the run does not have it.
    ///
    /// - Complexity: O(log terms + postings before the limit).
    package func inspect(field: UInt16, stem: [UInt8], limit: Int) -> InspectedPostings? {
        guard let list = list(field: field, stem: stem) else { return nil }
        var cursor = PostingCursor(self, list, limit: .max)
        var postings: [InspectedPosting] = []
        while postings.count < limit, cursor.local != PostingCursor.end {
            let local = cursor.local
            var positions: [UInt32] = []
            let found = cursor.appendPositions(to: &positions)
            postings.append(
                InspectedPosting(
                    local: local,
                    ordinal: ordinal(local),
                    birth: birth(local),
                    owner: owner(local),
                    frequency: Int(cursor.frequency),
                    length: length(field: field, local),
                    positions: found == .known ? positions : nil
                )
            )
            cursor.advance()
        }
        return InspectedPostings(count: list.count, postings: postings, notes: notes(of: list))
    }

    private func notes(of list: PostingList) -> [ByteNote] {
        var notes = ByteNotes(part(list.start, list.end - list.start), at: list.start)
        if list.count >= PostingBlock.count {
            let blocks = (list.count + PostingBlock.count - 1) / PostingBlock.count
            for block in 0..<blocks where notes.remaining >= PostingBlock.entryByteCount {
                notes.run("block \(block)", count: PostingBlock.entryByteCount) { _ in
                    "where its postings begin and the most they can count"
                }
            }
        }
        notes.run("postings", count: notes.remaining) {
            "documents and frequencies in \($0.count) bytes"
        }
        let places = list.positions
        var all = notes.notes
        if !places.isEmpty {
            notes = ByteNotes(part(places.lowerBound, places.count), at: places.lowerBound)
            notes.run("positions", count: places.count) {
                "where the word stands, in \($0.count) bytes"
            }
            all += notes.notes
        }
        return all
    }

    private func part(_ start: Int, _ count: Int) -> [UInt8] {
        let first = min(max(0, start), bytes.count)
        return bytes.array(first..<max(first, min(bytes.count, start + max(0, count))))
    }
}
