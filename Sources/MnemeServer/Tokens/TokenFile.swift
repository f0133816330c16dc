// The file of tokens under a server's root: read as a whole, and written as a whole under another
// name that takes its place, so that a server that reads it meanwhile sees the one or the other.
// Format: formats/security.md#token-file.

internal import MnemeBase
package import MnemeModel

/// The tokens of a server, on the disk.
package struct TokenFile: Sendable {
    /// Its name under the root; no store has such a name.
    static let name = ".tokens"
    private static let lockName = ".tokens.lock"
    private static let nextName = ".tokens.next"
    /// The most bytes of one.
    private static let mostBytes: UInt64 = 16 << 20

    private let root: String
    private let disk: any Disk = RealDisk()

    /// The file under a root.
    package init(root: String) { self.root = root }

    private var path: String { root + "/" + Self.name }

    /// The bytes, nil where there is no file.
    ///
    /// - Throws: `.denied`, `.tooLarge`, `.disk`.
    func bytes() throws(MnemeError) -> [UInt8]? {
        do throws(DiskError) {
            guard try disk.isThere(path) else { return nil }
            let file = try disk.open(path, .read)
            defer { try? file.close() }
            let count = try file.byteCount()
            guard count <= Self.mostBytes else { throw .full(path: path) }
            return try file.read(at: 0, count: Int(count))
        } catch {
            throw failure(error)
        }
    }

    /// The list that bytes spell.
    ///
    /// - Throws: `.badRequest`, `.badOwner`, `.newerFormat`, which name the file.
    func list(_ bytes: [UInt8]) throws(MnemeError) -> TokenList {
        do throws(MnemeError) {
            return try TokenList(spelling: Value(json: bytes))
        } catch {
            throw MnemeError(
                error.code,
                "the token file \(path) cannot be read: \(error.message)",
                cause: error.cause
            )
        }
    }

    /// The tokens, nil where there is no file.
    ///
    /// - Throws: `.badRequest`, `.newerFormat`, `.denied`, `.disk`.
    package func read() throws(MnemeError) -> TokenList? {
        guard let bytes = try bytes() else { return nil }
        return try list(bytes)
    }

    /// Changes the tokens, or makes the file where there is none; one at a time.
    ///
    /// - Throws: what `body` throws, and nothing is changed then; `.badRequest` where there is no
    ///   such root, `.busy`, `.denied`, `.diskFull`, `.disk`.
    package func change<Result>(
        _ body: (inout TokenList) throws(MnemeError) -> Result
    ) throws(MnemeError) -> Result {
        // A root that somebody mistyped would have tokens that no server looks at.
        guard disk.isDirectory(root) else { throw Self.noRoot(root) }
        let lock: any DiskLock
        do throws(DiskError) {
            lock = try disk.lock(root + "/" + Self.lockName)
        } catch {
            throw failure(error)
        }
        defer { lock.release() }
        let standing = try read()
        var list = standing ?? TokenList()
        let result = try body(&list)
        do throws(DiskError) {
            try write(Array((list.spelling.json(pretty: true) + "\n").utf8))
        } catch {
            throw failure(error)
        }
        return result
    }

    private func write(_ bytes: [UInt8]) throws(DiskError) {
        let next = root + "/" + Self.nextName
        // Of somebody who was interrupted.
        if try disk.isThere(next) { try disk.remove(next) }
        let file = try disk.open(next, .create)
        do throws(DiskError) {
            try file.write(bytes, at: 0)
            try file.sync()
        } catch {
            try? file.close()
            throw error
        }
        try file.close()
        try disk.rename(next, to: path)
        try disk.syncDirectory(root)
    }

    private static func noRoot(_ root: String) -> MnemeError {
        MnemeError(
            .badRequest,
            "there is no directory \(root), so no server has its stores there; give the root that "
                + "the server is started with (serve --root), or make it first: mkdir -p \(root)"
        )
    }

    private func failure(_ error: DiskError) -> MnemeError {
        switch error {
        case .denied:
            MnemeError(
                .denied,
                "the token file \(path) may not be read or written by this user; ask as the user "
                    + "whose server it is"
            )
        case .busy:
            MnemeError(.busy, "somebody else changes the tokens of \(root); try again")
        case .full(let full) where full == path:
            MnemeError(
                .tooLarge,
                "the token file \(path) has more than \(Self.mostBytes >> 20) MiB; revoke tokens "
                    + "that nobody needs"
            )
        case .full: MnemeError(.diskFull, "there is no room for \(path); make room and try again")
        case .notFound, .exists, .short, .failed:
            MnemeError(
                .disk,
                "the token file \(path) cannot be used; check the directory",
                cause: "\(error)"
            )
        }
    }
}
