// Numbers of requests: formats/wire.md#opcodes. Never reused.

package import MnemeModel

/// What a request asks for, as a number.
package enum RequestKind: UInt16, Sendable, CaseIterable {
    case define = 1
    case describe = 2
    case commit = 3
    case get = 4
    case find = 5
    case walk = 6
    case path = 7
    case openSession = 8
    case appendToSession = 9
    case endSession = 10
    case remember = 11
    case recall = 12
    case relate = 13
    case forget = 14
    case statistics = 15
    case verify = 16
    case checkpoint = 17
    case backup = 18
    case begin = 19
    case inside = 20
    case commitTransaction = 21
    case rollback = 22
    case count = 23
    case claim = 24
    case watch = 25
    case history = 26
    case drop = 27
    case deleteWhere = 30
    case usage = 31
    case purge = 32
    case pattern = 33
    case audit = 34
    case switchVector = 35
    case checkVectors = 36
    case paths = 37
    case runGraph = 38
    case graphJob = 39
    case sessionContext = 40
    case rehydrate = 41
    case episodes = 42
    case procedure = 43
    case document = 44
    case touch = 48
    case supersede = 49
    case pin = 50
    case why = 51
    case upkeep = 52
    case prune = 53
    case schedule = 56
    case dueEvents = 57
    case claimEvents = 58
    case settleEvent = 59
    case setScalar = 60
    case scalars = 61

    /// The operation of a request.
    package init(_ request: Request) {
        self =
            switch request {
            case .once(_, let request): RequestKind(request)
            case .claim: .claim
            case .define: .define
            case .describe: .describe
            case .commit, .signed: .commit
            case .get, .getBy: .get
            case .find: .find
            case .walk: .walk
            case .path: .path
            case .paths: .paths
            case .openSession: .openSession
            case .appendToSession: .appendToSession
            case .endSession: .endSession
            case .remember: .remember
            case .recall: .recall
            case .relate: .relate
            case .forget: .forget
            case .statistics: .statistics
            case .verify: .verify
            case .checkpoint: .checkpoint
            case .backup: .backup
            case .begin: .begin
            case .inside: .inside
            case .commitTransaction: .commitTransaction
            case .rollback: .rollback
            case .count: .count
            case .drop: .drop
            case .switchVector: .switchVector
            case .deleteWhere: .deleteWhere
            case .history: .history
            case .audit: .audit
            case .watch: .watch
            case .usage: .usage
            case .purge: .purge
            case .pattern: .pattern
            case .checkVectors: .checkVectors
            case .sessionContext: .sessionContext
            case .rehydrate: .rehydrate
            case .episodes: .episodes
            case .procedure: .procedure
            case .document: .document
            case .touch: .touch
            case .supersede: .supersede
            case .pin: .pin
            case .why: .why
            case .upkeep: .upkeep
            case .prune: .prune
            case .schedule: .schedule
            case .dueEvents: .dueEvents
            case .claimEvents: .claimEvents
            case .settleEvent: .settleEvent
            case .setScalar: .setScalar
            case .scalars: .scalars
            case .runGraph: .runGraph
            case .graphJob: .graphJob
            }
    }

    /// Whether it may change what the store holds.
    package var isWrite: Bool {
        switch self {
        case .describe, .get, .find, .walk, .path, .recall, .statistics, .verify,
            .checkpoint, .backup, .begin, .inside, .rollback, .count, .history, .watch,
            .usage, .pattern, .checkVectors, .sessionContext, .rehydrate, .episodes, .why,
            .upkeep, .paths, .dueEvents, .scalars:
            false
        case .define, .commit, .openSession, .appendToSession, .endSession, .remember, .relate,
            .forget, .commitTransaction, .claim, .drop, .audit, .purge, .deleteWhere,
            .switchVector, .procedure, .document, .touch, .supersede, .pin, .prune, .schedule,
            .claimEvents, .settleEvent, .setScalar, .runGraph, .graphJob:
            true
        }
    }

    /// Whether it belongs to a transaction, and so to the connection that began it; what it does
    /// there is done even where it changes nothing yet that others see.
    package var isTransactional: Bool {
        switch self {
        case .begin, .inside, .commitTransaction, .rollback: true
        default: false
        }
    }
}
