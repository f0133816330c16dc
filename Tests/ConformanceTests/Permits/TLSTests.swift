// TLS: who believes whom. A certificate that is over, a stranger's, or another name's is none; who
// does not speak TLS is told so; a new certificate counts without a restart.

import Doors
import Glibc
import MnemeClient
import MnemeModel
import Testing

@Suite struct TLSTests {
    private func code(_ address: String, _ tls: ClientTLS?) -> MnemeError.Code? {
        var options = ClientOptions.patient
        options.tls = tls
        options.reconnects = 1
        do throws(MnemeError) {
            let client = try BlockingClient.connect(address, store: "s", options: options)
            _ = try client.describe()
            client.close()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func whoIsNotBelievedIsNotSpokenTo() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try SecureServer(try certificates.make("server"))
        defer { server.remove() }
        let believed = ClientTLS(authorities: certificates.authority)
        #expect(code(server.address, believed) == nil)
        let strangers = try Certificates()
        defer { strangers.remove() }
        #expect(code(server.address, ClientTLS(authorities: strangers.authority)) == .disconnected)
        #expect(code(server.address, ClientTLS()) == .disconnected)
        var other = believed
        other.serverName = "elsewhere.example"
        #expect(code(server.address, other) == .disconnected)
        other.serverName = "localhost"
        #expect(code(server.address, other) == nil)
        // Who speaks plainly is told why it does not go on.
        #expect(code(server.address, nil) == .tlsRequired)
        #expect(code(server.address, ClientTLS(authorities: "/nowhere.pem")) == .badRequest)
    }

    /// Who does not go on with the handshake is ended, and nothing plain is said to him.
    @Test func aHandshakeThatIsNeverFinishedIsEnded() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try SecureServer(
            try certificates.make("server"),
            helloMicroseconds: 20_000
        )
        defer { server.remove() }
        let greeting: [UInt8] = [0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3]
        for count in [0, 1, 5, greeting.count] {
            let said = try server.answer(to: Array(greeting[..<count]))
            // At most an alert.
            #expect(said.isEmpty || said[0] == 0x15, "after \(count) bytes: \(said)")
        }
    }

    @Test func aCertificateThatIsOverIsNone() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try SecureServer(try certificates.make("server", days: -1))
        defer { server.remove() }
        let believed = ClientTLS(authorities: certificates.authority)
        #expect(code(server.address, believed) == .disconnected)
    }

    @Test func aCertificateCountsAsTheTokenOfItsName() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try SecureServer(
            try certificates.make("server"),
            authorities: certificates.authority
        )
        defer { server.remove() }
        var tls = ClientTLS(authorities: certificates.authority)
        #expect(code(server.address, tls) == nil)
        try server.know(Permit("ann", .admin))
        #expect(code(server.address, tls) == .unauthenticated)
        tls.certificate = try certificates.make("ann")
        #expect(code(server.address, tls) == nil)
        tls.certificate = try certificates.make("bob")
        #expect(code(server.address, tls) == .unauthenticated)
        tls.certificate = try certificates.make("ann", days: -1)
        #expect(code(server.address, tls) != nil)
        let strangers = try Certificates()
        defer { strangers.remove() }
        tls.certificate = try strangers.make("ann")
        #expect(code(server.address, tls) != nil)
    }

    @Test func aNewCertificateCountsWithoutARestart() throws {
        let old = try Certificates()
        defer { old.remove() }
        let file = try old.make("server")
        let server = try SecureServer(file)
        defer { server.remove() }
        #expect(code(server.address, ClientTLS(authorities: old.authority)) == nil)
        let new = try Certificates()
        defer { new.remove() }
        _ = try new.make("server", file: file)
        let believed = ClientTLS(authorities: new.authority)
        var answer: MnemeError.Code? = .disconnected
        for _ in 0..<400 where answer != nil {
            answer = code(server.address, believed)
            usleep(50_000)
        }
        #expect(answer == nil)
        #expect(code(server.address, ClientTLS(authorities: old.authority)) == .disconnected)
        // What is no certificate leaves the one that there is.
        try Certificates.spoil(file)
        usleep(1_100_000)
        #expect(code(server.address, believed) == nil)
    }

    @Test func aServerThatOthersReachHasBoth() throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        #expect(try SecureServer.refusal("0.0.0.0:0") == .denied)
        let file = try certificates.make("server")
        #expect(try SecureServer.refusal("0.0.0.0:0", certificate: file) == .denied)
        #expect(try SecureServer.refusal("127.0.0.1:0", certificate: file) == nil)
        #expect(
            try SecureServer.refusal("127.0.0.1:0", certificate: "/nowhere.pem") == .badRequest
        )
    }
}
