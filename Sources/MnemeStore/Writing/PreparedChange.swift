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
    case remove(PreparedRemoval)
    case mark(PreparedMark)
    case link(PreparedLink)
    case supersede(PreparedSupersede)
    case unlink(UInt64, erases: Bool)
    /// Removes the edge that an earlier change of the batch makes, by that change's place.
    case unlinkMade(Int)
    /// Sweeps a record by its ordinal if it has expired.
    case expire(UInt64)
    /// Takes out of a record what it names that is not there; deletes it where it has to name it.
    case mend(UInt64)
    /// Erases the record that a frame erased elsewhere, if it is here.
    case eraseAgain(Erasure)
    /// Erases the edge that a frame erased elsewhere, if it is here.
    case eraseEdgeAgain(EdgeErasure)
    /// Erases what is an owner's, if it still is.
    case purge(PurgeName)
    /// Leaves the way of the store that was backed up.
    case fork(Fork)
    case define(Schema)
    case drop(Drop)
    case switchVector(PreparedSwitch)
    /// Takes the first of several records that are still as they were seen, and patches them.
    case claim(PreparedClaim)
    /// Has records of a collection be gone for every reader: all of them, or those that nobody has
    /// changed since a commit.
    case withdraw(UInt16, IDBitmap, asOf: UInt64? = nil)
    /// Sweeps a record by its ordinal if nobody has changed it since a commit.
    case retire(UInt64, asOf: UInt64)
    /// Keeps what the batch came to under an idempotency key.
    case keep(PreparedOnce)
    /// Keeps how a record was used.
    case touch(PreparedTouch)
}

/// A put with its body.
struct PreparedPut: Sendable {
    var collection: CollectionEntry
    /// Nil where the next integer is to be taken.
    var key: Key?
    var mode: Put.Mode
    /// What it demands of the record that is there, and tells; nil of most.
    var terms: PreparedTerms?
    var ownerPath: String?
    var expiresAt: Int64
    var fields: [(number: UInt16, value: Value)]
    var vectors: [StoredVector]
    var body: [UInt8]
    var plainCount: UInt32
    /// The keys in the collection's indexes, without the ordinal.
    var prefixes: [IndexPrefix]
    /// The bytes of its digest; nil where the collection has no recall list.
    var digest: [UInt8]? = nil
    /// What is to be done once the writer has given numbers: fields, body and prefixes are without
    /// them, and without what is generated, before.
    var waiting: WaitingPut? = nil
    /// Whose it is, of one of the store's own that no path says it of.
    var ownerNumber: UInt32? = nil
}

/// A put whose fields wait for numbers that the writer gives.
final class WaitingPut: Sendable {
    /// The fields that are known, by their places in the schema.
    let checked: [(place: Int, value: Value)]
    /// The places of those that wait.
    let places: [Int]
    private let preparation: ChangePreparation

    init(
        _ checked: [(place: Int, value: Value)],
        _ places: [Int],
        _ preparation: ChangePreparation
    ) {
        self.checked = checked
        self.places = places
        self.preparation = preparation
    }

    /// The put with its numbers.
    ///
    /// - Throws: as the preparation of a put.
    func finish(
        _ put: PreparedPut,
        _ numbers: [(place: Int, value: Value)]
    ) throws(MnemeError) -> PreparedPut {
        var fields = checked + numbers
        fields.sort { $0.place < $1.place }
        try put.collection.rules.finish(&fields)
        var finished = put
        finished.waiting = nil
        try preparation.fill(&finished, fields)
        return finished
    }
}

/// A link with its body.
struct PreparedLink: Sendable {
    var type: EdgeTypeEntry
    var from: Reference
    var to: Reference
    var mode: Link.Mode
    var returns: Returns?
    var body: [UInt8]
    var plainCount: UInt32
    var vectors: [StoredVector] = []
}

/// Makes changes ready under one catalog.
struct ChangePreparation {
    let catalog: Catalog
    let clock: any Clock
    let randomness: any Randomness
    let frameLimit: Int
    /// Whether fields are taken as they are: they come from a store that held its rules.
    var asWritten = false
    /// What was drawn for the change before; nil where it is filled when it is prepared.
    var draws: Draws?
    /// The most bytes of the answer to a batch.
    var answerLimit = StoreOptions.usualAnswerBytes

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
        case .remove(let removal): return .remove(try prepare(removal))
        case .mark(let mark): return .mark(try prepare(mark))
        case .link(let link): return .link(try prepare(link))
        case .unlink(let edge): return .unlink(edge, erases: false)
        case .eraseEdge(let edge): return .unlink(edge, erases: true)
        case .supersede(let supersede): return .supersede(try prepare(supersede))
        }
    }

    /// A put with its body.
    ///
    /// `revises`: the fields are those of the record that stands, with some of them changed. What
    /// it lacks is not filled in then, and what is generated is worked out again. `time`: of the
    /// change, now when nil.
    func prepare(
        _ put: Put,
        revises: Bool = false,
        at time: Microseconds? = nil
    ) throws(MnemeError) -> PreparedPut {
        let collection =
            asWritten
            ? try catalog.anyCollection(put.collection) : try catalog.collection(put.collection)
        if !put.models.isEmpty { try collection.check(models: put.models) }
        var prepared = PreparedPut(
            collection: collection,
            key: try key(of: put, collection),
            mode: put.mode,
            terms: try terms(of: put, collection),
            ownerPath: nil,
            expiresAt: try end(of: put),
            fields: [],
            vectors: [],
            body: [],
            plainCount: 0,
            prefixes: []
        )
        if collection.rules.isPlain || asWritten {
            try fill(&prepared, try collection.schema.checkInOrder(fields: put.fields))
            return prepared
        }
        let given =
            revises
            ? collection.rules.revised(put.fields, at: time ?? clock.now())
            : try collection.rules.completed(
                put.fields,
                at: time ?? clock.now(),
                randomness,
                keepsChanged: put.isCopy,
                drawn: draws?.records[put.collection]
            )
        var checked = try collection.schema.checkInOrder(fields: given, leavesOpen: true)
        let waiting = collection.rules.waiting(given)
        guard waiting.isEmpty else {
            // What is too large is refused here, and how many bytes it has about is known.
            try fill(&prepared, checked)
            prepared.waiting = WaitingPut(checked, waiting, self)
            return prepared
        }
        try collection.rules.finish(&checked)
        try fill(&prepared, checked)
        return prepared
    }

    /// The end of the time of what is put.
    private func end(of put: Put) throws(MnemeError) -> Microseconds {
        guard let seconds = put.expiresIn else {
            return put.expiresAt?.microseconds ?? OrdinalEntry.never
        }
        guard put.expiresAt == nil else {
            throw MnemeError(
                .badRequest,
                "a put into collection \"\(put.collection)\" has both expiresAt and expiresIn; "
                    + "give one of them"
            )
        }
        return try ExpiresIn.end(after: seconds, from: now, "put.expiresIn").microseconds
    }

    /// The store's time.
    var now: Instant { Instant(microseconds: clock.now()) }

    /// Puts the fields, by their places in the schema, and what is made of them into a put.
    func fill(
        _ put: inout PreparedPut,
        _ checked: [(place: Int, value: Value)]
    ) throws(MnemeError) {
        let collection = put.collection
        let name = collection.schema.name
        var fields: [(number: UInt16, value: Value)] = []
        var vectors: [StoredVector] = []
        var ownerPath: String?
        fields.reserveCapacity(checked.count)
        for (place, value) in checked {
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
        (put.body, put.plainCount) = try encode(fields, beside: vectorBytes, name)
        put.prefixes = StoreKeys.prefixes(collection, collection.indexed(fields, vectors))
        try collection.check(put.prefixes)
        if let ownerPath { try checkOwner(ownerPath, name) }
        put.ownerPath = ownerPath
        put.digest = collection.digestBytes(fields)
        put.fields = fields
        put.vectors = vectors
    }

    func prepare(_ link: Link) throws(MnemeError) -> PreparedLink {
        let type = try catalog.edgeType(link.type)
        guard type.type.isUnique || link.mode == .insert else {
            throw MnemeError(
                .badRequest,
                "edges \"\(link.type)\" are not unique, so that there is not one to replace; "
                    + "unlink the one that you mean by its number"
            )
        }
        let from = try end(link.from, type.type.from, "starts", link)
        let to = try end(link.to, type.type.to, "ends", link)
        var fields: [(number: UInt16, value: Value)] = []
        var vectors: [StoredVector] = []
        for (place, value) in try properties(of: link, type) {
            let number = UInt16(place + 1)
            if case .vector(let components) = value, let searched = type.searched {
                let entry = try searched.vector(type.type.fields[place].name)
                vectors.append(try prepare(components, entry, number))
            } else {
                fields.append((number, value))
            }
        }
        if let indexed = type.indexed {
            // What it joins takes the same room whatever it is.
            try indexed.check(
                StoreKeys.prefixes(
                    indexed,
                    type.indexedFields(fields, from: 0, to: 0)
                )
            )
        }
        let vectorBytes = vectors.reduce(0) { $0 + $1.bytes.count }
        let (body, plainCount) = try encode(fields, beside: vectorBytes, link.type)
        return PreparedLink(
            type: type,
            from: from,
            to: to,
            mode: link.mode,
            returns: link.returns,
            body: body,
            plainCount: plainCount,
            vectors: vectors
        )
    }

    /// The properties of an edge, by their places in the type.
    private func properties(
        of link: Link,
        _ type: EdgeTypeEntry
    ) throws(MnemeError) -> [(place: Int, value: Value)] {
        if type.rules.isPlain || asWritten {
            return try type.type.checkInOrder(fields: link.fields)
        }
        let given = try type.rules.completed(
            link.fields,
            at: clock.now(),
            randomness,
            keepsChanged: link.isCopy,
            drawn: draws?.edges[link.type]
        )
        var checked = try type.type.checkInOrder(fields: given, leavesOpen: true)
        try type.rules.finish(&checked)
        return checked
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
