// Tokens: what somebody shows to a server to be let in under a permit. A server keeps their hashes
// alone. The page: formats/security.md#tokens.

package import MnemeBase

/// The text of a token: 256 bits by chance, which nobody keeps but its bearer.
package enum TokenText {
    /// What it begins with, so that it is known for one wherever it turns up.
    static let prefix = "mn_"

    /// A new one.
    package static func draw(_ randomness: any Randomness) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<4 {
            let bits = randomness.next()
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
            }
        }
        // RFC 4648 §5, without padding.
        let letters = Base64.encode(bytes).compactMap { letter -> Character? in
            switch letter {
            case "+": "-"
            case "/": "_"
            case "=": nil
            default: letter
            }
        }
        return prefix + String(letters)
    }

    /// What is kept of one.
    package static func hash(_ text: [UInt8]) -> [UInt8] { StrongHash.of(text) }
}

/// What a server keeps of a token.
package struct TokenEntry: Hashable, Sendable {
    /// What lets somebody in.
    package struct Secret: Hashable, Sendable {
        /// SHA-256 of the token's text.
        package var hash: [UInt8]
        /// From when on it lets nobody in any more; nil for never.
        package var until: Instant?

        /// A secret of its parts.
        package init(hash: [UInt8], until: Instant? = nil) {
            self.hash = hash
            self.until = until
        }
    }

    /// What its bearer may do; its name is the token's.
    package var permit: Permit
    /// The stores that it opens; nil for all.
    package var stores: Set<String>?
    /// When it was made.
    package var created: Instant
    /// The newest first; those behind it are of before a rotation.
    package var secrets: [Secret]

    /// An entry of its parts.
    package init(
        _ permit: Permit,
        stores: Set<String>? = nil,
        created: Instant,
        secrets: [Secret]
    ) {
        self.permit = permit
        self.stores = stores
        self.created = created
        self.secrets = secrets
    }

    /// Bytes of a hash.
    static let hashByteCount = StrongHash.byteCount

    /// The name of the token.
    package var name: String { permit.name }

    /// Makes sure that it can be meant.
    ///
    /// - Throws: `.badRequest`, `.badOwner`.
    func check() throws(MnemeError) {
        try permit.check()
        for store in (stores ?? []).sorted() where !PlainName.isOne(store) {
            throw MnemeError(
                .badRequest,
                "\"\(store.prefix(80))\" of token \"\(name)\" is no name of a store; use 1 to "
                    + "\(PlainName.limit) letters, digits, dots, hyphens and underscores, the "
                    + "first no dot"
            )
        }
        guard stores?.isEmpty != true, stores?.count ?? 0 <= Permit.mostNames else {
            throw MnemeError(
                .badRequest,
                "stores of token \"\(name)\" has \(stores?.count ?? 0) names; give 1 to "
                    + "\(Permit.mostNames), or leave it out to mean all"
            )
        }
    }
}

/// Who was let in.
package struct Admission: Hashable, Sendable {
    /// What he may do, and until when.
    package var permit: Permit
    /// The stores that he may open; nil for all.
    package var stores: Set<String>?

    /// Whether he may open a store.
    package func opens(_ store: String) -> Bool { stores?.contains(store) ?? true }
}
