// The directory above a server's stores: one server has it at a time, and it is no store itself.

internal import MnemeBase
internal import MnemeModel

/// A root that a server has for itself.
struct RootClaim: Sendable {
    private let path: String
    private let lock: any DiskLock

    /// Makes the directory where it is not there, and claims it.
    ///
    /// - Throws: `.badRequest`, `.denied`, `.busy`, `.disk`.
    init(_ root: String) throws(MnemeError) {
        let disk = RealDisk()
        path = root + "/" + Self.name
        do throws(DiskError) {
            try disk.createDirectory(root)
            if Set(try disk.list(root)).isSuperset(of: Self.storeFiles) {
                throw .exists(path: root)
            }
            lock = try disk.lock(path)
        } catch {
            throw Self.failure(error, root)
        }
    }

    /// Looks whether a directory could be claimed, and makes none.
    ///
    /// - Throws: `.badRequest`, `.denied`, `.disk`.
    static func check(_ root: String) throws(MnemeError) {
        do throws(DiskError) {
            if Set(try RealDisk().list(root)).isSuperset(of: storeFiles) {
                throw .exists(path: root)
            }
        } catch {
            // It is made when a server starts.
            if case .notFound = error { return }
            throw failure(error, root)
        }
    }

    /// Gives the directory back.
    func release() {
        // The stores have locks of their own, should another server come in between.
        try? RealDisk().remove(path)
        lock.release()
    }

    /// What every store has.
    private static let storeFiles: Set<String> = ["log", "lock"]
    /// No store has such a name.
    private static let name = ".serving"

    private static func failure(_ error: DiskError, _ root: String) -> MnemeError {
        switch error {
        case .exists:
            MnemeError(
                .badRequest,
                "\(root) is a store; give the directory above it as the root, and its own name as "
                    + "the store's"
            )
        case .notFound:
            MnemeError(.badRequest, "\(root) is no directory; choose another root")
        case .denied:
            MnemeError(
                .denied,
                "\(root) may not be written by this user; choose another root, or change its rights"
            )
        case .busy:
            MnemeError(
                .busy,
                "another server has \(root); stop it first, or choose another root"
            )
        case .full, .short, .failed:
            MnemeError(
                .disk,
                "the directory \(root) cannot be used; choose another root",
                cause: "\(error)"
            )
        }
    }
}
