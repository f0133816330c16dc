// Key files, and the environment: where a program finds a master key.
// Format: formats/encryption.md#keys.

internal import Glibc
internal import MnemeBase
public import MnemeModel
internal import MnemeStore

extension MasterKey {
    /// Reads a key file: 32 bytes, or 64 hexadecimal digits.
    ///
    /// - Throws: `.badKey` where it holds no key, or others than its owner may read or write it;
    ///   `.notFound`, `.denied`, `.disk`.
    public static func read(_ path: String) throws(MnemeError) -> MasterKey {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw refusal(path) }
        defer { _ = Glibc.close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw refusal(path) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw MnemeError(.badKey, "\(path) is a directory; give the file with the key in it")
        }
        guard status.st_mode & 0o066 == 0 else {
            throw MnemeError(
                .badKey,
                "others than its owner may read or write the key file \(path); take that right "
                    + "from them: chmod 600 \(path)"
            )
        }
        var bytes: [UInt8] = []
        // One byte more than the longest key file, so that a longer one is refused.
        while bytes.count < 67 {
            var piece = [UInt8](repeating: 0, count: 67 - bytes.count)
            let count = unsafe Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw refusal(path) }
            if count == 0 { break }
            bytes += piece.prefix(count)
        }
        defer {
            unsafe bytes.withUnsafeMutableBytes { for index in $0.indices { unsafe $0[index] = 0 } }
        }
        guard let key = MasterKey(fileBytes: bytes) else {
            throw MnemeError(
                .badKey,
                "\(path) holds no key; give a file of 32 bytes, or of 64 hexadecimal digits, as "
                    + "\"mneme key make FILE\" writes it"
            )
        }
        return key
    }

    /// Writes the key to a file that is not there yet, for its owner alone.
    ///
    /// - Throws: `.exists`, `.denied`, `.diskFull`, `.notFound`, `.disk`.
    public func write(to path: String) throws(MnemeError) {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == ENOENT {
                throw MnemeError(
                    .notFound,
                    "there is no directory for \(path); make it, or check the path"
                )
            }
            throw Self.refusal(path)
        }
        let bytes = fileBytes
        let isWritten =
            unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count
            && fsync(descriptor) == 0 && Self.syncDirectory(of: path)
        let failure = Self.refusal(path)
        guard Glibc.close(descriptor) == 0, isWritten else {
            _ = unsafe unlink(path)
            throw failure
        }
    }

    /// Makes the name of a file durable; whether that went well.
    private static func syncDirectory(of path: String) -> Bool {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { String(path[...$0]) } ?? "."
        let descriptor = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { _ = Glibc.close(descriptor) }
        // Some file systems sync no directories, and say so.
        return fsync(descriptor) == 0 || errno == EINVAL
    }

    /// The key that the environment names: the file of `MNEME_KEY_FILE`, else the digits of
    /// `MNEME_KEY`; nil where neither is set.
    ///
    /// - Throws: as `read`.
    public static func fromEnvironment() throws(MnemeError) -> MasterKey? {
        if let path = variable("MNEME_KEY_FILE") { return try read(path) }
        guard let digits = variable("MNEME_KEY") else { return nil }
        guard let key = MasterKey(hexadecimal: digits) else {
            throw MnemeError(
                .badKey,
                "MNEME_KEY is no key; give 64 hexadecimal digits, or name a file with "
                    + "MNEME_KEY_FILE"
            )
        }
        return key
    }

    private static func variable(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }

    /// What the system said last.
    private static func refusal(_ path: String) -> MnemeError {
        let code = errno
        switch code {
        case ENOENT: return MnemeError(.notFound, "there is no file \(path); check the path")
        case EEXIST:
            return MnemeError(.exists, "\(path) is there already; keep it, or use another name")
        case EACCES, EPERM, EROFS:
            return MnemeError(.denied, "access to \(path) is denied; check its owner")
        case ENOSPC, EDQUOT:
            return MnemeError(.diskFull, "there is no room for \(path); make room and try again")
        default:
            return MnemeError(
                .disk,
                "\(path) cannot be used; check the path",
                cause: "error \(code)"
            )
        }
    }
}

extension Memory {
    /// Gives an encrypted store another master key; its contents stay as they are, and nobody may
    /// have it open.
    ///
    /// Backups that were made before are opened with the key that the store had then.
    ///
    /// - Throws: `.badKey` when `key` is not the store's, `.busy`, `.notAStore`, `.disk`.
    public static func changeKey(
        of directory: String,
        from key: MasterKey,
        to next: MasterKey
    ) throws(MnemeError) {
        var options = StoreOptions()
        options.masterKey = key
        try Store.changeKey(of: directory, to: next, options: options)
    }
}
