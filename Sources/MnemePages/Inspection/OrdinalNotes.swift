// The ordinal table for people who look into it. Format: formats/pages.md#ordinal-table.

package import MnemeBase

/// What the words of an ordinal's entry mean to whoever knows more than their numbers.
package struct OrdinalWords {
    /// Of a place, an owner, a collection and flags.
    package let place: (UInt64) -> String
    package let owner: (UInt32) -> String
    package let collection: (UInt16) -> String
    package let flags: (UInt16) -> String

    /// Words of their parts.
    package init(
        place: @escaping (UInt64) -> String,
        owner: @escaping (UInt32) -> String,
        collection: @escaping (UInt16) -> String,
        flags: @escaping (UInt16) -> String
    ) {
        self.place = place
        self.owner = owner
        self.collection = collection
        self.flags = flags
    }
}

extension OrdinalTable {
    /// The entry of an ordinal, byte by byte, as its page has it.
    package static func notes(
        _ ordinal: UInt64,
        _ page: InspectedPage,
        _ words: OrdinalWords
    ) -> [ByteNote] {
        let start = offset(ordinal)
        var notes = ByteNotes(page.part(start, entrySize), at: start)
        notes.number("place", UInt64.self, words.place)
        notes.number("birth", UInt64.self) {
            $0 == 0 ? "never used" : "the newest version is of sequence \($0)"
        }
        notes.number("death", UInt64.self) {
            $0 == OrdinalEntry.forever ? "it lives" : "ended by sequence \($0)"
        }
        notes.number("expiry", Int64.self) { expiry in
            switch expiry {
            case OrdinalEntry.never: "never"
            case .min: "withdrawn"
            default: "\(expiry) µs since 1970"
            }
        }
        notes.number("owner", UInt32.self, words.owner)
        notes.number("collection", UInt16.self, words.collection)
        notes.number("flags", UInt16.self, words.flags)
        return notes.notes
    }

    /// The ordinals of a page that were used.
    package static func used(_ page: InspectedPage) -> [UInt64] {
        let first = page.id.number * entriesPerPage
        return (first..<(first + entriesPerPage)).filter {
            page.number(offset($0) + 8, UInt64.self) != 0
        }
    }
}
