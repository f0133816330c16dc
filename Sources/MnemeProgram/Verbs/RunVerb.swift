// mneme run

internal import Mneme
internal import MnemeCommandLine

/// Performs all requests of a file.
enum RunVerb {
    private static let file = Parameter(
        argument: "FILE",
        .text("FILE"),
        "a file of requests in JSON: one a line, or all in one array"
    )
    private static let isWhole = Parameter(
        flag: "transaction",
        "performs all of them or none, in one transaction: describe, get, find, count, walk, path, "
            + "pattern and commit"
    )
    private static let creates = Parameter(
        flag: "create",
        "makes the store where it is not there"
    )

    static let command = Command(
        "run",
        "Performs all requests of a file, in their order",
        details: [
            "The requests are those of perform. All of them are read before the first is "
                + "performed: where one is misspelled, its line is named and nothing is done.",
            "Each answer comes on a line of its own, behind the line of its request; long ones are "
                + "cut, but with --json, where there is nothing but the answers. The first "
                + "request that fails ends it, and its line is named: what was done before "
                + "it stays, but with --transaction, where nothing does. With --transaction "
                + "commits are waited for as --durability says, at the end; else as each says.",
        ],
        parameters: [file.declaration] + StoreOption.declarations + [
            isWhole.declaration, creates.declaration, StoreOption.durability.declaration,
        ],
        examples: [
            "run requests.jsonl --store notes.mneme",
            "run requests.jsonl --transaction --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let requests = try RequestFile(invocation[file])
        let isWhole = invocation[isWhole]
        let total = try requests.each { (line, request) throws(Failure) in
            guard isWhole, request.belongsToTransactions else { return }
            throw requests.failure(
                line,
                MnemeError(
                    .badRequest,
                    "with --transaction the program begins and ends the one transaction; leave "
                        + "this out"
                )
            )
        }
        let durability = StoreOption.durability(invocation)
        try StoreOption.with(invocation, creating: invocation[creates], takesLong: true) { memory in
            var performance = Performance(memory, requests, durability, Output(invocation))
            // On a terminal the answers themselves show how far it is.
            let isSilent = StandardStreams.outputIsTerminal && !invocation[Tool.progress]
            var meter =
                isSilent ? nil : Tool.meter("run", unit: "requests", total: total, invocation)
            defer { meter?.finish() }
            if isWhole { try performance.begin() }
            var done = 0
            try requests.each { (line, request) throws(Failure) in
                try performance.perform(request, of: line)
                done += 1
                meter?.advance(to: done, of: total)
            }
            if isWhole { try performance.commit() }
            Output(invocation).say(["Performed \(Figures.count(total, "request"))."])
        }
    }
}

/// The requests of a file while they are performed.
private struct Performance {
    private let door: any BlockingDoor
    private let file: RequestFile
    private let durability: Durability?
    private let output: Output
    private var transaction: BlockingTransaction?
    private var count = 0

    init(
        _ door: any BlockingDoor,
        _ file: RequestFile,
        _ durability: Durability?,
        _ output: Output
    ) {
        self.door = door
        self.file = file
        self.durability = durability
        self.output = output
    }

    mutating func begin() throws(MnemeError) { transaction = try door.begin() }

    mutating func perform(_ request: Request, of line: Int) throws(Failure) {
        do throws(MnemeError) {
            let asked = transaction.map { Request.inside(transaction: $0.id, request) } ?? request
            let response = try door.perform(asked, durability: durability)
            count += 1
            output.put(response, answering: request) {
                ["\(line): \(TextFlow.shortened(response.json(), to: 300))"]
            }
        } catch {
            // It ends with the store or the connection anyway.
            try? transaction?.rollback()
            throw file.failure(line, error, before)
        }
    }

    mutating func commit() throws(Failure) {
        guard let transaction else { return }
        let response: Response
        do throws(MnemeError) {
            response = Response.committed(try transaction.commit(durability ?? .synced))
        } catch {
            throw file.failure(error)
        }
        output.put(response) { [TextFlow.shortened(response.json(), to: 300)] }
    }

    /// What became of the requests before one that fails.
    private var before: String {
        if transaction != nil { return " Nothing was changed." }
        return switch count {
        case 0: " Nothing was done before it."
        case 1: " What the request before it did stays."
        default: " What the \(Figures.count(count)) requests before it did stays."
        }
    }
}

extension Request {
    /// Whether it begins, uses or ends a transaction.
    fileprivate var belongsToTransactions: Bool {
        switch self {
        case .begin, .inside, .commitTransaction, .rollback, .once(_, .commitTransaction): true
        default: false
        }
    }
}
