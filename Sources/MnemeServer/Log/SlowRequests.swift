// Which requests are slow, and what is said of them.

package import MnemeBase

/// Which requests are told as slow, and how much of them.
package struct SlowRequests: Sendable {
    /// From so long on; 0 for all.
    ///
    /// Watches are never slow: they wait for as long as they are told.
    package var microseconds: Microseconds
    /// Whether the values of filters and questions are told too, which are values of records.
    package var showsValues: Bool

    /// What is slow.
    package init(microseconds: Microseconds, showsValues: Bool = false) {
        self.microseconds = microseconds
        self.showsValues = showsValues
    }
}
