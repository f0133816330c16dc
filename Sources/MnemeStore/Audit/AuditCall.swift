// A request while it is answered, as the audit sees it. It goes along with the thread that works
// for it, from the door to where a batch is handed to the writer, so that nothing in between has to
// know of it; what is asked within it, by the doors' own parts, is not a request of its own.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// What is known of a request while it is answered.
package final class AuditCall: Sendable {
    /// The one that the thread works for; nil where nothing is kept.
    @TaskLocal package static var current: AuditCall?

    let setting: AuditSetting
    let asker: Asker
    let verb: String
    let author: String?
    let transaction: UInt64?
    /// Whose records it deletes by a condition, where it says whose.
    let owner: String?
    /// When it began: the time of day, and by the clock for durations.
    let time: Microseconds
    let elapsed: Microseconds
    /// What the audit is set to by it.
    let setTo: AuditSetting?
    /// Whether it changes something for others, so that the writer makes its rows.
    let makesRows: Bool
    private let hasRows = Atomic(false)

    init(
        _ setting: AuditSetting,
        _ request: Request,
        _ asker: Asker,
        time: Microseconds,
        elapsed: Microseconds
    ) {
        self.setting = setting
        self.asker = asker
        verb = request.verb
        author = request.author
        transaction = request.transaction
        if case .deleteWhere(let delete) = request { owner = delete.owner } else { owner = nil }
        self.time = time
        self.elapsed = elapsed
        if case .audit(let setting) = request { setTo = setting } else { setTo = nil }
        if case .inside = request { makesRows = false } else { makesRows = request.isChange }
    }

    /// Whether a row of it is in a commit.
    var isKept: Bool { hasRows.load(ordering: .acquiring) }

    /// A row of it is in a commit, or on its way there.
    func keep() { hasRows.store(true, ordering: .releasing) }

    /// A row of it, for one of the things that it speaks of.
    ///
    /// `elapsed`: by the clock for durations, now.
    func row(
        _ subject: AuditSubject,
        elapsed now: Microseconds,
        author signed: String? = nil
    ) -> AuditRow {
        AuditRow(
            at: time,
            asker: asker,
            author: signed ?? author,
            transaction: transaction,
            verb: verb,
            subject: subject,
            microseconds: max(0, now - elapsed)
        )
    }
}

/// What the writer makes rows of.
enum AuditNote: Sendable {
    /// The changes of a batch, under whose request they are, and who signed them.
    ///
    /// `isFirst`: no batch of it has told of it, so that this one does though it changes nothing.
    case changes(AuditCall, author: String?, isFirst: Bool)
    /// Rows that waited, and for how many days they are kept.
    case rows([AuditRow], days: Int?)
}
