// The variables that a process was given.

internal import Glibc

/// Variables by name.
package struct Environment: Sendable {
    /// The value of a variable; nil where it is not set, or empty.
    package let value: @Sendable (String) -> String?

    /// Variables that are given.
    package init(_ variables: [String: String] = [:]) {
        value = { name in variables[name].flatMap { $0.isEmpty ? nil : $0 } }
    }

    private init(value: @escaping @Sendable (String) -> String?) { self.value = value }

    /// Those of this process.
    package static let ofProcess = Environment { name in
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }
}
