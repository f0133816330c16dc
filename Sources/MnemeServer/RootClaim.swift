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
            let names = Set(try disk.list(root))
            if names.isSuperset(of: ["log", "lock"]) { throw .exists(path: root) }
            lock = try disk.lock(path)
        } catch {
            throw Self.failure(error, root)
        }
    }

    /// Gives the directory back.
    func release() {
        // The stores have locks of their own, should another server come in between.
        try? RealDisk().remove(path)
        lock.release()
    }

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
