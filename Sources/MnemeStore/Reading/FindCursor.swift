// Where an answer goes on: the cursors of `find`. One says which question it belongs to and behind
// what row it stands: behind an entry of the index that brought the rows in order, or behind the
// last row's values in the order and its key. Nothing in it is trusted: what does not read back is
// refused, and what was made up leads no further than the question itself does.
// Format: formats/operations.md#cursors.

internal import MnemeBase
internal import MnemeModel

/// A place in the answer to a question.
struct FindCursor: Equatable {
    /// Behind what.
    enum Place: Equatable {
        /// A row of which these are the values in the order; the key decides among equals.
        case row([Value], Key)
        /// An entry of an index that is gone through in the order of its entries.
        case entry(Entry)
    }

    /// An entry of an index.
    struct Entry: Equatable {
        /// The index's number, and which of the terms its spread part is held to.
        var index: UInt16
        var choice: Int
        /// The one owner whose records are gone through; nil where nobody's alone are.
        var owner: UInt32?
        var key: [UInt8]
    }

    /// What tells the question from others.
    let question: UInt64
    let place: Place

    private static let version: Int64 = 1
    private static let seed: UInt64 = 0x6375_7273_6f72

    /// A cursor of its parts.
    init(question: UInt64, place: Place) {
        self.question = question
        self.place = place
    }

    /// The text that a caller gets.
    ///
    /// - Throws: `.cbor` where a value of the order cannot be written; no record holds such.
    var text: String {
        get throws(CBORError) {
            var parts: [Value] = [.int(Self.version), .int(Int64(bitPattern: question))]
            switch place {
            case .row(let values, let key): parts += [.array(values), key.value]
            case .entry(let entry):
                parts += [
                    .int(Int64(entry.index)), .int(Int64(entry.choice)),
                    entry.owner.map { .int(Int64($0)) } ?? .null, .bytes(entry.key),
                ]
            }
            var bytes = try Value.array(parts).cbor()
            let sum = Checksum.xxh3(bytes, seed: Self.seed)
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: sum >> shift))
            }
            return Base64.encode(bytes)
        }
    }

    /// The cursor of a text.
    ///
    /// - Throws: `.badCursor` for any that `text` did not make.
    init(_ text: String) throws(MnemeError) {
        guard let bytes = Base64.decode(text), bytes.count > 8, bytes.count <= 1 << 26 else {
            throw Self.damaged
        }
        var sum: UInt64 = 0
        for byte in bytes.suffix(8).reversed() { sum = sum << 8 | UInt64(byte) }
        let content = Array(bytes.dropLast(8))
        guard Checksum.xxh3(content, seed: Self.seed) == sum,
            case .array(let parts)? = try? Value(cbor: content), parts.count >= 4,
            let version = parts[0].int, let question = parts[1].int
        else { throw Self.damaged }
        guard version == Self.version else {
            throw MnemeError(
                .badCursor,
                "the cursor was made by another version of the program; ask from the beginning"
            )
        }
        self.question = UInt64(bitPattern: question)
        if parts.count == 4, case .array(let values) = parts[2], let key = Key(parts[3]) {
            place = .row(values, key)
            return
        }
        guard parts.count == 6, let index = parts[2].int.flatMap({ UInt16(exactly: $0) }),
            let choice = parts[3].int.flatMap({ Int(exactly: $0) }), choice >= 0,
            case .bytes(let key) = parts[5]
        else { throw Self.damaged }
        var owner: UInt32?
        if !parts[4].isNull {
            guard let number = parts[4].int.flatMap({ UInt32(exactly: $0) }) else {
                throw Self.damaged
            }
            owner = number
        }
        place = .entry(Entry(index: index, choice: choice, owner: owner, key: key))
    }

    /// The cursor that a question goes on from; nil where it begins.
    ///
    /// - Throws: `.badCursor`, also for one of another question.
    init?(of find: Find) throws(MnemeError) {
        guard let after = find.after else { return nil }
        try self.init(after)
        guard try Self.question(find) == question else {
            throw MnemeError(
                .badCursor,
                "the cursor in \"after\" belongs to another question; ask with the collection, "
                    + "owner, filter and order that it was answered with, or without it from the "
                    + "beginning"
            )
        }
        if case .row(let values, _) = place, values.count != find.order.count {
            throw Self.damaged
        }
    }

    private static let damaged = MnemeError(
        .badCursor,
        "what \"after\" says is no cursor, or a damaged one; give \"next\" of an answer as it "
            + "came, or leave it out to ask from the beginning"
    )

    /// What is said where the index that a cursor goes along is gone, or serves the question no
    /// more.
    static let outdated = MnemeError(
        .badCursor,
        "the index that the cursor in \"after\" ran along is gone, or does not serve the question "
            + "any more; leave \"after\" out and begin anew"
    )
}

extension Key {
    /// The key that a value is, nil when it is none.
    fileprivate init?(_ value: Value) {
        switch value {
        case .text(let text): self = .text(text)
        case .int(let number): self = .int(number)
        case .uuid(let id): self = .uuid(id)
        default: return nil
        }
    }
}
