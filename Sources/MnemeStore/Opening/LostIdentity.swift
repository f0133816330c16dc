// What is said of a log whose identity file is gone, or says nothing any more. That of an encrypted
// store has the only key to everything that stands there.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

extension StoreOpening {
    /// Says why a directory that has no identity is none, and what to do.
    var notAStore: MnemeError {
        guard (try? disk.list(paths.log)) != nil else {
            return MnemeError(.notAStore, "\(directory) is not a store; check the path")
        }
        return MnemeError(
            .notAStore,
            "\(directory) has a log, and its file \"store\" is missing; \(helpWithoutIdentity)"
        )
    }

    /// What to do about a log without an identity.
    var helpWithoutIdentity: String {
        let back = "put that file back, from a copy of the store or a backup if you made one"
        return isKeyLost
            ? "\(back), as nothing else has the key that the log is encrypted with, and no salvage "
                + "reads it without"
            : "\(back), or bring out what is there: \(Self.salvage)"
    }

    /// Whether the key of the store, which stands in the identity file, is gone with that.
    var isKeyLost: Bool { LogSurvey.isEncrypted(disk, directory: paths.log) }
}
