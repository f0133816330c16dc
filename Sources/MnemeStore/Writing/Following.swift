// What a batch means for references while it is decided: which names are gone, who put what, and
// which rules are still to be held against the end of the batch.

internal import MnemeModel

/// A record that is gone, or is named otherwise than before.
struct Fall {
    let collection: CollectionEntry
    /// As it was.
    let record: StoredRecord
    /// As it is now, of one that is there still.
    var remaining: StoredRecord?
    /// Whether what follows it is erased.
    var erases = false
    /// Whether no rule may refuse it: it has expired, or was erased elsewhere.
    var overrules = false
    /// Whether a put of the batch has changed what names it: then nothing follows.
    var isPut = false
    /// Records that were put by an earlier step of the batch follow; later ones are refused.
    let step: Int

    var reference: Reference { Reference(collection.schema.name, record.key) }
}

/// A rule that refuses the batch if anything still names what is gone when it ends.
struct Restriction {
    let fall: Fall
    let referrer: Referrer
    let name: RecordNames
}

/// What the batch means for references.
struct Following {
    /// The most records that follow others in one batch.
    static let countLimit = 1 << 18
    /// The most of a batch of a sweep, so that it does not hold the writer up.
    static let sweepLimit = 1 << 12

    /// Bytes of the log that a batch may have.
    let byteLimit: Int
    /// Bytes of what is kept of edges in one part, where those of a record end in parts.
    var partLimit: Int { byteLimit / 4 }
    /// Whether what a put names has to be there.
    let isChecking: Bool
    /// Which change of the batch is being decided.
    var step = 0
    /// In the order in which they fell, those before `next` are done with.
    var falls: [Fall] = []
    var restrictions: [Restriction] = []
    /// The first step of the request that is being decided; a batch is one, a transaction several.
    private var firstStep = 0
    /// Records that the request's own puts have put and that name others, in their order.
    private(set) var puts: [UInt64] = []
    /// The last step that has put each of the batch.
    private var putSteps: [UInt64: Int] = [:]
    /// Records with a version of this batch.
    var changed: Set<UInt64> = []
    /// Records that were put, by what they name.
    var naming: [[UInt8]: [UInt64]] = [:]
    /// Records that followed others.
    var count = 0
    /// About so many bytes of the log for them, and for what has expired.
    var byteCount = 0

    init(byteLimit: Int, isChecking: Bool) {
        self.byteLimit = byteLimit
        self.isChecking = isChecking
    }

    /// Notes that the step being decided puts a record that names others.
    mutating func notePut(_ ordinal: UInt64) {
        let last = putSteps.updateValue(step, forKey: ordinal) ?? -1
        if last < firstStep { puts.append(ordinal) }
    }

    /// The request before has been held against its end; the next one begins at a step.
    mutating func beginRequest(at step: Int) {
        firstStep = step
        puts.removeAll()
    }

    /// The step of a record's put, -1 of one that the batch has not put.
    func step(ofPut ordinal: UInt64) -> Int { putSteps[ordinal] ?? -1 }
}
