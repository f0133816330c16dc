// The one error that leaves a door.

/// What went wrong and what to do about it.
public struct MnemeError: Error, Hashable, Sendable {
    /// The number by which programs tell errors apart.
    public let code: Code
    /// What went wrong and what to do, for people.
    public let message: String
    /// What was underneath, for reports.
    public let cause: String?

    /// An error of its parts.
    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// What the caller does next.
    public var action: Action { code.action }

    /// What the caller does next.
    public enum Action: String, Sendable {
        /// The same request may succeed later.
        case retry
        /// The request is wrong, and stays so.
        case fixInput
        /// The store must be opened again, perhaps after a rebuild.
        case reopen
        /// Nothing that a caller could do; tell the makers.
        case report
    }

    /// Numbers are never given a second meaning.
    public enum Code: UInt16, Sendable, CaseIterable {
        // The request.
        case unknownCollection = 100
        case unknownField = 101
        case wrongType = 102
        case missingField = 103
        case badVector = 104
        case unknownEdgeType = 105
        case danglingEdge = 106
        case badFilter = 107
        case badSchema = 108
        case tooLarge = 109
        case badText = 110
        case notFound = 111
        case badRequest = 112
        case schemaConflict = 113
        case badOwner = 114
        case badExpression = 115
        case badCursor = 116
        // Rules of the data.
        case duplicate = 200
        case checkFailed = 201
        case missingReference = 202
        case referenced = 203
        case conditionFailed = 204
        case conflict = 205
        case noTransaction = 206
        case keyReused = 207
        case badQuery = 208
        case noHistory = 209
        case quotaExceeded = 211
        case unknownZone = 210
        case badPath = 212
        case readOnlyCollection = 213
        case vectorsMissing = 214
        case wrongModel = 215
        case recallNotReached = 216
        case missingRole = 217
        case badJob = 218
        case sessionEnded = 219
        case leaseLost = 223
        // Who asks.
        case forbidden = 226
        case tokenExpired = 227
        case tooManyLogins = 228
        case tlsRequired = 229
        // The store.
        case outcomeUnknown = 300
        case readOnly = 301
        case busy = 302
        case snapshotTooOld = 303
        case closed = 304
        case outOfMemory = 305
        case horizonPassed = 306
        // Files.
        case notAStore = 400
        case newerFormat = 401
        case corrupt = 402
        case diskFull = 403
        case denied = 404
        case disk = 405
        case exists = 406
        case damagedLog = 407
        case badBackup = 408
        case notExact = 409
        case badKey = 410
        // The connection.
        case cancelled = 500
        case deadlineExceeded = 501
        case badFrame = 502
        case unsupportedVersion = 503
        case tooManyRequests = 504
        case disconnected = 505
        case unknownStore = 506
        case shuttingDown = 507
        case unauthenticated = 508

        /// What the caller does next.
        public var action: Action {
            switch rawValue {
            case 205, 228: .retry
            case 100..<300: .fixInput
            case 302, 303, 305, 403: .retry
            case 300, 301, 304: .reopen
            case 306: .fixInput
            case 400, 401, 404, 406, 408, 409, 410: .fixInput
            case 402, 505: .reopen
            case 500, 501, 504, 507: .retry
            case 503, 506, 508: .fixInput
            default: .report
            }
        }
    }
}

extension MnemeError: CustomStringConvertible {
    /// Message, code, action and cause in one line.
    public var description: String {
        "\(message) [\(code), code \(code.rawValue), \(action.rawValue)]"
            + (cause.map { " (\($0))" } ?? "")
    }
}
