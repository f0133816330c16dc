// Who asks: what is known of the other side of a request, for whoever keeps it.

/// Where requests come from: a connection, or a program that has the store in its process.
package final class AuditOrigin: Sendable {
    /// The name of the permit; where there is none, what the other side calls itself, which nobody
    /// was asked to prove.
    package let name: String
    /// Its program and version, as it says itself.
    package let program: String
    /// Where it is; `embedded` of a program that has the store in its process.
    package let address: String
    /// The number of the connection since the server was started; nil of a program's own store.
    package let connection: UInt64?
    /// What he may ask; nil where nobody was asked to say who he is, and everything is allowed.
    package let permit: Permit?

    /// Whether the other side has shown by a token who it is.
    package var isProven: Bool { permit != nil && connection != nil }

    /// An origin of its parts.
    package init(
        name: String,
        program: String,
        address: String,
        connection: UInt64? = nil,
        permit: Permit? = nil
    ) {
        self.permit = permit
        self.name = name
        self.program = program
        self.address = address
        self.connection = connection
    }

    /// A program that has the store in its own process.
    package convenience init(embedded name: String) {
        self.init(name: name, program: "", address: "embedded")
    }
}

/// Who asks, and under which number of his connection.
package struct Asker: Sendable {
    /// Where the request comes from.
    package let origin: AuditOrigin
    /// Its number; nil where it has none.
    package let request: UInt32?

    /// A request of an origin.
    package init(_ origin: AuditOrigin, request: UInt32? = nil) {
        self.origin = origin
        self.request = request
    }
}
