// mneme key make, key rotate

internal import Mneme
internal import MnemeCommandLine

/// Makes a key file.
enum KeyMakeVerb {
    private static let target = Parameter(
        argument: "FILE",
        .text("FILE"),
        "the new key file, which is not there yet"
    )

    static let command = Command(
        "key make",
        "Draws a master key and writes it to a file",
        details: [
            "The file is for its owner alone. Keep a copy of it where the store is not: without "
                + "it, what is in an encrypted store is lost. \"--key-file FILE\" makes and opens "
                + "stores with it."
        ],
        parameters: [target.declaration],
        examples: [
            "key make fresh.key",
            "remember --store secret.mneme --owner ann --key-file master.key \"Tea at five.\"",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        try MasterKey.make().write(to: invocation[target])
        Output(invocation).put(.done) { ["A master key was written to \(invocation[target])."] }
    }
}

/// Gives a store another master key.
enum KeyRotateVerb {
    private static let store = Parameter(
        argument: "STORE",
        .text("STORE"),
        "the directory of an encrypted store that nobody has open"
    )
    private static let next = Parameter(
        required: "new-key-file",
        .text("FILE"),
        "the file with the key that the store is to have from now on"
    )

    static let command = Command(
        "key rotate",
        "Gives an encrypted store another master key",
        details: [
            "The master key opens the store's own key, which was drawn when the store was made and "
                + "is kept in its file \"store\". That file alone is written anew, at once or not "
                + "at all, so that a store of any size takes the same time. Backups that were made "
                + "before are restored with the key of then.",
            "This revokes nothing: the store's own key stays, and whoever has the old master key "
                + "and an old copy of the file \"store\", from a backup or elsewhere, can still "
                + "read the store, also what is written later. Where both may be in wrong hands, "
                + "make a new store and import what is in this one.",
        ],
        parameters: [store.declaration, KeyOption.file.declaration, next.declaration],
        examples: ["key rotate secret.mneme --key-file master.key --new-key-file next.key"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard let key = try KeyOption.key(invocation) else {
            throw CommandLineError(
                "key rotate needs the store's key as it is now: --key-file FILE."
            )
        }
        let next = try MasterKey.read(invocation[next])
        try Memory.changeKey(of: invocation[store], from: key, to: next)
        Output(invocation).put(.done) { ["\(invocation[store]) has another master key now."] }
    }
}
