// Commits of puts, and what came of them, straight between their types and CBOR: the most frequent
// writes. What does not look as the writers here write it is left to the general way (nil), which
// reads it or says what is wrong.

internal import MnemeBase
internal import MnemeModel

/// Values and names around the fields of a put, at most; and around those of all puts.
private let itemsOfPut = 12
private let itemsAround = 8

extension Payload {
    /// The commit of a request; nil where it is not written as here.
    func commit() -> Request? {
        var reader = CBORReader(bytes, range)
        guard (try? reader.startMap()) == 1, reader.step(over: BodyName.commit),
            let memberCount = try? reader.startMap(), memberCount == 1 || memberCount == 2,
            reader.step(over: BodyName.changes),
            let count = try? reader.startArray(), count <= mostElements
        else { return nil }
        var changes: [Change] = []
        changes.reserveCapacity(min(count, 1024))
        var itemsLeft = Value.maximumItemCount - itemsAround
        for _ in 0..<count {
            guard let put = reader.put(&itemsLeft) else { return nil }
            changes.append(.put(put))
        }
        var durability = Durability.synced
        if memberCount == 2 {
            guard reader.step(over: BodyName.durability), let word = try? reader.readText(),
                let known = Durability(rawValue: word)
            else { return nil }
            durability = known
        }
        return reader.isAtEnd && itemsLeft >= 0 ? .commit(changes, durability) : nil
    }

    /// What came of a commit; nil where it is not written as here.
    func committed() -> Response? {
        var reader = CBORReader(bytes, range)
        guard (try? reader.startMap()) == 1, reader.step(over: BodyName.committed),
            let memberCount = try? reader.startMap(), memberCount == 2 || memberCount == 3,
            reader.step(over: BodyName.outcomes),
            let count = try? reader.startArray(), count <= mostElements
        else { return nil }
        var outcomes: [Committed.Outcome] = []
        outcomes.reserveCapacity(min(count, 1024))
        for _ in 0..<count {
            guard (try? reader.startMap()) == 1, reader.step(over: BodyName.put),
                let reference = reader.reference()
            else { return nil }
            outcomes.append(.put(reference))
        }
        guard reader.step(over: BodyName.sequence), let sequence = try? reader.readInteger(),
            sequence >= 0
        else { return nil }
        var versions: [UInt64] = []
        if memberCount == 3 {
            guard reader.step(over: BodyName.versions), let count = try? reader.startArray(),
                count > 0, count <= mostElements
            else { return nil }
            versions.reserveCapacity(min(count, 1024))
            for _ in 0..<count {
                guard let version = try? reader.readInteger(), version >= 0 else { return nil }
                versions.append(UInt64(version))
            }
        }
        guard reader.isAtEnd else { return nil }
        return .committed(
            Committed(sequence: UInt64(sequence), outcomes: outcomes, versions: versions)
        )
    }
}

extension CBORReader {
    /// A change that puts a record, without the rarer members.
    fileprivate mutating func put(_ itemsLeft: inout Int) -> Put? {
        itemsLeft -= itemsOfPut
        guard (try? startMap()) == 1, step(over: BodyName.put), let count = try? startMap()
        else { return nil }
        var known = 2
        var key: Key?
        if step(over: BodyName.key) {
            known += 1
            key = self.key()
            if key == nil { return nil }
        }
        var mode = Put.Mode.replace
        if step(over: BodyName.mode) {
            known += 1
            guard let word = try? readText(), let given = Put.Mode(rawValue: word) else {
                return nil
            }
            mode = given
        }
        guard count == known, step(over: BodyName.fields),
            case .map(let fields)? = try? readFieldValue(
                depth: Value.maximumDepth - 5,
                &itemsLeft
            ), step(over: BodyName.collection), let collection = try? readText()
        else { return nil }
        return Put(collection, key, fields, mode: mode)
    }
}

extension CBORWriter {
    /// Appends the body of a commit; false, and nothing, where it has more than plain puts, or so
    /// much that only the general way counts it rightly.
    mutating func put(_ changes: [Change], _ durability: Durability) -> Bool {
        let start = bytes.count
        guard (try? putPlain(changes, durability)) ?? false else {
            bytes.removeSubrange(start...)
            return false
        }
        return true
    }

    private mutating func putPlain(
        _ changes: [Change],
        _ durability: Durability
    ) throws(CBORError) -> Bool {
        let isPlain = changes.allSatisfy {
            if case .put(let put) = $0 { put.isPlain } else { false }
        }
        guard isPlain else { return false }
        startMap(count: 1)
        bytes.append(contentsOf: BodyName.commit)
        startMap(count: durability == .synced ? 1 : 2)
        bytes.append(contentsOf: BodyName.changes)
        startArray(count: changes.count)
        var itemsLeft = Value.maximumItemCount - itemsAround
        for case .put(let put) in changes {
            itemsLeft -= itemsOfPut
            startMap(count: 1)
            bytes.append(contentsOf: BodyName.put)
            startMap(count: 2 + (put.key == nil ? 0 : 1) + (put.mode == .replace ? 0 : 1))
            if let key = put.key { self.put(key: key) }
            if put.mode != .replace {
                bytes.append(contentsOf: BodyName.mode)
                self.put(put.mode.rawValue)
            }
            bytes.append(contentsOf: BodyName.fields)
            try self.put(.map(put.fields), depth: Value.maximumDepth - 5, &itemsLeft)
            bytes.append(contentsOf: BodyName.collection)
            self.put(put.collection)
        }
        if durability != .synced {
            bytes.append(contentsOf: BodyName.durability)
            put(durability.rawValue)
        }
        return itemsLeft >= 0
    }

    /// Appends the body of what came of a commit; false, and nothing, where it has more than puts.
    mutating func put(_ committed: Committed) -> Bool {
        let isPlain = committed.outcomes.allSatisfy { if case .put = $0 { true } else { false } }
        guard isPlain, !committed.isRepeated, committed.evicted.isEmpty else { return false }
        startMap(count: 1)
        bytes.append(contentsOf: BodyName.committed)
        startMap(count: committed.versions.isEmpty ? 2 : 3)
        bytes.append(contentsOf: BodyName.outcomes)
        startArray(count: committed.outcomes.count)
        for case .put(let reference) in committed.outcomes {
            startMap(count: 1)
            bytes.append(contentsOf: BodyName.put)
            put(reference)
        }
        bytes.append(contentsOf: BodyName.sequence)
        put(Int64(clamping: committed.sequence))
        if !committed.versions.isEmpty {
            bytes.append(contentsOf: BodyName.versions)
            startArray(count: committed.versions.count)
            for version in committed.versions { put(Int64(clamping: version)) }
        }
        return true
    }
}

extension Put {
    /// Whether it has none of the rarer members.
    fileprivate var isPlain: Bool {
        expiresAt == nil && expiresIn == nil && version == nil && condition == nil
            && returns == nil && !isCopy && models.isEmpty
    }
}
