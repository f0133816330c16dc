// What a server has to say of itself, before anybody has made a line of it. No event has values of
// records, tokens or keys; what others sent (names, addresses, messages of errors) is in fields,
// and the line is made so that it stays in them.

internal import MnemeBase
package import MnemeModel

/// Something that happened in a server.
package struct LogEvent: Sendable {
    /// How much it concerns whoever looks after the server.
    package enum Level: String, Sendable, CaseIterable, Comparable {
        case info
        case warning
        case error

        /// Whether it concerns him less than another.
        package static func < (left: Level, right: Level) -> Bool {
            left != right && (left == .info || right == .error)
        }
    }

    /// A name and what it stands for.
    package typealias Field = (name: String, value: Value)

    /// What happened.
    package let name: Name
    /// The store that it is of.
    package let store: String?
    /// The number of the connection that it is of, since the server was started.
    package let connection: UInt64?
    /// More of it, in the order of the line.
    package var fields: [Field]
    /// What takes time to find out; asked once, by whoever makes a line of the event.
    let details: (@Sendable () -> [Field])?

    /// An event of its parts.
    package init(
        _ name: Name,
        store: String? = nil,
        connection: UInt64? = nil,
        _ fields: [Field] = [],
        details: (@Sendable () -> [Field])? = nil
    ) {
        self.name = name
        self.store = store
        self.connection = connection
        self.fields = fields
        self.details = details
    }

    /// An event with a line for people.
    init(_ name: Name, store: String? = nil, message: String) {
        self.init(name, store: store, [("message", .text(message))])
    }

    /// An event of something that failed, by what.
    static func failure(
        _ name: Name,
        _ error: MnemeError,
        store: String? = nil,
        connection: UInt64? = nil,
        _ fields: [Field] = []
    ) -> LogEvent {
        var fields = fields
        fields.append(("code", .text("\(error.code)")))
        fields.append(("message", .text(error.message)))
        if let cause = error.cause { fields.append(("cause", .text(cause))) }
        return LogEvent(name, store: store, connection: connection, fields)
    }

    /// All fields, with those that take time to find out.
    package var allFields: [Field] { fields + (details?() ?? []) }
}

extension LogEvent {
    /// What happens in a server.
    package enum Name: String, Sendable, CaseIterable {
        case started
        case listening
        case draining
        case stopped
        case connectionRefused = "connection-refused"
        case connectionDropped = "connection-dropped"
        case loginRefused = "login-refused"
        case loginSlowed = "login-slowed"
        case storeOpened = "store-opened"
        case storeRefused = "store-refused"
        case storeNote = "store-note"
        case storeClosed = "store-closed"
        case storeFailed = "store-failed"
        case storeDamaged = "store-damaged"
        case diskFull = "disk-full"
        case diskHasRoom = "disk-has-room"
        case writerEnded = "writer-ended"
        case erasureOverdue = "erasure-overdue"
        case auditUnreadable = "audit-unreadable"
        case certificateRead = "certificate-read"
        case certificateUnreadable = "certificate-unreadable"
        case tokensRead = "tokens-read"
        case tokensGone = "tokens-gone"
        case tokensUnreadable = "tokens-unreadable"
        case settingsRead = "settings-read"
        case settingsWaiting = "settings-waiting"
        case settingsUnreadable = "settings-unreadable"
        case recallLow = "recall-low"
        case slowRequest = "slow-request"
        case logOpened = "log-opened"
        case logUnopened = "log-unopened"
        case linesLost = "lines-lost"

        /// How much it concerns whoever looks after the server.
        package var level: Level {
            switch self {
            case .started, .listening, .draining, .stopped, .storeOpened, .storeClosed,
                .diskHasRoom, .certificateRead, .tokensRead, .settingsRead, .logOpened,
                .slowRequest:
                .info
            case .connectionRefused, .connectionDropped, .loginRefused, .loginSlowed,
                .storeRefused, .storeNote, .erasureOverdue, .auditUnreadable, .recallLow,
                .settingsWaiting, .linesLost:
                .warning
            case .storeFailed, .storeDamaged, .diskFull, .writerEnded, .certificateUnreadable,
                .tokensGone, .tokensUnreadable, .settingsUnreadable, .logUnopened:
                .error
            }
        }

        /// Whether others can have it happen as often as they like, so that it is told so often at
        /// most.
        var isOthersDoing: Bool {
            switch self {
            case .connectionRefused, .connectionDropped, .loginRefused, .loginSlowed, .storeRefused:
                true
            default: false
            }
        }
    }
}

extension Value {
    /// A duration in milliseconds with three digits behind the point.
    static func milliseconds(_ duration: Microseconds) -> Value { .float(Double(duration) / 1000) }
}

extension LogEvent.Name {
    /// What a notice of a store is in the log.
    init(_ kind: StoreNotice.Kind) {
        self =
            switch kind {
            case .damage: .storeDamaged
            case .diskFull: .diskFull
            case .diskHasRoom: .diskHasRoom
            case .writingEnded: .writerEnded
            case .erasureOverdue: .erasureOverdue
            case .auditUnreadable: .auditUnreadable
            }
    }
}
