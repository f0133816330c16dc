// Speaking TLS to a server: whom the client believes, and what it shows.
// formats/security.md#tls.

internal import MnemeModel
internal import MnemeTransport

/// How a client speaks TLS.
public struct ClientTLS: Sendable {
    /// A PEM file with the authorities that are believed; the system's own when nil.
    public var authorities: String?
    /// The name that the server's certificate is to be of; the host of the address when nil.
    public var serverName: String?
    /// A PEM file with the client's certificate, which counts where no token is given; none is
    /// shown when nil.
    public var certificate: String?
    /// A PEM file with the key of that.
    public var key: String?

    /// The defaults: the system's authorities, and no certificate.
    public init(
        authorities: String? = nil,
        serverName: String? = nil,
        certificate: String? = nil,
        key: String? = nil
    ) {
        self.authorities = authorities
        self.serverName = serverName
        self.certificate = certificate
        self.key = key
    }
}

/// What the connections of one client have in common.
struct SecureEnd: Sendable {
    private let context: TLSContext
    private let name: String

    /// - Throws: `.badRequest` where a file cannot be read, or no name is known.
    init(_ tls: ClientTLS, for target: Address) throws(MnemeError) {
        let files = TLSFiles(
            certificate: tls.certificate,
            key: tls.key ?? tls.certificate,
            authorities: tls.authorities
        )
        switch (tls.serverName, target) {
        case (let name?, _): self.name = name
        case (nil, .tcp(let host, _)): name = host
        case (nil, .unix):
            throw MnemeError(
                .badRequest,
                "a Unix socket has no name that a certificate could be of; say which name the "
                    + "server's certificate has"
            )
        }
        do throws(TLSError) {
            context = try TLSContext(files, isServer: false)
        } catch {
            throw MnemeError(.badRequest, "\(error); check the files for TLS")
        }
    }

    /// One end of a connection.
    func session() throws(TLSError) -> TLSSession { try context.session(name: name) }
}
