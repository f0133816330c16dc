// One collection of a draft (`CatalogDraft.swift`): fields, indexes, references, vectors and texts
// with their numbers, and what a newer definition adds to them. What has a number keeps it.

internal import MnemeModel

/// A collection that is being made.
struct CollectionDraft {
    let number: UInt16
    /// Set by its extensions too, and by nobody else; so are names, indexes, vectors and texts.
    var schema: Collection
    var fieldNumbers: [String: UInt16] = [:]
    var fieldNames: [UInt16: String] = [:]
    var spelledNames: [SpelledName?] = [nil]
    var indexes: [IndexEntry] = []
    private(set) var references: [ReferenceEntry] = []
    var vectors: [VectorEntry] = []
    var texts: [TextEntry] = []
    var droppedTexts: [UInt16] = []
    /// Fields that come to be searched when records may have them.
    var lateTexts: Set<String> = []
    private(set) var counters: [FieldCounter] = []
    private(set) var late: [LateField] = []

    init(number: UInt16, schema: Collection) {
        self.number = number
        self.schema = schema
        self.schema.fields = schema.fields.map(\.settled)
    }

    init(_ entry: CollectionEntry) {
        number = entry.number
        schema = entry.schema
        fieldNumbers = entry.fieldNumbers
        fieldNames = entry.fieldNames
        spelledNames = entry.spelledNames
        indexes = entry.indexes
        references = entry.references
        vectors = entry.vectors
        texts = entry.texts
        droppedTexts = entry.droppedTexts
        counters = entry.counters
        late = entry.late
    }

    /// Takes over what a newer definition adds, in the catalog of a version.
    ///
    /// `hasRecords`: asked where a new field is required.
    mutating func merge(
        _ newer: Collection,
        in version: UInt32,
        hasRecords: () -> Bool
    ) throws(MnemeError) {
        func conflict(_ what: String) -> MnemeError {
            MnemeError(
                .schemaConflict,
                "collection \"\(schema.name)\" is there already with \(what); what is defined "
                    + "cannot be changed, only added to: say what is new alone, or all of it as it "
                    + "stands"
            )
        }
        guard newer.key == schema.key else { throw conflict("keys of type \(schema.key)") }
        for field in newer.fields {
            if let known = schema.field(field.name) {
                if known == field || takesRecall(of: field, known) { continue }
                guard try isSearchedFromNow(field, known) else {
                    throw conflict("another field \"\(field.name)\", \(known.json())")
                }
                continue
            }
            // Records that are there have the default, or what is generated.
            let isLate = field.standard != nil || field.generated != nil
            guard isLate || !field.isRequired || !hasRecords() else {
                throw conflict("records that lack the new required field \"\(field.name)\"")
            }
            if isLate, field.isSearchable { lateTexts.insert(field.name) }
            schema.fields.append(field.settled)
            addField(field.name)
            guard isLate, let number = fieldNumbers[field.name] else { continue }
            late.append(
                LateField(since: version, place: schema.fields.count - 1, number: number)
            )
        }
        for check in newer.checks {
            if let known = schema.checks.first(where: { $0.name == check.name }) {
                guard known == check else { throw conflict("another check \"\(check.name)\"") }
            } else {
                schema.checks.append(check)
            }
        }
        for index in newer.indexes {
            if let known = schema.indexes.first(where: { $0.name == index.name }) {
                guard known == index else { throw conflict("another index \"\(index.name)\"") }
            } else {
                schema.indexes.append(index)
            }
        }
        for rule in newer.references {
            if let known = schema.references.first(where: { $0.name == rule.name }) {
                guard known == rule else { throw conflict("another reference \"\(rule.name)\"") }
            } else {
                schema.references.append(rule)
            }
        }
        // One that has usage counted, or bounds it, need not repeat the roles.
        if !newer.isCounted || newer.roles != Roles() {
            guard newer.roles.owner == schema.roles.owner else {
                throw conflict("another owner role")
            }
            schema.roles = newer.roles
        }
        // A definition that says nothing of it ends no history.
        schema.history = newer.history ?? schema.history
        // Nor does it end counting.
        schema.countsUsage = schema.countsUsage || newer.countsUsage
        schema.quotas = newer.quotas ?? schema.quotas
        schema.retention = newer.retention ?? schema.retention
        schema.recall = newer.recall ?? schema.recall
    }

    /// Fields that frames can number.
    static let fieldLimit = 4096
    static let vectorLimit = 255

    /// Refuses more fields than frames can number.
    func checkCounts() throws(MnemeError) {
        let vectors = schema.fields.count {
            if case .vector = $0.type { true } else { false }
        }
        guard schema.fields.count <= Self.fieldLimit, vectors <= Self.vectorLimit else {
            throw MnemeError(
                .badSchema,
                "collection \"\(schema.name)\" has \(schema.fields.count) fields and \(vectors) "
                    + "vectors; at most \(Self.fieldLimit) and \(Self.vectorLimit) are kept, put "
                    + "some into another collection"
            )
        }
        guard spelledNames.count - 1 <= Self.fieldLimit else {
            throw MnemeError(
                .badSchema,
                "collection \"\(schema.name)\" had more than \(Self.fieldLimit) fields with those "
                    + "that were dropped, and their numbers are not given again; put the records "
                    + "into a new collection"
            )
        }
    }

    mutating func addField(_ name: String) {
        guard fieldNumbers[name] == nil else { return }
        // Those that were dropped keep their places.
        let number = UInt16(spelledNames.count)
        fieldNumbers[name] = number
        fieldNames[number] = name
        var spelled = SpelledName(name)
        for (other, known) in spelledNames.enumerated() {
            guard let known else { continue }
            if known.precedes(spelled) {
                spelled.rank += 1
            } else {
                spelledNames[other]?.rank += 1
            }
        }
        spelledNames.append(spelled)
    }

    /// Takes a field out that nothing of the collection needs.
    mutating func removeField(_ name: String) {
        guard let number = fieldNumbers.removeValue(forKey: name),
            let place = schema.fields.firstIndex(where: { $0.name == name })
        else { return }
        schema.fields.remove(at: place)
        fieldNames.removeValue(forKey: number)
        if let gone = spelledNames[Int(number)] {
            spelledNames[Int(number)] = SpelledName?.none
            for other in spelledNames.indices where spelledNames[other]?.rank ?? 0 > gone.rank {
                spelledNames[other]?.rank -= 1
            }
        }
        vectors.removeAll { $0.name == name }
        removeText(name)
        counters = counters.filter { $0.field != number }.map { counter in
            FieldCounter(
                number: counter.number,
                field: counter.field,
                place: counter.place > place ? counter.place - 1 : counter.place
            )
        }
        late = late.filter { $0.number != number }.map { field in
            LateField(
                since: field.since,
                place: field.place > place ? field.place - 1 : field.place,
                number: field.number
            )
        }
    }

    mutating func addCounter(number: UInt16, _ name: String) {
        guard let field = fieldNumbers[name],
            let place = schema.fields.firstIndex(where: { $0.name == name })
        else { return }
        counters.append(FieldCounter(number: number, field: field, place: place))
    }

    func lacksCounter(_ name: String) -> Bool {
        !counters.contains { $0.field == fieldNumbers[name] }
    }

    mutating func add(_ entry: VectorEntry) { vectors.append(entry) }
    mutating func add(_ entry: ReferenceEntry) { references.append(entry) }

    mutating func add(number: UInt16, _ index: Index) {
        // The schema was found right: every field of an index is there. 0 is no field's number.
        let parts = index.fields.map { field in
            IndexPart(
                field,
                number: fieldNumbers[field.name] ?? 0,
                type: schema.field(field.name)?.type ?? .json
            )
        }
        indexes.append(IndexEntry(number: number, index: index, parts: parts))
    }

    mutating func removeIndex(_ number: UInt16) {
        guard let place = indexes.firstIndex(where: { $0.number == number }) else { return }
        let name = indexes[place].index.name
        indexes.remove(at: place)
        schema.indexes.removeAll { $0.name == name }
    }

    func lacksVector(_ name: String) -> Bool { !vectors.contains { $0.name == name } }
    func lacksIndex(_ name: String) -> Bool { !indexes.contains { $0.index.name == name } }
}
