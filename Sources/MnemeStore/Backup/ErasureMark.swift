// Which versions of a record an erase frame names. Ordinals and sequences are given again where a
// store is restored and goes on from there, so that they alone do not tell a record from one of
// another branch; incarnations rise in each branch, and forks say where it began. Format:
// formats/store.md#erase.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemeTree

/// What tells a version of a record from those of other branches.
struct VersionOrigin: Hashable, Sendable {
    /// Of its put frame.
    var sequence: UInt64
    /// Of its put frame.
    var incarnation: UInt64
    /// Whether it is the record's first version.
    var isFirst: Bool
}

/// What an erase frame says of its record beyond what a delete says.
struct ErasureMark: Sendable {
    var check: UInt64
    /// The newest version; nil where it was put by the same batch, which tells no more.
    var origin: VersionOrigin?
    /// Those that tell its versions from other branches'.
    var forks: [Fork]

    /// `line`: all forks of the store.
    init(
        _ key: Key,
        _ collection: UInt16,
        _ origin: VersionOrigin?,
        _ identity: LogIdentity,
        line: [Fork]
    ) {
        check = ErasureCheck.of(key, in: collection, of: identity)
        self.origin = origin
        forks = line.behind(origin)
    }

    /// The columns of the frame, those of a delete among them.
    func columns(_ delete: PlainColumns) -> [UInt8] {
        var delete = delete
        delete.from = check
        delete.to = origin?.sequence ?? 0
        let size = ErasureColumns.size + forks.count * Fork.byteCount
        var writer = ByteWriter(capacity: size)
        writer.put(delete.bytes)
        writer.put(origin?.incarnation ?? 0)
        writer.put(UInt64(origin?.isFirst == true ? 1 : 0))
        for fork in forks { fork.put(into: &writer) }
        return writer.bytes
    }
}

/// The index columns of an erase, without forks.
enum ErasureColumns {
    static let size = 56
}

/// What an erase frame says of the key of its record, which does not say the key itself.
enum ErasureCheck {
    static func of(_ key: Key, in collection: UInt16, of identity: LogIdentity) -> UInt64 {
        var writer = ByteWriter()
        writer.put(identity.high)
        writer.put(identity.low)
        writer.put(key.frameKind)
        writer.put(bytes(of: key))
        return Checksum.xxh3(writer.bytes, seed: UInt64(collection))
    }

    /// Of a narrow erase: 1 to 65,536.
    static func narrow(_ key: Key, in collection: UInt16) -> UInt64 {
        let hash = Checksum.xxh3([key.frameKind] + bytes(of: key), seed: UInt64(collection))
        return 1 + hash & 0xffff
    }

    /// As keys are told apart: versions of one record may be spelled differently.
    private static func bytes(of key: Key) -> [UInt8] {
        if case .text(let text) = key { return KeyText.normalized(text) }
        return key.frameBytes
    }
}

/// The versions of a record that an erase frame names.
struct Erasure: Hashable, Sendable {
    let ordinal: UInt64
    let collection: UInt16
    /// The check of its key.
    let check: UInt64
    /// Whether the check is that of a narrow erase.
    let isNarrow: Bool
    /// The newest of them; of a narrow erase, the last that there can be.
    let newest: VersionOrigin
    /// What they have passed that other branches' versions have not.
    private(set) var forks: [Fork] = []

    /// Of a frame's columns and head; nil where they are those of no erase.
    init?(_ columns: [UInt8], type: UInt8, sequence: UInt64, incarnation: UInt64) {
        guard StoreFrameType.isErase(type), let plain = try? PlainColumns(columns) else {
            return nil
        }
        (ordinal, collection, check) = (plain.ordinal, plain.kind, plain.from)
        isNarrow = type == StoreFrameType.narrowErase
        var newest = VersionOrigin(
            sequence: sequence &- 1,
            incarnation: incarnation,
            isFirst: false
        )
        if !isNarrow {
            var reader = ByteReader(columns)
            for _ in 0..<5 { guard (try? reader.get(UInt64.self)) != nil else { return nil } }
            guard let opening = try? reader.get(UInt64.self),
                let first = try? reader.get(UInt64.self)
            else { return nil }
            if plain.to != 0 {
                newest = VersionOrigin(
                    sequence: plain.to,
                    incarnation: opening,
                    isFirst: first & 1 == 1
                )
            }
            while let fork = try? Fork(&reader) { forks.append(fork) }
        }
        self.newest = newest
    }

    /// Whether a version of the ordinal in the collection is one of those that were erased.
    ///
    /// In one branch, later frames have neither a lower sequence nor a lower incarnation: what was
    /// put behind the newest of them by either is of another branch. So is what another one put
    /// behind a fork, before which it was the same.
    func names(_ key: Key, _ version: VersionOrigin, in identity: LogIdentity) -> Bool {
        guard newest.isFirst ? version == newest : isBefore(version) else { return false }
        let check =
            isNarrow
            ? ErasureCheck.narrow(key, in: collection)
            : ErasureCheck.of(key, in: collection, of: identity)
        return check == self.check
    }

    /// Whether a version is not behind the newest one, on the way that led there.
    private func isBefore(_ version: VersionOrigin) -> Bool {
        version.incarnation <= newest.incarnation && version.sequence <= newest.sequence
            && forks.allSatisfy { $0.lets(version) }
    }
}
