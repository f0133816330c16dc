// Where a log goes, which a running server can change.

/// Where lines go, and what they are.
package struct LogPlace: Equatable, Sendable {
    /// The file; nil for standard error.
    package var path: String?
    /// How a line is written.
    package var format: LogFormat
    /// What concerns whoever looks after the server less than this is not written.
    package var level: LogEvent.Level

    /// A place of its parts.
    package init(path: String?, format: LogFormat, level: LogEvent.Level = .info) {
        self.path = path
        self.format = format
        self.level = level
    }
}
