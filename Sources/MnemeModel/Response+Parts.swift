// What a response holds, for the doors, which know of what kind it must be.

extension Response {
    /// Throws unless nothing was to be said.
    func done() throws(MnemeError) {
        guard case .done = self else { throw Response.unexpected }
    }

    func schema() throws(MnemeError) -> Schema {
        guard case .schema(let schema) = self else { throw Response.unexpected }
        return schema
    }

    func committed() throws(MnemeError) -> Committed {
        guard case .committed(let committed) = self else { throw Response.unexpected }
        return committed
    }

    /// The numbers of the edges that a commit linked.
    func linked() throws(MnemeError) -> [UInt64] {
        try committed().outcomes.compactMap(\.madeEdge)
    }

    func records() throws(MnemeError) -> [Record?] {
        guard case .records(let records) = self else { throw Response.unexpected }
        return records
    }

    /// The record of a response to one reference.
    func record() throws(MnemeError) -> Record? {
        guard let record = try records().first else { throw Response.unexpected }
        return record
    }

    func found() throws(MnemeError) -> Found {
        guard case .found(let found) = self else { throw Response.unexpected }
        return found
    }

    func walked() throws(MnemeError) -> Walked {
        guard case .walked(let walked) = self else { throw Response.unexpected }
        return walked
    }

    func path() throws(MnemeError) -> [Edge]? {
        guard case .path(let edges) = self else { throw Response.unexpected }
        return edges
    }

    func session() throws(MnemeError) -> Session {
        guard case .session(let session) = self else { throw Response.unexpected }
        return session
    }

    func context() throws(MnemeError) -> SessionContext {
        guard case .context(let context) = self else { throw Response.unexpected }
        return context
    }

    func rehydrated() throws(MnemeError) -> Rehydrated {
        guard case .rehydrated(let rehydrated) = self else { throw Response.unexpected }
        return rehydrated
    }

    func remembered() throws(MnemeError) -> Remembered {
        guard case .remembered(let remembered) = self else { throw Response.unexpected }
        return remembered
    }

    /// The keys of what was remembered.
    func keys() throws(MnemeError) -> [Key] { try remembered().keys }

    /// The key of the one thing that was remembered.
    func key() throws(MnemeError) -> Key {
        guard let key = try keys().first else { throw Response.unexpected }
        return key
    }

    func recalled() throws(MnemeError) -> Recalled {
        guard case .recalled(let recalled) = self else { throw Response.unexpected }
        return recalled
    }

    /// How many memories were forgotten.
    func forgottenCount() throws(MnemeError) -> Int {
        guard case .forgotten(let forgotten) = self else { throw Response.unexpected }
        return forgotten.count
    }

    func statistics() throws(MnemeError) -> Statistics {
        guard case .statistics(let statistics) = self else { throw Response.unexpected }
        return statistics
    }

    func history() throws(MnemeError) -> History {
        guard case .history(let history) = self else { throw Response.unexpected }
        return history
    }

    func verification() throws(MnemeError) -> Verification {
        guard case .verified(let verification) = self else { throw Response.unexpected }
        return verification
    }

    func backup() throws(MnemeError) -> BackupSummary {
        guard case .backedUp(let backup) = self else { throw Response.unexpected }
        return backup
    }

    func claimed() throws(MnemeError) -> Claimed {
        guard case .claimed(let claimed) = self else { throw Response.unexpected }
        return claimed
    }

    func transaction() throws(MnemeError) -> (id: UInt64, sequence: UInt64) {
        guard case .began(let id, let sequence) = self else { throw Response.unexpected }
        return (id, sequence)
    }

    func counted() throws(MnemeError) -> Counted {
        guard case .counted(let counted) = self else { throw Response.unexpected }
        return counted
    }

    func audited() throws(MnemeError) -> AuditStatus {
        guard case .audited(let status) = self else { throw Response.unexpected }
        return status
    }

    func watched() throws(MnemeError) -> Watched {
        guard case .watched(let watched) = self else { throw Response.unexpected }
        return watched
    }

    static var unexpected: MnemeError {
        MnemeError(.badRequest, "the answer is of another kind than the request; report this")
    }
}
