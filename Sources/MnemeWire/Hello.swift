// The client's first frame: formats/wire.md#hello. Its layout is that of every version.

internal import MnemeBase

/// Who connects, and what it can do.
package struct Hello: Equatable, Sendable {
    /// `MNEMEWIR`.
    static let magic: [UInt8] = [0x4d, 0x4e, 0x45, 0x4d, 0x45, 0x57, 0x49, 0x52]

    /// The versions that the client speaks.
    package var lowestVersion = WireLimits.version
    package var highestVersion = WireLimits.version
    /// Bytes of streamed responses that may be sent before more credit comes.
    package var credit = 1 << 20
    package var features: WireFeatures = []
    /// The store's name; empty: the server's own choice.
    package var store: String
    /// The method of authentication; empty: none.
    package var method = ""
    /// What the method says.
    package var token: [UInt8] = []
    /// Name of the client's program, for logs.
    package var client: String
    /// Its version.
    package var clientVersion: String
    /// Whether the store must be there: the server is to make none.
    package var wantsExisting = false

    /// The method by which a token is shown: its text is the token's bytes.
    package static let tokenMethod = "token"
    /// The method by which the certificate counts that the client has shown in TLS; no token is.
    package static let certificateMethod = "certificate"
    /// The bit that says so.
    private static let existing: UInt8 = 1

    /// A hello of this version, without authentication, that takes a mebibyte of streams.
    ///
    /// Texts beyond the protocol's limits are cut when it is sent.
    package init(store: String, client: String, clientVersion: String) {
        self.store = store
        self.client = client
        self.clientVersion = clientVersion
    }

    /// Reads a payload.
    ///
    /// - Throws: `.malformed`.
    package init(_ payload: Payload) throws(WireError) {
        guard let hello = Hello.read(payload) else { throw .malformed(.hello) }
        self = hello
    }

    private static func read(_ payload: Payload) -> Hello? {
        var reader = ByteReader(payload.bytes, payload.range)
        guard (try? reader.get(count: 8)) == magic,
            let lowest: UInt16 = try? reader.get(), let highest: UInt16 = try? reader.get(),
            let credit: UInt32 = try? reader.get(), let features: UInt64 = try? reader.get(),
            lowest > 0, lowest <= highest, credit <= WireLimits.credit,
            let store = reader.countedText(limit: 255),
            let method = reader.countedText(limit: 64),
            let token = reader.counted(limit: 2048), token.isEmpty || !method.isEmpty,
            let client = reader.countedText(limit: 255),
            let clientVersion = reader.countedText(limit: 64)
        else { return nil }
        var hello = Hello(store: store, client: client, clientVersion: clientVersion)
        hello.lowestVersion = lowest
        hello.highestVersion = highest
        hello.credit = Int(credit)
        hello.features = WireFeatures(rawValue: features)
        hello.method = method
        hello.token = token
        let wishes: UInt8 = (try? reader.get()) ?? 0
        hello.wantsExisting = wishes & existing != 0
        return hello
    }

    /// The payload.
    ///
    /// - Precondition: a range of versions, credit within its limit, a token of at most 2,048 bytes
    ///   and none without a method.
    package var bytes: [UInt8] {
        precondition(lowestVersion > 0 && lowestVersion <= highestVersion)
        precondition(credit >= 0 && credit <= WireLimits.credit)
        precondition(token.count <= 2048 && (token.isEmpty || !method.isEmpty))
        var writer = ByteWriter()
        writer.put(Hello.magic)
        writer.put(lowestVersion)
        writer.put(highestVersion)
        writer.put(UInt32(credit))
        writer.put(features.rawValue)
        writer.put(counted: store, limit: 255)
        writer.put(counted: method, limit: 64)
        writer.put(counted: token)
        writer.put(counted: client, limit: 255)
        writer.put(counted: clientVersion, limit: 64)
        if wantsExisting { writer.put(Hello.existing) }
        return writer.bytes
    }
}
