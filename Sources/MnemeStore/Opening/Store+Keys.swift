// The keys of a store that is opened or made: whether it is encrypted is held against whether a
// master key was given before any other file is looked at. Format: formats/encryption.md.

internal import MnemeBase
package import MnemeModel
internal import MnemePages

extension StoreOpening {
    /// The disk that the page file is on, to who reads and writes pages.
    var pageDisk: any Disk { vault.map { SealedDisk(disk, $0) } ?? disk }

    /// Takes up an identity file.
    ///
    /// - Throws: `.refused` with `badKey` where the master key is missing, another one, or given
    ///   for a store that is not encrypted.
    mutating func unlock(_ file: IdentityFile) throws(StoreError) {
        guard let wrapped = file.wrapped else {
            guard options.masterKey == nil else {
                throw .refused(
                    MnemeError(
                        .badKey,
                        "\(directory) is not encrypted, and a key was given for it; leave the key "
                            + "away (--key-file, MNEME_KEY_FILE, MNEME_KEY), or check the path"
                    )
                )
            }
            identityFile = file
            return
        }
        guard let master = options.masterKey else {
            throw .refused(
                MnemeError(
                    .badKey,
                    "\(directory) is encrypted, and no key was given; give the file with its "
                        + "master key (--key-file FILE, or MNEME_KEY_FILE, or MNEME_KEY)"
                )
            )
        }
        let head = IdentityFile.head(file.identity, isEncrypted: true)
        guard let key = wrapped.open(with: master, head: head) else {
            throw .refused(
                MnemeError(
                    .badKey,
                    "the key that was given is not that of \(directory); give the master key that "
                        + "it was made with or changed to, or put back its file \"store\" if that "
                        + "was damaged",
                    cause: "authentication failed"
                )
            )
        }
        identityFile = file
        vault = vault(key, file.identity)
    }

    /// An identity, and a store key where a master key is given.
    mutating func makeIdentity() -> StoreIdentity {
        let identity = StoreIdentity(
            high: options.randomness.next(),
            low: options.randomness.next()
        )
        identityFile = IdentityFile(identity)
        if let master = options.masterKey {
            let key = SecretKey(drawnFrom: options.secrets)
            identityFile = wrap(key, identity, under: master)
            vault = vault(key, identity)
        }
        return identity
    }

    private func vault(_ key: SecretKey, _ identity: StoreIdentity) -> Vault {
        Vault(
            key,
            identity: identity.high,
            identity.low,
            randomness: options.secrets,
            watch: options.watchesSealing
        )
    }

    private func wrap(
        _ key: SecretKey,
        _ identity: StoreIdentity,
        under master: MasterKey
    ) -> IdentityFile {
        let salt = Vault.draw(count: WrappedKey.saltCount, from: options.secrets)
        let head = IdentityFile.head(identity, isEncrypted: true)
        return IdentityFile(identity, WrappedKey(key, under: master, salt: salt, head: head))
    }

    /// Writes the identity file anew, with the store key under another master key.
    fileprivate mutating func change(to master: MasterKey) throws(StoreError) {
        let lock = try onDisk { () throws(DiskError) in try disk.lock(paths.lock) }
        defer { lock.release() }
        _ = try readIdentity()
        guard let vault, let identity = identityFile?.identity else {
            throw .refused(
                MnemeError(
                    .badKey,
                    "\(directory) is not encrypted, and has no key to change; make an encrypted "
                        + "store and import what is in this one"
                )
            )
        }
        identityFile = wrap(vault.key, identity, under: master)
        try onDisk { () throws(DiskError) in
            if disk.holds(paths.newIdentity) { try disk.remove(paths.newIdentity) }
        }
        try writeIdentity()
    }
}

extension Store {
    /// Gives an encrypted store another master key; its contents stay as they are.
    ///
    /// Backups that were made before are opened with the key that was the store's then.
    ///
    /// - Throws: `.badKey` when `options` have not the store's key, `.busy` when it is open,
    ///   `.notAStore`, `.disk`.
    package static func changeKey(
        of directory: String,
        to master: MasterKey,
        options: StoreOptions
    ) throws(MnemeError) {
        do throws(StoreError) {
            var opening = StoreOpening(directory: directory, options: options)
            guard try opening.holds(opening.paths.identity) else {
                throw .refused(
                    MnemeError(.notAStore, "\(directory) is not a store; check the path")
                )
            }
            try opening.checkNoBackup()
            try opening.change(to: master)
        } catch {
            throw MnemeError(error)
        }
    }
}
