// Numbers of responses: formats/wire.md#opcodes. Never reused.

package import MnemeModel

/// What a response is, as a number.
package enum ResponseKind: UInt16, Sendable, CaseIterable {
    case done = 1
    case schema = 2
    case committed = 3
    case records = 4
    case found = 5
    case walked = 6
    case path = 7
    case session = 8
    case remembered = 9
    case recalled = 10
    case forgotten = 11
    case statistics = 12
    case verified = 13
    case backedUp = 14
    case began = 15
    case counted = 16
    case claimed = 17
    case watched = 18
    case history = 19
    case deletedWhere = 21
    case usage = 22
    case purged = 23
    case audited = 24
    case matched = 25
    case vectorsChecked = 27
    case context = 31
    case rehydrated = 32
    case paths = 33
    case graphJob = 34
    case touched = 37
    case provenance = 38
    case candidates = 39
    case events = 43
    case scalars = 44

    /// The number of a response.
    package init(_ response: Response) {
        self =
            switch response {
            case .done: .done
            case .schema: .schema
            case .committed: .committed
            case .records: .records
            case .found: .found
            case .walked: .walked
            case .path: .path
            case .paths: .paths
            case .session: .session
            case .remembered: .remembered
            case .recalled: .recalled
            case .forgotten: .forgotten
            case .statistics: .statistics
            case .verified: .verified
            case .backedUp: .backedUp
            case .began: .began
            case .counted: .counted
            case .claimed: .claimed
            case .history: .history
            case .watched: .watched
            case .audited: .audited
            case .usage: .usage
            case .purged: .purged
            case .matched: .matched
            case .deletedWhere: .deletedWhere
            case .vectorsChecked: .vectorsChecked
            case .context: .context
            case .rehydrated: .rehydrated
            case .touched: .touched
            case .provenance: .provenance
            case .candidates: .candidates
            case .events: .events
            case .scalars: .scalars
            case .graphJob: .graphJob
            }
    }
}
