// mneme compact, and the proofs of mneme verify --erased, --erased-edge and --erased-owner

internal import Mneme
internal import MnemeCommandLine
internal import MnemeStore

/// Takes out of the files what is not needed any more.
enum CompactVerb {
    private static let connect = Parameter<String?>(
        option: "connect",
        .text("ADDRESS"),
        "is refused: a server compacts its stores by itself"
    )

    private static let isDry = Parameter(
        flag: "dry-run",
        "tells how many bytes nobody needs any more, and changes nothing"
    )

    static let command = Command(
        "compact",
        "Takes what was deleted or replaced out of the files",
        details: [
            "An open store does this by itself, behind everything else: soon where it gains much "
                + "room, and within seven days in any case. Afterwards no frame of the log and no "
                + "page holds anything that was deleted or replaced, or has expired, before, and "
                + "bytes that nothing uses are zero. Backups that were made before keep what they "
                + "have."
        ],
        parameters: [
            StoreOption.directory.declaration, connect.declaration, KeyOption.file.declaration,
            isDry.declaration,
        ],
        examples: [
            "compact --store wordnet.mneme", "compact --dry-run --store wordnet.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard let directory = invocation[StoreOption.directory], !invocation.has(connect) else {
            throw CommandLineError(
                "compact works on the directory of a store that nobody has open, and not over a "
                    + "connection; a server compacts its stores by itself. End the server, then "
                    + "give the directory alone: compact --store ROOT/NAME."
            )
        }
        if invocation[isDry] { return try measure(invocation) }
        let watch = Stopwatch()
        // Of files that are closed: an open store has room ready for what comes.
        let before = try? DirectorySize.bytes(directory)
        let isDone = try StoreOption.with(invocation, takesLong: true) { door in
            guard let memory = door.memory else { return false }
            var meter = Tool.meter("compact", unit: "bytes", invocation)
            defer { meter.finish() }
            return try memory.compact { meter.advance(to: $0) }
        }
        let after = try DirectorySize.bytes(directory)
        let seconds = watch.seconds
        Output(invocation).put(.done) {
            [
                "Compacted in \(Figures.seconds(seconds)): \(Figures.bytes(before ?? after)) "
                    + "before, \(Figures.bytes(after)) now."
                    + (isDone ? "" : " Some of it is still in use, and goes later.")
            ]
        }
    }
}

extension CompactVerb {
    /// Tells what would go.
    fileprivate static func measure(_ invocation: Invocation) throws {
        try StoreOption.with(invocation) { door in
            guard let memory = door.memory else { return }
            let dead = try memory.inspector.deadBytes()
            let free = try memory.statistics().freePageBytes
            let object: Value = [
                "dryRun": true, "logBytes": .int(Int64(dead)), "freePageBytes": .int(Int64(free)),
            ]
            Output(invocation).put(object) {
                [
                    "At least \(Figures.bytes(dead)) of the log are of deleted, replaced or "
                        + "expired records and would go; \(Figures.bytes(free)) of the page file "
                        + "are free; nothing was changed."
                ]
            }
        }
    }
}

extension VerifyVerb {
    static let erased = Parameter<String?>(
        option: "erased",
        .text("COLLECTION/KEY"),
        "looks, instead, for whatever is left of a record that was deleted: a frame of the log "
            + "that carries it, and bytes that nothing uses and that are not zero. Where there is "
            + "none, nothing tells either whether the record was ever there"
    )

    static let erasedEdge = Parameter<Int?>(
        option: "erased-edge",
        .int("EDGE", in: 0...Int.max),
        "looks, instead, for whatever is left of an edge that was erased, by its number: its link, "
            + "and what its type has kept of it; as --erased does for a record"
    )

    static let erasedOwner = Parameter<String?>(
        option: "erased-owner",
        .text("PATH"),
        "looks, instead, for whatever is left of an owner that was purged, and of those below it; "
            + "as --erased does for a record. The owner's name stays"
    )

    /// What is looked for.
    enum Remains {
        /// A record, by what it is called.
        case record(String)
        case edge(UInt64)
        case owner(String)

        var name: String {
            switch self {
            case .record(let name), .owner(let name): name
            case .edge(let number): "edge \(number)"
            }
        }
    }

    /// Looks for what is left of something.
    static func prove(_ remains: Remains, _ invocation: Invocation) throws {
        let watch = Stopwatch()
        try StoreOption.with(invocation, takesLong: true) { door in
            guard let memory = door.memory else {
                throw CommandLineError(
                    "verify --erased, --erased-edge and --erased-owner read the files of a store: "
                        + "give its directory, and no connection."
                )
            }
            var reference: Reference?
            if case .record(let name) = remains {
                reference = try RecordArguments.reference(name, in: memory)
            }
            var meter = Tool.meter("verify", unit: "frames", total: nil, invocation)
            let proof: ErasureProof
            if let reference {
                proof = try memory.erasureProof(of: reference) { meter.advance(to: $0) }
            } else if case .edge(let number) = remains {
                proof = try memory.erasureProof(ofEdge: number) { meter.advance(to: $0) }
            } else {
                proof = try memory.erasureProof(ofOwner: remains.name) { meter.advance(to: $0) }
            }
            meter.finish()
            let seconds = watch.seconds
            Output(invocation).put(spelling(proof)) { lines(proof, remains.name, seconds) }
            guard proof.isErased else {
                throw Failure(advice(proof), code: proof.isAlive ? .exists : .corrupt)
            }
        }
    }

    private static func lines(_ proof: ErasureProof, _ name: String, _ seconds: Double) -> [String]
    {
        var lines = proof.isAlive ? ["✗ \(name) is there: it was not deleted"] : []
        lines += (proof.damage + proof.findings + proof.waiting).flatMap {
            ValueLayout.block($0, behind: "✗ ")
        }
        let frames = Figures.count(proof.frames, "frame")
        lines.append(
            "Read \(frames) and every byte beside them in \(Figures.seconds(seconds)): "
                + (proof.isErased
                    ? "no frame carries \(name), and every byte that nothing uses is zero."
                    : "it is not proven that nothing of \(name) is left.")
        )
        if proof.isErased { lines.append("Nothing tells whether it was ever there.") }
        return lines
    }

    /// What to do where it is not proven.
    static func advice(_ proof: ErasureProof) -> String {
        guard proof.damage.isEmpty else {
            return "Nobody can tell what stands in damaged pages, and mneme compact fails on them. "
                + "Run mneme rebuild, which derives them again from the log; then "
                + (proof.isAlive ? "delete the \(noun(proof)), which is there, and run" : "run")
                + " mneme compact, and this again."
        }
        return proof.isAlive
            ? "The \(noun(proof)) is there. "
                + (proof.edge == nil ? "Delete it" : "Erase it by mneme unlink --erase")
                + ", then run mneme compact, and this again."
            : "mneme compact takes out of the files what was deleted; then run this again."
    }

    private static func noun(_ proof: ErasureProof) -> String {
        proof.edge == nil ? "record" : "edge"
    }

    private static func spelling(_ proof: ErasureProof) -> Value {
        let subject: (String, Value) =
            if let edge = proof.edge {
                ("edge", .int(Int64(clamping: edge)))
            } else if let owner = proof.owner {
                ("owner", .text(owner))
            } else {
                ("record", .text(proof.reference.map { "\($0)" } ?? ""))
            }
        return .map([
            subject.0: subject.1,
            "frames": .int(Int64(proof.frames)),
            "alive": .bool(proof.isAlive), "erased": .bool(proof.isErased),
            "findings": .array(proof.findings.map(Value.text)),
            "damage": .array(proof.damage.map(Value.text)),
            "waiting": .array(proof.waiting.map(Value.text)),
        ])
    }
}
