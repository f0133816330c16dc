// What a store has to say by itself to whoever looks after it.

/// Something that a store says without being asked.
package struct StoreNotice: Equatable, Sendable {
    /// What it is of.
    package enum Kind: Sendable, CaseIterable {
        /// Something of the files did not read back.
        case damage
        /// Commits are refused as the disk is full; they are taken again.
        case diskFull
        case diskHasRoom
        /// Nothing is written any more until the store is opened again.
        case writingEnded
        /// What was deleted is still in the files after its time.
        case erasureOverdue
        /// What is to be kept of who asks for what is not known.
        case auditUnreadable
    }

    /// What it is of.
    package let kind: Kind
    /// A line for people.
    package let text: String

    /// A notice of its parts.
    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}
