// What a change took from a record: with it the version before is made of the version after. Fields
// by number; of a long text that kept its beginning and its end, the middle alone. Vectors are left
// out. Format: formats/store.md#history.

internal import MnemeBase
internal import MnemeModel

/// The way from a version back to the one before.
struct ReverseDifference: Sendable {
    /// A middle of a text: how many bytes before and behind it stay, and what stood between them.
    struct Cut: Sendable {
        var prefix: Int
        var suffix: Int
        var middle: [UInt8]
    }

    /// Texts shorter than this are kept whole.
    private static let cutLimit = 128

    /// What fields were.
    private(set) var before: [(number: UInt16, value: Value)] = []
    /// Fields that were not there.
    private(set) var absent: [UInt16] = []
    private(set) var cuts: [(number: UInt16, cut: Cut)] = []

    /// Nothing.
    init() {}

    /// The difference between two versions' fields, both ascending; `new` is empty where nothing
    /// came after.
    ///
    /// - Complexity: O(bytes of the fields).
    init(
        from old: [(number: UInt16, value: Value)],
        to new: [(number: UInt16, value: Value)]
    ) throws(StoreError) {
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            let oldNumber = left < old.count ? Int(old[left].number) : Int.max
            let newNumber = right < new.count ? Int(new[right].number) : Int.max
            if newNumber < oldNumber {
                absent.append(new[right].number)
                right += 1
            } else if oldNumber < newNumber {
                before.append(old[left])
                left += 1
            } else {
                try add(old[left].number, old[left].value, new[right].value)
                left += 1
                right += 1
            }
        }
    }

    private mutating func add(
        _ number: UInt16,
        _ old: Value,
        _ new: Value
    ) throws(StoreError) {
        if case .text(let old) = old, case .text(let new) = new {
            // Texts that count as equal may be written otherwise.
            if old.utf8.elementsEqual(new.utf8) { return }
            if let cut = Self.cut(Array(old.utf8), Array(new.utf8)) {
                cuts.append((number, cut))
                return
            }
        } else if try Self.isSame(old, new) {
            return
        }
        before.append((number, old))
    }

    private static func isSame(_ old: Value, _ new: Value) throws(StoreError) -> Bool {
        switch (old, new) {
        case (.int(let old), .int(let new)): return old == new
        case (.bool(let old), .bool(let new)): return old == new
        case (.instant(let old), .instant(let new)): return old == new
        default:
            do throws(CBORError) {
                return try Value.encodeFields([(1, old)]) == Value.encodeFields([(1, new)])
            } catch {
                throw .inconsistent("a field of a record cannot be written: \(error)")
            }
        }
    }

    /// The middle that two texts do not share, where that is much less than the whole.
    private static func cut(_ old: [UInt8], _ new: [UInt8]) -> Cut? {
        guard old.count >= cutLimit else { return nil }
        let most = min(old.count, new.count)
        var prefix = 0
        while prefix < most, old[prefix] == new[prefix] { prefix += 1 }
        var suffix = 0
        while suffix < most - prefix,
            old[old.count - 1 - suffix] == new[new.count - 1 - suffix]
        {
            suffix += 1
        }
        guard (prefix + suffix) * 2 >= old.count else { return nil }
        let middle = Array(old[prefix..<(old.count - suffix)])
        return Cut(prefix: prefix, suffix: suffix, middle: middle)
    }

    /// The fields before, made of those after; nil where they are not the ones that it is of.
    ///
    /// - Complexity: O(fields + bytes of the texts that were cut).
    func applied(to after: [UInt16: Value]) -> [UInt16: Value]? {
        var fields = after
        for number in absent { fields.removeValue(forKey: number) }
        for (number, value) in before { fields[number] = value }
        for (number, cut) in cuts {
            guard case .text(let text)? = after[number] else { return nil }
            let bytes = Array(text.utf8)
            guard cut.prefix + cut.suffix <= bytes.count else { return nil }
            let whole =
                bytes[..<cut.prefix] + cut.middle + bytes[(bytes.count - cut.suffix)...]
            guard let old = String(validating: whole, as: UTF8.self) else { return nil }
            fields[number] = .text(old)
        }
        return fields
    }

    /// The numbers of the fields that differ.
    var numbers: [UInt16] { before.map(\.number) + absent + cuts.map(\.number) }
}

// MARK: In a row

extension ReverseDifference {
    /// Reads the difference of a row.
    init(_ row: StoredRecord) throws(StoreError) {
        let place = "row \(row.key) of a history"
        do throws(CBORError) {
            if case .bytes(let bytes) = row[HistoryField.before] {
                before = try Value.decodeFields(bytes).map { ($0.0, $0.1) }
            }
            if case .bytes(let bytes) = row[HistoryField.cuts] {
                for (number, value) in try Value.decodeFields(bytes) {
                    guard case .array(let parts) = value, parts.count == 3,
                        let prefix = parts[0].int, let suffix = parts[1].int,
                        prefix >= 0, suffix >= 0, prefix < 1 << 40, suffix < 1 << 40,
                        case .bytes(let middle) = parts[2]
                    else { throw .outOfRange(offset: 0) }
                    let cut = Cut(prefix: Int(prefix), suffix: Int(suffix), middle: middle)
                    cuts.append((number, cut))
                }
            }
        } catch {
            throw .inconsistent("\(place) cannot be read: \(error)")
        }
        guard case .array(let numbers) = row[HistoryField.absent] else { return }
        for number in numbers {
            guard let number = number.int.flatMap({ UInt16(exactly: $0) }) else {
                throw .inconsistent("\(place) names a field that there cannot be")
            }
            absent.append(number)
        }
    }

    /// The fields of a row that say it, ascending.
    func fields() throws(StoreError) -> [(number: UInt16, value: Value)] {
        var fields: [(number: UInt16, value: Value)] = []
        do throws(CBORError) {
            if !before.isEmpty {
                let bytes = try Value.encodeFields(before.map { ($0.number, $0.value) })
                fields.append((HistoryField.before, .bytes(bytes)))
            }
            if !absent.isEmpty {
                let numbers = absent.map { Value.int(Int64($0)) }
                fields.append((HistoryField.absent, .array(numbers)))
            }
            if !cuts.isEmpty {
                let bytes = try Value.encodeFields(
                    cuts.map { number, cut in
                        let parts: [Value] = [
                            .int(Int64(cut.prefix)), .int(Int64(cut.suffix)), .bytes(cut.middle),
                        ]
                        return (number, .array(parts))
                    }
                )
                fields.append((HistoryField.cuts, .bytes(bytes)))
            }
        } catch {
            throw .inconsistent("what a record was cannot be written: \(error)")
        }
        return fields
    }
}
