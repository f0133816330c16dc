// Bugs of the log on purpose, for tests that see whether the tests find them. None is there unless
// a test asks for it.

/// Bugs that the crash harness plants to see whether it finds them.
package struct LogFaults: Sendable {
    /// Recovery takes any whole frame for the next one, whatever its sequence and incarnation.
    package var acceptsStaleFrames = false
    /// A sync is reported done, and done before the next group: what it carried is shown and
    /// acknowledged first.
    package var publishesBeforeDurable = false
    /// An opening takes what it reads of the tail for durable as it stands.
    package var leavesTailUnsynced = false

    /// No bugs.
    package init() {}
}
