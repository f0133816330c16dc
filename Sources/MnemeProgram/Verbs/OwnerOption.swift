// Options that many verbs have, each declared once.

internal import MnemeCommandLine

/// Whose something is.
enum OwnerOption {
    /// The owner of what is made or named.
    static let its = Parameter(
        required: "owner",
        .text("OWNER"),
        "whose it is, a path such as user/project"
    )
    /// Whose records are looked at.
    static let scope = Parameter<String?>(
        option: "owner",
        .text("OWNER"),
        "of this owner and those below it; of all where it is not given"
    )
}

/// How what is deleted goes.
enum EraseOption {
    static let erases = Parameter(
        flag: "erase",
        "also for restores of earlier backups; make a backup afterwards, which tells them"
    )
}
