// formats/store.md against the code, both directions.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

@Suite struct StorePageTests {
    private let page: FormatPage
    private let schema = Schema(
        collections: [
            Collection(
                "notes",
                fields: [
                    Field("user", .text, isRequired: true),
                    Field("text", .text, isSearchable: true),
                    Field(
                        "meaning",
                        .vector(VectorType(dimension: 3, element: .float16, metric: .cosine))
                    ),
                ],
                indexes: [Index("byUser", on: ["user"])],
                roles: Self.roles
            )
        ],
        edgeTypes: [EdgeType("cites")]
    )

    private static var roles: Roles {
        var roles = Roles()
        roles.owner = "user"
        return roles
    }

    init() throws { page = try FormatPage("store.md") }

    // MARK: Files

    @Test func theIdentityFileIsWrittenAndRead() throws {
        let identity = StoreIdentity(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
        try page.expect(IdentityFile(identity).bytes, "identity")
        let shown = try page.example("identity")
        #expect(try IdentityFile(shown).identity == identity)
        for index in shown.indices {
            var damaged = shown
            damaged[index] ^= 1
            #expect(throws: IdentityError.self) { try IdentityFile(damaged) }
        }
    }

    // MARK: Catalog

    @Test func numbersFollowFromTheOrder() throws {
        let catalog = try Catalog().adding(schema)
        let notes = try catalog.collection("notes")
        #expect(notes.number == 1)
        #expect(notes.fieldNumbers == ["user": 1, "text": 2, "meaning": 3])
        #expect(notes.texts.map(\.number) == [2] && notes.vectors.map(\.number) == [3])
        #expect(notes.indexes.map(\.number) == [4])
        #expect(try catalog.edgeType("cites").number == 5)
        #expect(catalog.version == 1)
    }

    // MARK: Frames

    @Test func aSchemaFrameIsWrittenAndRead() throws {
        let cites = Schema(edgeTypes: [EdgeType("cites")])
        let change = PlannedChange.schema(
            PlannedDefinition(catalog: try Catalog().adding(cites), definition: .schema(cites))
        )
        let frame = try holdFrame(try change.frame(schemaVersion: 0), "schema", 100)
        let body = try #require(FrameBody.plain(frame.content, limit: FrameDecoder.bodyLimit))
        #expect(try SchemaCoding.decode(body) == .schema(cites))
        #expect(frame.content.schemaVersion == 1)
    }

    @Test func anOwnerFrameIsWrittenAndRead() throws {
        let change = PlannedChange.owner(number: 1, path: "ann/work")
        let frame = try holdFrame(try change.frame(schemaVersion: 1), "owner", 101)
        #expect(frame.content.owner == 1)
        #expect(String(decoding: frame.content.columns, as: UTF8.self) == "ann/work")
    }

    @Test func aPutFrameIsWrittenAndRead() throws {
        // How small a body becomes is liblz4's business, so the page's own one is taken.
        let shown = try page.example("put")
        try #require(shown.count == 168)
        var planned = try put()
        planned.body = Array(shown[115..<160])
        planned.plainCount = UInt32(try plainBody().count)
        let frame = try holdFrame(planned.frame(1), "put", 102)
        let (columns, record) = try FrameDecoder().record(frame)
        #expect(columns.ordinal == 7 && columns.previous == LogPlace(segment: 2, offset: 8192))
        #expect(columns.collection == 1 && columns.key == .text("a"))
        #expect(record.expiresAt == 1_800_000_000_000_000 && record.owner == 1)
        #expect(record.fields.map(\.number) == [1, 2])
        #expect(record[1] == .text("ann/work"))
        #expect(record.vectors.map(\.bytes) == [[0, 0x3c, 0, 0xc0, 0, 0x38]])
        #expect(frame.content.plainCount == 86 && frame.vectorOffset % 8 == 0)
    }

    @Test func aLinkFrameIsWrittenAndRead() throws {
        let body = try Value.encodeFields([(1, .float(0.5))])
        let frame = try holdFrame(
            try PlannedChange.link(edge(body)).frame(schemaVersion: 1),
            "link",
            103
        )
        let (columns, fields) = try FrameDecoder().edge(frame)
        #expect(columns.ordinal == 8 && columns.kind == 5)
        #expect(columns.from == 7 && columns.to == 6 && columns.previous == nil)
        #expect(fields == body)
    }

    @Test func anUnlinkFrameIsWrittenAndRead() throws {
        let frame = try holdFrame(
            try PlannedChange.unlink(edge([])).frame(schemaVersion: 1),
            "unlink",
            104
        )
        let (columns, fields) = try FrameDecoder().edge(frame)
        #expect(columns.ordinal == 8 && columns.from == 7 && fields == [])
    }

    @Test func aLinkFrameWithAVectorIsWrittenAndRead() throws {
        let body = try Value.encodeFields([(1, .float(0.5))])
        var planned = edge(body)
        let row: [UInt8] = [0, 0x3c, 0, 0xc0, 0, 0x38]
        planned.vectors = [StoredVector(field: 2, element: .float16, bytes: row)]
        let content = try PlannedChange.link(planned).frame(schemaVersion: 1)
        let frame = try holdFrame(content, "link-vectors", 103)
        let (columns, fields) = try FrameDecoder().edge(frame)
        #expect(columns.ordinal == 8 && columns.from == 7 && fields == body)
        let vectors = try FrameDecoder().edgeVectors(frame)
        #expect(vectors.map(\.field) == [2] && vectors.map(\.bytes) == [row])
        #expect(vectors.map(\.components) == [[1, -2, 0.5]] && frame.vectorOffset % 8 == 0)
    }

    @Test func anEraseFrameOfAnEdgeIsWrittenAndRead() throws {
        var planned = edge([])
        planned.erasure = EdgeOrigin(sequence: 103, incarnation: 2)
        let frame = try holdFrame(
            try PlannedChange.unlink(planned).frame(schemaVersion: 1),
            "erase-edge",
            104
        )
        let columns = try FrameDecoder().edge(frame).columns
        #expect(columns.ordinal == 8 && columns.from == 7 && columns.to == 6)
        let type = frame.content.type
        let erasure = try #require(EdgeErasure(frame.content.columns, type: type))
        let link = try PlainColumns(Array(try page.example("link").dropFirst(72)))
        #expect(erasure.names(link, EdgeOrigin(sequence: 103, incarnation: 2)))
        // Of another branch, or of another one's frame, the same ordinal is another edge.
        #expect(!erasure.names(link, EdgeOrigin(sequence: 103, incarnation: 3)))
        #expect(!erasure.names(link, EdgeOrigin(sequence: 102, incarnation: 2)))
        var other = link
        other.to = 5
        #expect(!erasure.names(other, EdgeOrigin(sequence: 103, incarnation: 2)))
        let short = Array(frame.content.columns.prefix(48))
        #expect(EdgeErasure(short, type: type) == nil)
        #expect(EdgeErasure(frame.content.columns, type: StoreFrameType.unlink) == nil)
    }

    @Test func aDeleteFrameIsWrittenAndRead() throws {
        let put = try put()
        let place = LogPlace(segment: 3, offset: 4096)
        let entry = OrdinalEntry(
            place: place.bits,
            birth: 102,
            owner: 1,
            collection: 1,
            flags: 0
        )
        let change = PlannedChange.delete(
            PlannedDelete(
                ordinal: 7,
                collection: put.collection,
                old: OldVersion(entry: entry, record: put.record, frameBytes: 100)
            )
        )
        let frame = try holdFrame(try change.frame(schemaVersion: 1), "delete", 105)
        let columns = try PlainColumns(frame.content.columns)
        #expect(columns.ordinal == 7 && columns.kind == 1 && columns.previous == place)
        guard case .delete(var delete) = change else { return }
        let identity = LogIdentity(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
        delete.erasure = ErasureMark(
            put.record.key,
            1,
            VersionOrigin(sequence: 102, incarnation: 2, isFirst: true),
            identity,
            line: [fork]
        )
        let erase = PlannedChange.delete(delete)
        let erased = try holdFrame(try erase.frame(schemaVersion: 1), "erase", 105)
        let check = ErasureCheck.of(put.record.key, in: 1, of: identity)
        let columnsOfErase = try PlainColumns(erased.content.columns)
        #expect(columnsOfErase.from == check && columnsOfErase.to == 102)
        let erasure = Erasure(
            erased.content.columns,
            type: StoreFrameType.erase,
            sequence: 105,
            incarnation: 2
        )
        let version = VersionOrigin(sequence: 102, incarnation: 2, isFirst: true)
        #expect(erasure?.newest == version)
        #expect(erasure?.names(put.record.key, version, in: identity) == true)
        #expect(erasure?.names(.text("other"), version, in: identity) == false)
        // Behind a fork, of a record that was replaced.
        let replaced = VersionOrigin(sequence: 102, incarnation: 2, isFirst: false)
        delete.erasure = ErasureMark(put.record.key, 1, replaced, identity, line: [fork])
        let behind = PlannedChange.delete(delete)
        let forked = try holdFrame(try behind.frame(schemaVersion: 1), "erase-forks", 105)
        let read = Erasure(
            forked.content.columns,
            type: StoreFrameType.erase,
            sequence: 105,
            incarnation: 2
        )
        #expect(read?.newest == replaced && read?.forks == [fork])
        // As it was written first.
        let narrow = try page.example("erase-23")
        let shown = try PlainColumns(Array(narrow.dropFirst(72)))
        #expect(shown.from == ErasureCheck.narrow(put.record.key, in: 1))
    }

    private let fork = Fork(stop: 99, kept: 1, first: 2)

    @Test func aForkFrameIsWrittenAndRead() throws {
        let change = PlannedChange.fork(fork)
        let frame = try holdFrame(try change.frame(schemaVersion: 1), "fork", 100)
        #expect(Fork(frame) == fork)
    }

    @Test func aWithdrawalFrameIsWrittenAndRead() throws {
        let planned = PlannedWithdrawal(collection: try put().collection, ordinals: [6, 7])
        let change = PlannedChange.withdraw(planned)
        let frame = try holdFrame(try change.frame(schemaVersion: 1), "withdrawal", 105)
        let content = try #require(WithdrawalContent(frame.content))
        #expect(content.collection == 1 && content.ordinals == [6, 7])
        // More records than it says, none, and bytes behind them.
        var wrong = frame.content
        wrong.columns[8] = 3
        #expect(WithdrawalContent(wrong) == nil)
        wrong = frame.content
        wrong.body = [0, 0, 0, 0]
        wrong.columns[8] = 0
        #expect(WithdrawalContent(wrong) == nil)
        wrong = frame.content
        wrong.body.append(0)
        #expect(WithdrawalContent(wrong) == nil)
    }

    private let fields: [(number: UInt16, value: Value)] = [
        (1, .text("ann/work")),
        (2, .text(String(repeating: "green tea, black tea, ", count: 3) + "no tea")),
    ]

    private func plainBody() throws -> [UInt8] {
        try Value.encodeFields(fields.map { ($0.number, $0.value) })
    }

    private func put() throws -> PlannedPut {
        let collection = try Catalog().adding(schema).collection("notes")
        let (body, plainCount) = FrameBody.compress(try plainBody())
        let entry = OrdinalEntry(
            place: LogPlace(segment: 2, offset: 8192).bits,
            birth: 50,
            owner: 1,
            collection: 1,
            flags: 0
        )
        let record = StoredRecord(
            key: .text("a"),
            owner: 1,
            expiresAt: 1_800_000_000_000_000,
            fields: fields,
            vectors: [
                StoredVector(
                    field: 3,
                    element: .float16,
                    bytes: [0, 0x3c, 0, 0xc0, 0, 0x38]
                )
            ]
        )
        return PlannedPut(
            ordinal: 7,
            collection: collection,
            record: record,
            old: OldVersion(entry: entry, record: record, frameBytes: 100),
            body: body,
            plainCount: plainCount
        )
    }

    @Test func bodiesComeBack() throws {
        let plain = try plainBody()
        let (body, plainCount) = FrameBody.compress(plain)
        #expect(body.count < plain.count && Int(plainCount) == plain.count)
        #expect(
            FrameBody.plain(
                FrameContent(type: 18, body: body, plainCount: plainCount),
                limit: 100
            ) == plain
        )
        let short = [UInt8](repeating: 7, count: 63)
        #expect(FrameBody.compress(short).plainCount == 0)
    }

    private func edge(_ body: [UInt8]) -> PlannedEdge {
        PlannedEdge(ordinal: 8, type: 5, from: 7, to: 6, owner: 1, body: body, plainCount: 0)
    }

    /// Writes the frame into segment 3 and holds it against the page, then reads the page's.
    private func holdFrame(
        _ content: FrameContent,
        _ name: String,
        _ sequence: UInt64
    ) throws
        -> Frame
    {
        var writer = ByteWriter()
        let head = FrameHead(
            content,
            sequence: sequence,
            time: 1_700_000_000_000_000,
            epoch: 0,
            incarnation: 2
        )
        _ = head.append(content, segment: 3, to: &writer)
        try page.expect(writer.bytes, name)
        let shown = try page.example(name)
        let read = try FrameHead(shown)
        let whole = Array(shown.prefix(Int(read.length)))
        return try #require(
            Frame(read, verifying: whole, place: LogPlace(segment: 3, offset: 4096))
        )
    }

    // MARK: State

    @Test func aStateIsWrittenAndRead() throws {
        var roots = StoreRoots(tree: PageID(bits: 4), adjacency: PageID(bits: 5))
        roots.nextOrdinal = 9
        roots.nextOwner = 2
        roots.nextKeys = [9: 12, 11: 5]
        roots.counts = [1: 2, 5: 1]
        roots.deadDocuments = 1
        roots.hasExpiring = true
        roots.cold = [ColdMention(number: 1 << 35 + 2, isComplete: true)]
        roots.forks = [fork]
        roots.dead = [3: DeadBytes(byteCount: 272, since: 1_700_000_000_000_000)]
        roots.passing = [3: 416]
        let image = StateImage(
            sequence: 106,
            position: LogPosition(place: LogPlace(segment: 3, offset: 5000 & ~7), sequence: 107),
            incarnation: 2,
            epoch: 0,
            roots: roots,
            definitions: [.schema(Schema(edgeTypes: [EdgeType("cites")]))],
            runs: [(ExtentPlace(place: 12, byteCount: 280, checksum: 77), 50...102)]
        )
        try page.expect(try image.bytes(), "state")

        let read = try StateImage(try page.example("state"))
        #expect(read.sequence == 106 && read.position == image.position)
        #expect(read.incarnation == 2 && read.epoch == 0)
        #expect(read.roots.tree == roots.tree && read.roots.adjacency == roots.adjacency)
        #expect(read.roots.vectors.isEmpty && read.roots.counts == roots.counts)
        #expect(read.roots.nextKeys == [9: 12, 11: 5] && read.roots.nextOwner == 2)
        #expect(read.roots.nextOrdinal == 9 && read.roots.deadDocuments == 1)
        #expect(read.roots.cold == roots.cold && read.roots.dead == roots.dead)
        #expect(read.roots.passing == [3: 416])
        #expect(read.roots.forks == [fork])
        #expect(read.roots.hasExpiring && read.definitions == image.definitions)
        #expect(read.runs.map(\.place) == image.runs.map(\.place))
        #expect(read.runs.map(\.births) == [50...102])
    }

    /// Where the state of the page ended before what passes was counted.
    private static let stateWithoutPassing = 284

    @Test func olderStatesAreReadAndNewerOnesAreNot() throws {
        var bytes = try page.example("state")
        let newest = try StateImage(bytes)
        bytes[0] = 2
        let older = try StateImage(bytes)
        #expect(older.sequence == newest.sequence && older.roots.dead == newest.roots.dead)
        #expect(older.roots.passing.isEmpty && older.roots.forks == [])
        // Without forks it is written as before.
        bytes[0] = 3
        let unforked = Array(bytes[..<256] + bytes[Self.stateWithoutPassing...])
        #expect(try StateImage(unforked).roots.forks == [])
        #expect(try StateImage(unforked).roots.passing == [3: 416])
        #expect(try StateImage(unforked).bytes() == unforked)
        let earlier = try StateImage(Array(bytes[..<256]))
        #expect(earlier.roots.dead == newest.roots.dead && earlier.roots.passing.isEmpty)
        bytes[0] = 11
        #expect {
            try StateImage(bytes)
        } throws: { error in
            if case StoreError.pages(.newer(version: 11)) = error { true } else { false }
        }
    }

    @Test func aStateWithVectorFieldsIsWrittenAndRead() throws {
        let plain = try page.example("state")
        var image = try StateImage(plain)
        image.roots.vectors = [3: PageID(bits: 6)]
        // No builds, nothing on its way out, nothing withdrawn, nothing archived.
        let end = [UInt8](repeating: 0, count: 16)
        var shown = plain[..<88] + (try page.example("state-vectors")) + plain[92...] + end
        shown[0] = 10
        #expect(try image.bytes() == Array(shown))
        let read = try StateImage(Array(shown))
        #expect(read.roots.vectors == [3: PageID(bits: 6)] && read.olderVersion == nil)
        // Where heads had no layout it is otherwise the same.
        for version in 8...9 as ClosedRange<UInt8> {
            shown[0] = version
            let older = try StateImage(Array(shown))
            #expect(try older.bytes() == image.bytes() && older.olderVersion == nil)
        }
        #expect(read.roots.counts == image.roots.counts && read.runs.count == 1)
        // What programs before wrote names trees of codes; the rest is believed.
        for version in 4...7 as ClosedRange<UInt8> {
            shown[0] = version
            let older = try StateImage(Array(shown))
            #expect(older.olderVersion == UInt32(version) && older.position == image.position)
        }
        #expect(try StateImage(plain).olderVersion == nil)
    }

    @Test func aStateWithPacksIsWrittenAndRead() throws {
        let plain = try page.example("state")
        var image = try StateImage(plain)
        let packs = try page.example("state-packs")
        let cold = [ColdMention(number: 1 << 35 + 2, isComplete: true, hasPacks: true)]
        image.roots.cold = cold
        // No builds, nothing on its way out, nothing withdrawn, nothing archived.
        let end = [UInt8](repeating: 0, count: 16)
        var shown = Array(plain[..<212] + packs + plain[(212 + packs.count)...] + end)
        shown[0] = 9
        #expect(try image.bytes() == shown)
        #expect(try StateImage(shown).roots.cold == cold)
        // With a vector field it names its head page, and says that this has a layout.
        image.roots.vectors = [3: PageID(bits: 6)]
        let vectors = try page.example("state-vectors")
        shown = Array(shown[..<88]) + vectors + Array(shown[92...])
        shown[0] = 10
        #expect(try image.bytes() == shown)
        let read = try StateImage(shown)
        #expect(read.roots.cold == cold && read.roots.vectors == [3: PageID(bits: 6)])
        #expect(read.olderVersion == nil && read.roots.dead == image.roots.dead)
        // Versions before know of no packs.
        for version in 4...8 as ClosedRange<UInt8> {
            shown[0] = version
            #expect(throws: StoreError.self) { _ = try StateImage(shown) }
        }
    }

    @Test func aStateWithWithdrawnRecordsIsWrittenAndRead() throws {
        var image = try StateImage(try page.example("state"))
        image.roots.building = [4: IndexProgress(collection: 1, next: 3, end: 9)]
        image.roots.leaving = [7: 1]
        image.roots.withdrawn = [6, 7]
        let before = try page.example("state") + page.example("state-builds")
        var shown = before + (try page.example("state-withdrawn"))
        shown[0] = 6
        #expect(try image.bytes() == shown)
        #expect(try StateImage(shown).roots.withdrawn == [6, 7])
        for count in before.count..<shown.count {
            #expect(throws: StoreError.self) { try StateImage(Array(shown.prefix(count))) }
        }
        // No ordinal is 0, and none is as high as the next one.
        for wrong: IDBitmap in [[0, 6], [6, 9]] {
            image.roots.withdrawn = wrong
            let bytes = try image.bytes()
            #expect(throws: StoreError.self) { try StateImage(bytes) }
        }
    }

    @Test func aStateWithArchivedRecordsIsWrittenAndRead() throws {
        var image = try StateImage(try page.example("state"))
        image.roots.building = [4: IndexProgress(collection: 1, next: 3, end: 9)]
        image.roots.leaving = [7: 1]
        image.roots.withdrawn = [6, 7]
        let archived: [UInt64: ArchivedAmount] = [
            3: ArchivedAmount(records: 1, bytes: 300),
            1 << 35 | 2: ArchivedAmount(records: 1, bytes: 500),
        ]
        image.roots.archived = archived
        let before =
            try page.example("state") + page.example("state-builds")
            + page.example("state-withdrawn")
        var shown = before + (try page.example("state-archived"))
        shown[0] = 7
        #expect(try image.bytes() == shown)
        #expect(try StateImage(shown).roots.archived == archived)
        #expect(try StateImage(shown).roots.withdrawn == [6, 7])
        for count in before.count..<shown.count {
            #expect(throws: StoreError.self) { try StateImage(Array(shown.prefix(count))) }
        }
        // Behind where the replay begins, and a cold one that does not count.
        for wrong in [4, 1 << 35 | 3] as [UInt64] {
            image.roots.archived = [wrong: ArchivedAmount(records: 1, bytes: 1)]
            let bytes = try image.bytes()
            #expect(throws: StoreError.self) { try StateImage(bytes) }
        }
    }

    @Test func aStateWithIndexesOnTheirWayIsWrittenAndRead() throws {
        var image = try StateImage(try page.example("state"))
        image.roots.building = [4: IndexProgress(collection: 1, next: 3, end: 9)]
        image.roots.leaving = [7: 1]
        var shown = try page.example("state") + page.example("state-builds")
        shown[0] = 5
        #expect(try image.bytes() == shown)
        let read = try StateImage(shown)
        #expect(read.roots.building == image.roots.building && read.roots.leaving == [7: 1])
        for count in (try page.example("state").count)..<shown.count {
            #expect(throws: StoreError.self) { try StateImage(Array(shown.prefix(count))) }
        }
        // Further than the end, and the end behind the next ordinal and the sequence; of which of
        // these it is, the catalog tells.
        for (next, end) in [(UInt64(10), UInt64(9)), (0, 9), (3, 107), (0, 0)] {
            image.roots.building = [4: IndexProgress(collection: 1, next: next, end: end)]
            let bytes = try image.bytes()
            #expect(throws: StoreError.self) { try StateImage(bytes) }
        }
    }

    @Test func aDropIsWrittenAndRead() throws {
        let drop = Definition.drop(.index(collection: "notes", name: "byCount"))
        try page.expect(try SchemaCoding.encode(drop), "drop")
        #expect(try SchemaCoding.decode(try page.example("drop")) == drop)
    }

    @Test func aSwitchIsWrittenAndRead() throws {
        let change = VectorSwitch("notes", "meaning", to: "meaning2", keepingOldAs: "meaning1")
        let definition = Definition.switchVector(change)
        try page.expect(try SchemaCoding.encode(definition), "switch")
        #expect(try SchemaCoding.decode(try page.example("switch")) == definition)
    }

    @Test func theStatesPlaceIsWrittenAndRead() {
        let place = ExtentPlace(place: 2, byteCount: 3, checksum: 4)
        let bytes = StatePayload.bytes(place)
        #expect(bytes == [2, 3, 4].flatMap { [$0, 0, 0, 0, 0, 0, 0, 0] })
        #expect(StatePayload.place(bytes) == place)
        #expect(StatePayload.place(Array(bytes.dropLast())) == nil)
    }

    @Test func everyTruncatedStateIsRefused() throws {
        let shown = try page.example("state")
        for count in 0..<shown.count where count != Self.stateWithoutPassing {
            #expect(throws: StoreError.self) { try StateImage(Array(shown.prefix(count))) }
        }
    }

    // MARK: Keys

    @Test func whatNamesAndJoinsStandsWhereThePageSays() throws {
        let schema = Schema(
            collections: [
                Collection(
                    "notes",
                    fields: [Field("user", .text), Field("others", .array(.text))],
                    references: [
                        ReferenceRule("others", ["others"], to: "notes"),
                        ReferenceRule("user", ["user"], to: "notes"),
                    ]
                ),
                Collection("marks", fields: []), Collection("signs", fields: []),
                Collection("words", fields: []),
            ],
            edgeTypes: [
                EdgeType("same", isUnique: true, isUndirected: true), EdgeType("cites"),
                EdgeType("next", isUnique: true),
            ]
        )
        let catalog = try Catalog().adding(schema)
        let notes = try catalog.collection("notes")
        // Collections, edge types, references.
        #expect(catalog.edgeTypes.map(\.number) == [5, 6, 7])
        #expect(notes.references.map(\.number) == [8, 9])
        func record(_ fields: [(number: UInt16, value: Value)]) -> StoredRecord {
            StoredRecord(
                key: "a",
                owner: 0,
                expiresAt: OrdinalEntry.never,
                fields: fields,
                vectors: []
            )
        }
        let prefixes = notes.referencePrefixes(record([(1, "ann")]))
        #expect(prefixes.count == 1)
        try page.expect(StoreKeys.key(prefixes[0], 7), "reference-key")
        #expect(notes.referencePrefixes(record([(2, ["b", "c", "b"])])).count == 2)
        #expect(notes.referencePrefixes(record([(2, [])])).isEmpty)
        let same = try catalog.edgeType("same")
        for (from, to) in [(6, 7), (7, 6)] as [(UInt64, UInt64)] {
            try page.expect(try #require(EdgePair(same, from: from, to: to)).key, "pair-key")
        }
        let usage = UsageKey(1, 7).bytes + UsageAmount(count: 3, bytes: 412).value
        try page.expect(usage, "usage")
        let next = try catalog.edgeType("next")
        let turned = try #require(EdgePair(next, from: 7, to: 6))
        #expect((turned.from, turned.to) == (7, 6))
        #expect(EdgePair(try catalog.edgeType("cites"), from: 6, to: 7) == nil)
    }

    @Test func keysStandWhereThePageSays() throws {
        #expect(StoreKeys.owner("ann") == [0, 0, 0, 1] + Array("ann".utf8))
        #expect(StoreKeys.ownerName(258) == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 2])
        #expect(StoreKeys.value(258) == [2, 1, 0, 0, 0, 0, 0, 0])
        #expect(
            StoreKeys.record(1, .text("a")) == [0, 1, 0, 0, 0x30, 0x61, 0, 1]
        )
        let put = try put()
        let keys = StoreKeys.indexes(put.collection, put.record, 7)
        let ordinal: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 7]
        #expect(keys.count == 2)
        #expect(keys.first == [0, 1, 0, 4, 0x30] + Array("ann/work".utf8) + [0, 1] + ordinal)
        let instant: [UInt8] = [0x20, 0x80, 0x06, 0x65, 0x17, 0x28, 0x98, 0x80, 0x00]
        #expect(keys.last == [0, 0, 0, 3] + instant + ordinal)
    }
}
