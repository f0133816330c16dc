// How TLS is spoken to a server, as the command line says.

internal import Mneme
internal import MnemeClient
internal import MnemeCommandLine

/// How a verb speaks TLS to a server.
enum TLSOption {
    static let authorities = Parameter<String?>(
        option: "tls-ca",
        .text("FILE"),
        "speaks TLS, and believes the authorities of this PEM file; \"system\" for the system's own"
    )
    static let name = Parameter<String?>(
        option: "tls-name",
        .text("NAME"),
        "the name that the server's certificate has to be of; the host of the address where it is "
            + "not given"
    )
    static let certificate = Parameter<String?>(
        option: "tls-cert",
        .text("FILE"),
        "the PEM file with a certificate and its key, which counts where no token is given"
    )

    static let declarations = [
        authorities.declaration, name.declaration, certificate.declaration,
    ]

    /// How TLS is spoken, nil where it is not.
    ///
    /// - Throws: `CommandLineError`.
    static func tls(_ invocation: Invocation) throws(CommandLineError) -> ClientTLS? {
        guard let path = invocation[authorities] else {
            guard !invocation.has(name), !invocation.has(certificate) else {
                throw CommandLineError(
                    "TLS needs to know whom to believe: give --tls-ca FILE, or --tls-ca system."
                )
            }
            return nil
        }
        return ClientTLS(
            authorities: path == "system" ? nil : path,
            serverName: invocation[name],
            certificate: invocation[certificate]
        )
    }
}
