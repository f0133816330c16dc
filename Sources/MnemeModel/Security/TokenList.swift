// The tokens of a server: a list that is read, changed and written as a whole.

internal import MnemeBase

/// All tokens of a server.
package struct TokenList: Hashable, Sendable {
    /// The most tokens of one server.
    package static let most = 4096
    /// The most secrets of one token: the newest, and those that rotations leave for a while.
    static let mostSecrets = 8

    /// By name.
    package private(set) var entries: [String: TokenEntry] = [:]

    /// A list without tokens, which lets nobody in.
    package init() {}

    /// A list of tokens.
    ///
    /// - Throws: `.badRequest`, `.badOwner` where one cannot be meant, or two have one name.
    package init(_ entries: [TokenEntry]) throws(MnemeError) {
        for entry in entries { try add(entry) }
    }

    /// Adds a token.
    ///
    /// - Throws: `.duplicate` where one has its name; `.badRequest`, `.badOwner`, `.tooLarge`.
    package mutating func add(_ entry: TokenEntry) throws(MnemeError) {
        try entry.check()
        guard entries[entry.name] == nil else {
            throw MnemeError(
                .duplicate,
                "there is a token \"\(entry.name)\" already; rotate or revoke it, or give another "
                    + "name"
            )
        }
        guard entries.count < Self.most else {
            throw MnemeError(
                .tooLarge,
                "there are \(Self.most) tokens, and a server keeps no more; revoke some"
            )
        }
        entries[entry.name] = entry
    }

    /// Gives a token another secret; those that it has let in `until` then, at most.
    ///
    /// - Throws: `.notFound`.
    package mutating func rotate(
        _ name: String,
        to hash: [UInt8],
        until: Instant,
        now: Instant
    ) throws(MnemeError) {
        var entry = try entry(name)
        entry.secrets.removeAll { $0.until.map { $0 <= now } ?? false }
        for place in entry.secrets.indices {
            entry.secrets[place].until = min(entry.secrets[place].until ?? until, until)
        }
        entry.secrets.removeAll { $0.until.map { $0 <= now } ?? false }
        entry.secrets.insert(TokenEntry.Secret(hash: hash), at: 0)
        entry.secrets = Array(entry.secrets.prefix(Self.mostSecrets))
        entries[name] = entry
    }

    /// Has a token let nobody in any more from an instant on; never when nil.
    ///
    /// - Throws: `.notFound`.
    package mutating func expire(_ name: String, at instant: Instant?) throws(MnemeError) {
        var entry = try entry(name)
        entry.permit.expiresAt = instant
        entries[name] = entry
    }

    /// Takes a token away.
    ///
    /// - Throws: `.notFound`.
    package mutating func revoke(_ name: String) throws(MnemeError) {
        _ = try entry(name)
        entries[name] = nil
    }

    /// The token of a name.
    ///
    /// - Throws: `.notFound`.
    package func entry(_ name: String) throws(MnemeError) -> TokenEntry {
        if let entry = entries[name] { return entry }
        throw MnemeError(
            .notFound,
            "there is no token \"\(name.prefix(80))\"; those there are: "
                + (entries.isEmpty ? "none" : entries.keys.sorted().joined(separator: ", "))
        )
    }

    /// Who shows a token with this hash.
    ///
    /// Every hash is looked at, and each wholly, so that the time says nothing of them.
    ///
    /// - Throws: `.unauthenticated`, `.tokenExpired`.
    /// - Complexity: O(tokens).
    package func admit(_ hash: [UInt8], at now: Instant) throws(MnemeError) -> Admission {
        var found: (entry: TokenEntry, until: Instant?)?
        for entry in entries.values {
            for secret in entry.secrets where StrongHash.isSame(secret.hash, hash) {
                found = (entry, secret.until)
            }
        }
        guard let (entry, until) = found else {
            throw MnemeError(
                .unauthenticated,
                "the server does not know this token: it was never given, or was revoked or "
                    + "rotated; ask for a new one"
            )
        }
        return try admission(entry, until: until, at: now)
    }

    /// Who has shown a certificate with this name, which is a token's.
    ///
    /// - Throws: `.unauthenticated`, `.tokenExpired`.
    package func admit(certified name: String, at now: Instant) throws(MnemeError) -> Admission {
        guard let entry = entries[name] else {
            throw MnemeError(
                .unauthenticated,
                "the server has no token \"\(name.prefix(80))\", which is the common name of the "
                    + "certificate; ask for a token of this name, or for another certificate"
            )
        }
        return try admission(entry, until: nil, at: now)
    }

    private func admission(
        _ entry: TokenEntry,
        until: Instant?,
        at now: Instant
    ) throws(MnemeError) -> Admission {
        var permit = entry.permit
        if let until { permit.expiresAt = min(permit.expiresAt ?? until, until) }
        if let end = permit.expiresAt, end <= now {
            throw MnemeError(
                .tokenExpired,
                "token \"\(permit.name)\" is over since \(end); ask for a new one"
            )
        }
        return Admission(permit: permit, stores: entry.stores)
    }
}
