// What a call may say, whoever calls: numbers in their bounds, entries that agree with their
// session. Pure.

internal import MnemeModel

/// Checks what is to be remembered.
enum RememberCheck {
    /// The most memories that one is made of.
    static let mostSources = 1024
    /// The cosine of what says nearly the same, where it is not given.
    private static let usualNear = 0.95

    /// Refuses numbers out of their bounds.
    ///
    /// - Throws: `.badRequest`, naming the memory by its place where there are several.
    static func check(_ memories: [Remember]) throws(MnemeError) {
        for (index, memory) in memories.enumerated() {
            guard let fault = fault(memory) else { continue }
            throw refusal("memory", index, of: memories.count, fault)
        }
    }

    /// The entries as their session has them: its owner, its id, their positions.
    ///
    /// - Throws: `.badRequest` for an entry that says something else, or as `check`.
    static func placed(
        _ entries: [Remember],
        in session: Session
    ) throws(MnemeError) -> [Remember] {
        var placed: [Remember] = []
        placed.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            let position = session.entryCount + Int64(index) + 1
            if let fault = fault(entry) ?? fault(entry, session, position) {
                throw refusal("entry", index, of: entries.count, fault)
            }
            var entry = entry
            entry.owner = session.owner
            entry.session = session.id
            entry.position = position
            placed.append(entry)
        }
        return placed
    }

    private static func fault(_ memory: Remember) -> String? {
        if !(0...1).contains(memory.importance) {
            return "the importance is \(memory.importance); give a number from 0 to 1"
        }
        if let confidence = memory.confidence, !(0...1).contains(confidence) {
            return "the confidence is \(confidence); give a number from 0 to 1"
        }
        if let from = memory.validFrom, let to = memory.validTo, to <= from {
            return "validTo is \(to), and validFrom \(from); give a validTo that is later"
        }
        if !(0...1).contains(memory.near) {
            return "near is \(memory.near); give a cosine from 0 to 1"
        }
        if memory.onDuplicate == nil, memory.near != usualNear {
            return "near is \(memory.near), and nothing says what to do where the owner has a "
                + "memory that near; give onDuplicate add, skip, reinforce or version, or leave "
                + "near out"
        }
        if memory.source.from.count > mostSources {
            return "source.from has \(memory.source.from.count) keys; give at most \(mostSources)"
        }
        if !(memory.decayRate.isFinite && memory.decayRate >= 0) {
            return "the decayRate is \(memory.decayRate); give a finite number of 0 or more"
        }
        if memory.entry.lane?.isEmpty == true {
            return "the lane is empty; leave it out for the main one, or name it"
        }
        if let tokens = memory.entry.tokens, tokens < 0 {
            return "the tokens are \(tokens); give 0 or more, or leave them out"
        }
        return nil
    }

    private static func fault(
        _ entry: Remember,
        _ session: Session,
        _ position: Int64
    ) -> String? {
        if !entry.owner.isEmpty, entry.owner != session.owner {
            return "the owner is \"\(entry.owner)\", and that of session \(session.id) is "
                + "\"\(session.owner)\"; leave the owner out, or open a session of this owner"
        }
        if entry.collection != MemoryLayout.memories {
            return "the collection is \"\(entry.collection)\", and entries of sessions stand in "
                + "\"\(MemoryLayout.memories)\"; leave it out"
        }
        if entry.onDuplicate != nil {
            return "onDuplicate is given, and an entry is added whatever was said before; leave it "
                + "out, or remember it beside the session"
        }
        if let own = entry.session, !own.isEmpty, own != session.id {
            return "the session is \"\(own)\", and this is session \(session.id); leave it out"
        }
        if let own = entry.position, own != position {
            return "the position is \(own), and the next one in session \(session.id) is "
                + "\(position); leave it out"
        }
        return nil
    }

    private static func refusal(
        _ what: String,
        _ index: Int,
        of count: Int,
        _ fault: String
    ) -> MnemeError {
        MnemeError(.badRequest, count == 1 ? fault : "\(what) \(index + 1) of \(count): \(fault)")
    }
}
