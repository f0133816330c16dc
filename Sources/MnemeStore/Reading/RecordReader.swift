// Reading versions of records where they stand: the frame is verified in the mapped log, its body
// is unpacked, and values are made of the fields that somebody wants. What is not asked for costs
// no more than stepping over it. Who reads single records, or a few, finds in the cache what was
// unpacked before, and leaves there what it unpacks; who looks through many leaves no more than so
// many.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Reads versions of records, one after the other, as one question needs them.
struct RecordReader {
    /// Columns and small bodies, which most questions look at.
    private static let fetchedBytes = 192

    private var frames: PlaceReader
    private let cache: RecordCache
    private let catalog: Catalog
    /// How many more versions are left in the cache when they are unpacked.
    private var keepsLeft: Int
    /// How many versions were opened.
    private(set) var openedCount = 0
    /// The version that is open: its frame, or what was known of it.
    private var frame: MappedFrame?
    private var known: RecordBytes?
    /// A version that was looked up before it is opened.
    private var offered: RecordBytes?
    /// Its body before compression stands at the beginning, once it was unpacked.
    private(set) var body: [UInt8] = []
    private var bodyCount: Int?
    /// Where in it the fields stand, once somebody wanted to know, unless the version is known.
    private var places = FieldPlaces()
    private var isLocated = false

    /// A reader with nothing open.
    ///
    /// `keeping`: how many versions it leaves in the cache.
    init(_ log: Log, _ cache: RecordCache, _ catalog: Catalog, keeping: Int) {
        frames = PlaceReader(log)
        self.cache = cache
        self.catalog = catalog
        keepsLeft = keeping
    }

    /// Has the next versions left in the cache too: so many of them.
    mutating func keep(_ count: Int) { keepsLeft = max(keepsLeft, count) }

    /// Has the memory fetched of the version that an entry names, which is about to be opened.
    mutating func fetch(_ entry: OrdinalEntry) {
        cache.fetchSlots(entry.place)
        frames.fetch(LogPlace(bits: entry.place), byteCount: Self.fetchedBytes)
    }

    /// Has `open` take a version that the cache had, where it is the one that is opened next.
    mutating func offer(_ version: RecordBytes?) { offered = version }

    /// Opens the version that an entry of the ordinal table names, unless it is open.
    ///
    /// - Throws: `.log` where no whole frame stands there, `.malformed` for another type.
    mutating func open(_ entry: OrdinalEntry) throws(StoreError) {
        let place = LogPlace(bits: entry.place)
        if let frame, frame.place == place { return try entry.check(frame.sequence) }
        if let known, known.place == entry.place { return try entry.check(known.sequence) }
        (frame, bodyCount, isLocated) = (nil, nil, false)
        openedCount += 1
        // What others share is not written over.
        if known != nil { body = [] }
        if let offered, offered.place == entry.place {
            known = offered
            return try entry.check(offered.sequence)
        }
        known = cache.find(entry.place, sequence: entry.birth, under: catalog)
        if known != nil { return }
        try openFrame(entry.place, entry.birth)
    }

    private mutating func openFrame(_ bits: UInt64, _ birth: UInt64) throws(StoreError) {
        let place = LogPlace(bits: bits)
        let found = try onLog { () throws(LogError) in try frames.frame(at: place) }
        try OrdinalEntry.check(found.sequence, of: birth, at: bits)
        guard found.type == StoreFrameType.put else {
            throw .unexpected(found.type, at: place)
        }
        frame = found
    }

    /// The key of the open version.
    func key() throws(StoreError) -> Key {
        if let known { return known.key }
        let frame = try opened()
        do throws(BytesError) {
            return try frame.withColumns { (bytes) throws(BytesError) in
                try PutColumns.key(in: bytes)
            }
        } catch {
            throw .malformed(frame.place)
        }
    }

    /// The key of a version that nothing else is wanted of: what is open stays so.
    ///
    /// - Throws: as `open` and `key`.
    mutating func key(of entry: OrdinalEntry) throws(StoreError) -> Key {
        let place = LogPlace(bits: entry.place)
        let found = try onLog { () throws(LogError) in
            try frames.columns(at: place) { type, sequence, columns in
                (type: type, sequence: sequence, key: try? PutColumns.key(in: columns))
            }
        }
        guard let found else {
            try open(entry)
            return try key()
        }
        try entry.check(found.sequence)
        guard found.type == StoreFrameType.put else { throw .unexpected(found.type, at: place) }
        guard let key = found.key else { throw .malformed(place) }
        return key
    }

    /// When the open version was committed.
    mutating func time() throws(StoreError) -> Int64 {
        guard let known else { return try opened().time }
        // What is kept unpacked does not say.
        return try onLog { () throws(LogError) in
            try frames.frame(at: LogPlace(bits: known.place)).time
        }
    }

    /// The chosen fields of the open version by name.
    mutating func fields(_ choice: FieldChoice) throws(StoreError) -> [String: Value] {
        if choice.count == 0 { return [:] }
        let vectors = choice.hasVectors ? try vectors() : []
        // Values are put beside names that are there already, which spares hashing them, unless
        // some are known to be without one.
        let isFull = try fieldCount() + vectors.count >= choice.count
        var fields =
            isFull ? choice.blank : [String: Value](minimumCapacity: choice.count)
        var missing = choice.count
        func take(_ value: Value, _ field: FieldChoice.Field) {
            if isFull { fields.values[field.place] = value } else { fields[field.name] = value }
            missing -= 1
        }
        try forEachField { (number, reader) throws(CBORError) in
            guard let field = choice[number] else { return false }
            take(try reader.readFieldValue(), field)
            return true
        }
        for vector in vectors {
            guard let field = choice[vector.field] else { continue }
            take(.vector(try components(vector)), field)
        }
        if isFull, missing > 0 {
            fields = fields.filter { if case .null = $0.value { false } else { true } }
        }
        return fields
    }

    /// Some fields of the open version in order, null where it has none; vectors are not read.
    mutating func values(_ numbers: [UInt16]) throws(StoreError) -> [Value] {
        if numbers.isEmpty { return [] }
        try locate()
        var values: [Value] = []
        values.reserveCapacity(numbers.count)
        for number in numbers {
            if let known {
                do throws(CBORError) {
                    values.append(try known.value(of: number))
                } catch {
                    throw try malformed()
                }
                continue
            }
            guard let range = places.range(of: number) else {
                values.append(.null)
                continue
            }
            do throws(CBORError) {
                var reader = CBORReader(body, range)
                values.append(try reader.readFieldValue())
            } catch {
                throw try malformed()
            }
        }
        return values
    }

    /// Whether a filter holds for the open version.
    mutating func passes(_ test: BodyTest) throws(StoreError) -> Bool {
        if known == nil { try locate() }
        do throws(CBORError) {
            if let known { return try known.passes(test) }
            return try test.holds(body, places)
        } catch {
            throw try malformed()
        }
    }

    /// Unpacks the body of the open version and finds its fields, unless that was done.
    private mutating func locate() throws(StoreError) {
        if known != nil || isLocated { return }
        let range = try unpack()
        if known != nil { return }
        do throws(CBORError) {
            try places.find(in: body, range)
        } catch {
            throw try malformed()
        }
        isLocated = true
    }

    /// The open version as a record with the chosen fields.
    mutating func record(
        _ collection: CollectionEntry,
        _ choice: FieldChoice
    ) throws(StoreError) -> Record {
        Record(
            Reference(collection.schema.name, try key()),
            fields: try fields(choice)
        )
    }

    /// Where the vectors of the open version stand, ascending by field.
    mutating func vectors() throws(StoreError) -> [PutColumns.Vector] {
        if let known {
            if !known.hasVectors { return [] }
            if frame == nil { try openFrame(known.place, known.sequence) }
        }
        let frame = try opened()
        do throws(BytesError) {
            return try frame.withColumns { (bytes) throws(BytesError) in
                try PutColumns.vectors(in: bytes)
            }
        } catch {
            throw .malformed(frame.place)
        }
    }

    /// The components of a vector of the open version.
    func components(_ vector: PutColumns.Vector) throws(StoreError) -> [Float] {
        let frame = try opened()
        guard let bytes = frame.vectorBytes(vector.range) else { throw .malformed(frame.place) }
        return StoredVector(field: vector.field, element: vector.element, bytes: bytes).components
    }

    /// Unpacks the body of the open version, unless that was done, and says where in `body` it is.
    mutating func unpack() throws(StoreError) -> Range<Int> {
        if let bodyCount { return 0..<bodyCount }
        if known == nil, keepsLeft > 0 {
            keepsLeft -= 1
            known = try keep()
        }
        if let known {
            body = known.body
            bodyCount = body.count
            return 0..<body.count
        }
        return try unpackFrame()
    }

    /// The open version with its body unpacked, which the cache has from now on.
    mutating func bytes() throws(StoreError) -> RecordBytes {
        if let known { return known }
        let kept = try keep()
        known = kept
        return kept
    }

    private mutating func keep() throws(StoreError) -> RecordBytes {
        body = []
        let range = try unpackFrame()
        let frame = try opened()
        let hasVectors = !(try vectors().isEmpty)
        let key = try key()
        let record: RecordBytes
        do throws(CBORError) {
            record = try RecordBytes(
                place: frame.place.bits,
                sequence: frame.sequence,
                key: key,
                body: body.count == range.count ? body : Array(body[range]),
                hasVectors: hasVectors,
                schemaVersion: catalog.version
            )
        } catch {
            throw .malformed(frame.place)
        }
        cache.insert(record)
        return record
    }

    /// Unpacks the body of the open frame into the buffer.
    private mutating func unpackFrame() throws(StoreError) -> Range<Int> {
        let frame = try opened()
        let count = frame.plainCount
        guard count <= FrameDecoder.bodyLimit else { throw .malformed(frame.place) }
        let unpacked: Int? = frame.withBody { packed in
            if count > 0 {
                if let dictionary = frame.dictionary?.bytes {
                    return LZ4.decompress(packed, against: dictionary, count: count, into: &body)
                        ? count : nil
                }
                return LZ4.decompress(packed, count: count, into: &body) ? count : nil
            }
            body.removeAll(keepingCapacity: true)
            body.append(copying: packed)
            return packed.count
        }
        guard let unpacked else { throw .malformed(frame.place) }
        bodyCount = unpacked
        if frame.schemaVersion < catalog.lateVersion { try complete(frame, unpacked) }
        return 0..<(bodyCount ?? unpacked)
    }

    /// Puts into the body what was defined after its frame was written.
    private mutating func complete(_ frame: MappedFrame, _ count: Int) throws(StoreError) {
        let columns: PutColumns
        do throws(BytesError) {
            columns = try PutColumns(frame.withColumns { bytes in bytes.indices.map { bytes[$0] } })
        } catch {
            throw .malformed(frame.place)
        }
        do throws(CBORError) {
            let completed = try catalog.completed(
                body.count == count ? body : Array(body[..<count]),
                of: columns.collection,
                vectors: columns.vectors.map(\.field),
                since: frame.schemaVersion
            )
            guard let completed else { return }
            body = completed
            bodyCount = completed.count
        } catch {
            throw .malformed(frame.place)
        }
    }

    /// How many fields the body of the open version has.
    private mutating func fieldCount() throws(StoreError) -> Int {
        let range = try unpack()
        do throws(CBORError) {
            var reader = CBORReader(body, range)
            return try reader.startMap()
        } catch {
            throw try malformed()
        }
    }

    /// Has `take` look at every field of the body: it reads the value, or leaves it to be stepped
    /// over and says so.
    private mutating func forEachField(
        _ take: (UInt16, inout CBORReader) throws(CBORError) -> Bool
    ) throws(StoreError) {
        let range = try unpack()
        let place = try place()
        do throws(CBORError) {
            var reader = CBORReader(body, range)
            var previous: UInt16?
            for _ in 0..<(try reader.startMap()) {
                let number = try reader.readFieldNumber(after: previous)
                if try !take(number, &reader) { _ = try reader.skipItem() }
                previous = number
            }
            try reader.finish()
        } catch {
            throw .malformed(place)
        }
    }

    /// What is thrown where the open version's content makes no sense.
    func malformed() throws(StoreError) -> StoreError { .malformed(try place()) }

    private func place() throws(StoreError) -> LogPlace {
        if let known { return LogPlace(bits: known.place) }
        return try opened().place
    }

    private func opened() throws(StoreError) -> MappedFrame {
        guard let frame else { throw .inconsistent("no version of a record is open") }
        return frame
    }
}
