// How far it is to hold a store's indexes against its log.

/// What verifying a store is at.
public enum VerifyStep: String, Sendable, CaseIterable {
    /// The log is read; counted in frames.
    case read
    /// Every record and edge of it is held against the indexes; counted in these.
    case compare
    /// The durable pages are read; counted in bytes.
    case pages
}

/// Told how far a step has come: what is done, and of how much; of 0 where that is not known.
public typealias VerifyWatch = (_ step: VerifyStep, _ done: Int, _ total: Int) -> Void
