// What json contains, as an index has it: for each text, number, truth value and null in it a hash
// of the names of the members that lead there and of the value. Arrays are gone through and leave
// no trace. So whatever an object contains has leaves that are all among its own; whether it
// contains it indeed, the rows say. Format: formats/store.md#keys.

internal import MnemeBase
internal import MnemeModel
internal import MnemeTree

/// The leaves of values.
struct JSONLeaves {
    /// A record with more leaves stands under one key alone, which every question looks under.
    static let limit = IndexPrefix.limit

    /// What is found so far; some more than the limit where there are more.
    private(set) var hashes: Set<UInt64> = []

    private var isFull: Bool { hashes.count > Self.limit }

    /// Adds the leaves of a value that lies behind some names.
    mutating func add(_ value: Value, below names: [String] = []) {
        var head = KeyWriter()
        for name in names { head.put(.text(name), descending: false) }
        add(value, behind: head)
    }

    private mutating func add(_ value: Value, behind head: KeyWriter) {
        if isFull { return }
        switch value {
        case .map(let members):
            for (name, member) in members {
                var inner = head
                inner.put(.text(name), descending: false)
                add(member, behind: inner)
            }
        case .array(let elements):
            for element in elements { add(element, behind: head) }
        case .vector: break
        default:
            var leaf = head
            switch value {
            case .int(let number): leaf.put(number: number, descending: false)
            case .float(let number): leaf.put(number: number, descending: false)
            default: leaf.put(value, descending: false)
            }
            hashes.insert(Checksum.xxh3(leaf.bytes))
        }
    }

    /// The values under which a record stands, by what its field holds at the end of a path.
    static func values(of value: Value, _ path: FieldPath) -> [Value] {
        var leaves = JSONLeaves()
        _ = value.visit(path.members[...]) { found in
            leaves.add(found)
            return leaves.isFull
        }
        if leaves.isFull { return [.bytes([])] }
        return leaves.hashes.isEmpty ? [.null] : leaves.hashes.map { .bytes(bytes(of: $0)) }
    }

    /// The keys of records that may have a leaf.
    static func spans(of hash: UInt64, _ part: IndexPart) -> KeySpans {
        let points = [bytes(of: hash), []].map { bytes in
            var writer = KeyWriter()
            writer.put(.bytes(bytes), part)
            return writer.bytes
        }
        return KeySpans(points: points, isExact: false)
    }

    private static func bytes(of hash: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: hash >> shift))
        }
        return bytes
    }
}
