// Changes made ready outside the writer: names looked up, fields checked, bodies encoded and
// compressed. Whatever can be refused without looking at the data is refused here.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// A change that breaks no rule of the schema.
enum PreparedChange: Sendable {
    case put(PreparedPut)
    case patch(PreparedPatch)
    case delete(CollectionEntry, Key, erases: Bool)
    case link(PreparedLink)
    case unlink(UInt64)
    /// Removes the edge that an earlier change of the batch makes, by that change's place.
    case unlinkMade(Int)
    /// Sweeps a record by its ordinal if it has expired.
    case expire(UInt64)
    /// Erases the record that a frame erased elsewhere, if it is here.
    case eraseAgain(Erasure)
    /// Leaves the way of the store that was backed up.
    case fork(Fork)
    case define(Schema)
}

/// A put with its body.
struct PreparedPut: Sendable {
    var collection: CollectionEntry
    /// Nil where the next integer is to be taken.
    var key: Key?
    var mode: Put.Mode
    var ownerPath: String?
    var expiresAt: Int64
    var fields: [(number: UInt16, value: Value)]
    var vectors: [StoredVector]
    var body: [UInt8]
    var plainCount: UInt32
    /// The fields in each of the collection's indexes in order, without the ordinal.
    var prefixes: [[UInt8]]
}

/// A link with its body.
struct PreparedLink: Sendable {
    var type: EdgeTypeEntry
    var from: Reference
    var to: Reference
    var body: [UInt8]
    var plainCount: UInt32
}

/// Makes changes ready under one catalog.
struct ChangePreparation {
    let catalog: Catalog
    let clock: any Clock
    let randomness: any Randomness
    let frameLimit: Int

    func prepare(_ change: Change) throws(MnemeError) -> PreparedChange {
        switch change {
        case .put(let put): return .put(try prepare(put))
        case .patch(let patch): return .patch(try prepare(patch))
        case .delete(let reference):
            let collection = try catalog.collection(reference.collection)
            return .delete(collection, try check(reference.key, collection), erases: false)
        case .erase(let reference):
            let collection = try catalog.collection(reference.collection)
            return .delete(collection, try check(reference.key, collection), erases: true)
        case .link(let link): return .link(try prepare(link))
        case .unlink(let edge): return .unlink(edge)
        }
    }

    /// A put with its body.
    func prepare(_ put: Put) throws(MnemeError) -> PreparedPut {
        let collection = try catalog.collection(put.collection)
        var fields: [(number: UInt16, value: Value)] = []
        var vectors: [StoredVector] = []
        var ownerPath: String?
        fields.reserveCapacity(put.fields.count)
        for (place, value) in try collection.schema.checkInOrder(fields: put.fields) {
            let number = collection.numbersInOrder[place]
            if case .vector(let components) = value {
                let name = collection.schema.fields[place].name
                vectors.append(try prepare(components, try collection.vector(name), number))
            } else {
                if number == collection.ownerNumber { ownerPath = value.text }
                fields.append((number, value))
            }
        }
        fields.sort { $0.number < $1.number }
        vectors.sort { $0.field < $1.field }
        let vectorBytes = vectors.reduce(0) { $0 + $1.bytes.count }
        let (body, plainCount) = try encode(fields, beside: vectorBytes, put.collection)
        let key = try key(of: put, collection)
        let prefixes = try indexPrefixes(collection, fields)
        if let ownerPath { try checkOwner(ownerPath, put.collection) }
        return PreparedPut(
            collection: collection,
            key: key,
            mode: put.mode,
            ownerPath: ownerPath,
            expiresAt: put.expiresAt?.microseconds ?? OrdinalEntry.never,
            fields: fields,
            vectors: vectors,
            body: body,
            plainCount: plainCount,
            prefixes: prefixes
        )
    }

    private func prepare(_ link: Link) throws(MnemeError) -> PreparedLink {
        let type = try catalog.edgeType(link.type)
        let from = try end(link.from, type.type.from, "starts", link)
        let to = try end(link.to, type.type.to, "ends", link)
        let checked = try type.type.check(fields: link.fields)
        var fields: [(number: UInt16, value: Value)] = []
        for (place, field) in type.type.fields.enumerated() {
            if let value = checked[field.name] { fields.append((UInt16(place + 1), value)) }
        }
        let (body, plainCount) = try encode(fields, beside: 0, link.type)
        return PreparedLink(type: type, from: from, to: to, body: body, plainCount: plainCount)
    }

    /// An end of an edge, its key as the collection has it.
    private func end(
        _ reference: Reference,
        _ wanted: String?,
        _ what: String,
        _ link: Link
    ) throws(MnemeError) -> Reference {
        let collection = try catalog.collection(reference.collection)
        let key = try check(reference.key, collection)
        if let wanted, wanted != reference.collection {
            throw MnemeError(
                .wrongType,
                "an edge \"\(link.type)\" \(what) in collection \"\(wanted)\", not in "
                    + "\"\(reference.collection)\"; link another record or use another type"
            )
        }
        return Reference(reference.collection, key)
    }

    private func key(of put: Put, _ collection: CollectionEntry) throws(MnemeError) -> Key? {
        if let key = put.key { return try check(key, collection) }
        if collection.schema.key == .int { return nil }
        let id = UniqueID(
            milliseconds: clock.now() / 1000,
            random: (randomness.next(), randomness.next())
        )
        return collection.schema.key == .uuid ? .uuid(id) : .text(id.description)
    }

    func check(_ key: Key, _ collection: CollectionEntry) throws(MnemeError) -> Key {
        func wrong(_ rule: String) -> MnemeError {
            MnemeError(
                .wrongType,
                "keys of collection \"\(collection.schema.name)\" are \(rule), and "
                    + "\(quoted(key.description)) is not; give another key"
            )
        }
        switch (collection.schema.key, key) {
        case (.text, .text(let text)):
            guard !text.isEmpty, text.utf8.count <= StoreKeys.textKeyLimit,
                StoreKeys.record(collection.number, key).count <= StoreKeys.indexLimit
            else {
                throw wrong("texts of 1 to \(StoreKeys.textKeyLimit) bytes, also once composed")
            }
        case (.int, .int), (.uuid, .uuid): break
        case (.uuid, .text(let text)):
            guard let id = UniqueID(text) else { throw wrong("UUIDs") }
            return .uuid(id)
        case (.int, .text(let text)):
            guard let number = Int64(text) else { throw wrong("integers") }
            return .int(number)
        default: throw wrong("of type \(collection.schema.key)")
        }
        return key
    }

    private func prepare(
        _ components: [Float],
        _ entry: VectorEntry,
        _ number: UInt16
    ) throws(MnemeError) -> StoredVector {
        do throws(VectorError) {
            let bytes = try entry.coder.shape.format.encode(components)
            return StoredVector(field: number, element: entry.type.element, bytes: bytes)
        } catch {
            throw MnemeError(
                .badVector,
                "vector field \"\(entry.name)\" refuses the vector; give "
                    + "\(entry.type.dimension) finite components that fit \(entry.type.element)",
                cause: "\(error)"
            )
        }
    }

    /// The body of a frame that has `vectorBytes` bytes of vectors beside it.
    private func encode(
        _ fields: [(number: UInt16, value: Value)],
        beside vectorBytes: Int,
        _ name: String
    ) throws(MnemeError) -> (body: [UInt8], plainCount: UInt32) {
        let plain: [UInt8]
        do throws(CBORError) {
            plain = try Value.encodeFields(fields.map { ($0.number, $0.value) })
        } catch {
            throw MnemeError(
                .tooLarge,
                "a value of \"\(name)\" is nested too deeply or has too many parts; split it",
                cause: "\(error)"
            )
        }
        // Before compression: what cannot be unpacked within the limit could not be read again.
        try checkSize(plain.count + vectorBytes, name)
        return FrameBody.compress(plain)
    }

    /// The fields in each index; refuses what no key of an index can hold.
    private func indexPrefixes(
        _ collection: CollectionEntry,
        _ fields: [(number: UInt16, value: Value)]
    ) throws(MnemeError) -> [[UInt8]] {
        var prefixes: [[UInt8]] = []
        prefixes.reserveCapacity(collection.indexes.count)
        for index in collection.indexes {
            let prefix = StoreKeys.prefix(collection, index, fields)
            guard prefix.count <= StoreKeys.indexLimit else {
                throw StoreKeys.tooLong(prefix.count, collection, index)
            }
            prefixes.append(prefix)
        }
        return prefixes
    }

    private func checkOwner(_ path: String, _ name: String) throws(MnemeError) {
        guard StoreKeys.owner(path).count <= StoreKeys.indexLimit else {
            throw MnemeError(
                .badOwner,
                "the owner \(quoted(path)) of a record of \"\(name)\" is too long once its letters "
                    + "are composed; give a shorter path"
            )
        }
    }

    private func checkSize(_ byteCount: Int, _ name: String) throws(MnemeError) {
        // Room for the head, the key and the columns.
        guard byteCount <= frameLimit - 65_536 else {
            throw MnemeError(
                .tooLarge,
                "a record of \"\(name)\" has \(byteCount) bytes, and at most "
                    + "\(frameLimit - 65_536) are kept in one; split it"
            )
        }
    }
}
