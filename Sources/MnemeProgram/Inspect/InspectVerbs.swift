// mneme inspect log, roots, page, tree, ordinal, adjacency, postings, vectors

internal import Mneme
internal import MnemeCommandLine
internal import MnemeStore

/// What the verbs that look into files share.
enum Inspecting {
    static let limit = Parameter(
        option: "limit",
        .int(in: 1...1_000_000),
        "the most frames, entries or rows that are shown",
        default: 20
    )

    static let connect = Parameter<String?>(
        option: "connect",
        .text("ADDRESS"),
        "is refused: the files of a store are looked into where they are"
    )

    /// What a verb takes that reads files and opens no store.
    static let fileDeclarations = [StoreOption.directory.declaration, connect.declaration]

    static let bytes =
        "Bytes stand beside what the format calls them and what they mean; formats/ has the pages. "
        + "With --json they are hexadecimal digits."

    /// Prints a look.
    static func put(_ inspection: Inspection, _ invocation: Invocation) {
        let output = Output(invocation)
        let width = StandardStreams.outputIsTerminal ? LineEditor.width : Program.width
        switch output.form {
        case .lines, .table: output.say(InspectLayout.lines(inspection, width: width))
        case .json, .csv: output.put(inspection.spelling) { [] }
        }
    }

    /// The directory of a store whose files are read.
    ///
    /// - Throws: `CommandLineError` over a connection.
    static func directory(_ invocation: Invocation) throws(CommandLineError) -> String {
        guard !invocation.has(connect), let directory = invocation[StoreOption.directory] else {
            throw refusal
        }
        return directory
    }

    /// Looks into an open store.
    ///
    /// - Throws: `CommandLineError` over a connection; as opening and `look` do.
    static func with(
        _ invocation: Invocation,
        _ look: (StoreInspector, any BlockingDoor) throws -> Inspection
    ) throws {
        try StoreOption.with(invocation) { door in
            guard let memory = door.memory else { throw refusal }
            put(try look(memory.inspector, door), invocation)
        }
    }

    private static let refusal = CommandLineError(
        "inspect looks into the files of a store: give its directory, and no connection."
    )

    static let commands = [
        log, roots, pages, tree, ordinal, adjacency, postings, vectors,
    ]
}

// MARK: Files

extension Inspecting {
    private static let segment = Parameter<[String]>(
        rest: "SEGMENT",
        .text("SEGMENT"),
        "the segment's number or file; all are listed where none is given"
    )
    private static let offset = Parameter<Int?>(
        option: "at",
        .int("OFFSET", in: 0...(1 << 27)),
        "shows the frame that begins there, byte by byte"
    )
    private static let sequence = Parameter<Int?>(
        option: "sequence",
        .int("N", in: 1...Int.max),
        "shows the frame of this sequence, byte by byte"
    )

    private static let log = Command(
        "inspect log",
        "Shows the segments of the log, the frames of one, or a frame byte by byte",
        details: [
            bytes + " The files are read as they are, also while somebody has the store open, and "
                + "of a damaged store too; nothing is written or locked."
        ],
        parameters: [segment.declaration] + fileDeclarations + [
            offset.declaration, sequence.declaration, limit.declaration,
        ],
        examples: [
            "inspect log --store notes.mneme", "inspect log 1 --store notes.mneme",
            "inspect log --sequence 1 --store notes.mneme",
        ]
    ) { invocation in
        let files = FileInspector(try directory(invocation))
        let names = invocation[segment]
        guard names.count <= 1 else {
            throw CommandLineError("inspect log takes one segment. Give the others by themselves.")
        }
        if let sequence = invocation[sequence] {
            return put(try files.frame(ofSequence: UInt64(sequence)), invocation)
        }
        guard let name = names.first else {
            guard !invocation.has(offset) else {
                throw CommandLineError("--at is an offset in a segment: name it before.")
            }
            return put(try files.segments(), invocation)
        }
        if let offset = invocation[offset] {
            return put(try files.frame(of: name, at: offset), invocation)
        }
        put(try files.frames(of: name, from: nil, limit: invocation[limit]), invocation)
    }

    private static let roots = Command(
        "inspect roots",
        "Shows both root blocks of the page file, byte by byte",
        details: [
            bytes + " The newest whole one is what an opening takes. The file is read as it is; of "
                + "an encrypted store it is enciphered."
        ],
        parameters: fileDeclarations,
        examples: ["inspect roots --store notes.mneme"]
    ) { invocation in
        put(try FileInspector(try directory(invocation)).roots(), invocation)
    }
}

// MARK: States

extension Inspecting {
    private static let page = Parameter<[String]>(
        rest: "PAGE",
        .text("PAGE"),
        "tree:N, ordinals:N or arrays:N; without it, what the state is made of"
    )

    private static let pages = Command(
        "inspect page",
        "Shows a page byte by byte, where it stands in the file and what its entries mean",
        details: [bytes],
        parameters: [page.declaration] + StoreOption.readingDeclarations + [limit.declaration],
        examples: [
            "inspect page --store notes.mneme", "inspect page ordinals:0 --store notes.mneme",
        ]
    ) { invocation in
        try with(invocation) { inspector, _ in
            guard let name = invocation[page].first else { return try inspector.overview() }
            return try inspector.page(name, limit: invocation[limit])
        }
    }

    private static let tree = Command(
        "inspect tree",
        "Lists the nodes of the tree of keys, indexes and owners, from its root down",
        details: ["Each node is a page: inspect page shows its slots, cells and keys."],
        parameters: StoreOption.readingDeclarations + [limit.declaration],
        examples: ["inspect tree --store notes.mneme"]
    ) { invocation in
        try with(invocation) { inspector, _ in try inspector.tree(limit: invocation[limit]) }
    }

    private static let thing = Parameter(
        argument: "ORDINAL",
        .text("ORDINAL"),
        "an ordinal, or a record as COLLECTION/KEY"
    )

    private static let ordinal = Command(
        "inspect ordinal",
        "Shows the entry of a record or an edge in the table of ordinals, byte by byte",
        details: [bytes],
        parameters: [thing.declaration] + StoreOption.readingDeclarations,
        examples: [
            "inspect ordinal notes/tea --store notes.mneme",
            "inspect ordinal 1 --store notes.mneme",
        ]
    ) { invocation in
        try with(invocation) { inspector, door in
            try inspector.ordinal(number(invocation[thing], inspector, door))
        }
    }

    private static let adjacency = Command(
        "inspect adjacency",
        "Shows the edges of a record as the adjacency has them, byte by byte",
        details: [bytes],
        parameters: [thing.declaration] + StoreOption.readingDeclarations + [limit.declaration],
        examples: ["inspect adjacency notes/tea --store notes.mneme"]
    ) { invocation in
        try with(invocation) { inspector, door in
            try inspector.adjacency(
                of: number(invocation[thing], inspector, door),
                limit: invocation[limit]
            )
        }
    }

    private static let field = Parameter(
        argument: "FIELD",
        .text("FIELD"),
        "the field"
    )
    private static let word = Parameter(argument: "WORD", .text("WORD"), "the word")

    private static let postings = Command(
        "inspect postings",
        "Shows the documents that have a word, run by run, with their bytes",
        details: [bytes],
        parameters: [
            RecordArguments.collection.declaration, field.declaration, word.declaration,
        ] + StoreOption.readingDeclarations + [limit.declaration],
        examples: ["inspect postings memories text tea --store notes.mneme"]
    ) { invocation in
        try with(invocation) { inspector, _ in
            try inspector.postings(
                of: invocation[word],
                in: invocation[RecordArguments.collection],
                invocation[field],
                limit: invocation[limit]
            )
        }
    }

    private static let key = Parameter<[String]>(
        rest: "KEY",
        .text("KEY"),
        "a record's key; without it, the head of the index and the nodes where walks begin"
    )

    private static let vectors = Command(
        "inspect vectors",
        "Shows the code of a record's vector, its node and whom that is linked to",
        details: [bytes],
        parameters: [
            RecordArguments.collection.declaration, field.declaration, key.declaration,
        ] + StoreOption.readingDeclarations,
        examples: [
            "inspect vectors memories meaning --store notes.mneme",
            "inspect vectors memories meaning tea --store notes.mneme",
        ]
    ) { invocation in
        let collection = invocation[RecordArguments.collection]
        try with(invocation) { inspector, door in
            let reference = try invocation[key].first.map {
                try RecordArguments.reference(collection, $0, in: door)
            }
            return try inspector.vectors(of: reference, in: collection, invocation[field])
        }
    }

    private static func number(
        _ text: String,
        _ inspector: StoreInspector,
        _ door: any BlockingDoor
    ) throws -> UInt64 {
        if let number = UInt64(text) { return number }
        return try inspector.ordinal(of: RecordArguments.reference(text, in: door))
    }
}
