// The page file of an encrypted store: to who reads and writes it, places of 1,024 bytes as on any
// disk; in the file each is enciphered with 32 bytes behind it, under a nonce that it never had
// before. Format: formats/encryption.md#pages.

package import MnemeBase
internal import Synchronization

/// A disk on which page files are enciphered.
package struct SealedDisk: PassingDisk {
    package let below: any Disk
    private let vault: Vault

    /// What a place that does not open fails with, as the call of `DiskError.failed`.
    package static let failure = "decryption"

    /// The disk beneath, and the keys.
    package init(_ disk: any Disk, _ vault: Vault) {
        below = disk
        self.vault = vault
    }

    package func open(_ path: String, _ mode: OpenMode) throws(DiskError) -> any DiskFile {
        SealedFile(try below.open(path, mode), vault)
    }
}

/// A file of enciphered places.
final class SealedFile: DiskFile {
    /// Bytes of a place, and of what stands for it in the file.
    static let place = PlaceLayout.size
    static let stored = PlaceLayout.size + 32
    private static let tag = stored - Cipher.tagCount
    /// Places of one read or write.
    private static let piece = 1024
    /// Places of the root blocks: one that is torn is no error.
    private static let rootPlaces = UInt64(2 * PlaceLayout.page)
    /// Ciphers of sessions that are kept.
    private static let sessionLimit = 64

    private struct Session {
        let salt: SessionSalt
        let cipher: Cipher
        /// The next place's counter.
        var next: UInt64 = 0
    }

    let path: String
    private let file: any DiskFile
    private let vault: Vault
    private let writing = Mutex<Session?>(nil)
    private let sessions = Mutex<[SessionSalt: Cipher]>([:])

    init(_ file: any DiskFile, _ vault: Vault) {
        self.file = file
        self.vault = vault
        path = file.path
    }

    func byteCount() throws(DiskError) -> UInt64 {
        try file.byteCount() / UInt64(Self.stored) * UInt64(Self.place)
    }

    func truncate(to byteCount: UInt64) throws(DiskError) {
        let places = (byteCount + UInt64(Self.place) - 1) / UInt64(Self.place)
        try file.truncate(to: places * UInt64(Self.stored))
    }

    func sync() throws(DiskError) { try file.sync() }

    func writeBack() throws(DiskError) { try file.writeBack() }

    func close() throws(DiskError) { try file.close() }

    /// A copy, in the clear, as an extent is never written again.
    func map(at offset: UInt64, count: Int) throws(DiskError) -> Mapping {
        let room = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
        do throws(DiskError) {
            var span = unsafe MutableRawSpan(_unsafeStart: room, byteCount: count)
            try read(into: &span, at: offset)
        } catch {
            unsafe room.deallocate()
            throw error
        }
        nonisolated(unsafe) let kept = unsafe room
        return unsafe Mapping(base: room, count: count, path: path, faults: false) {
            unsafe kept.deallocate()
        }
    }

    // MARK: Reading

    func read(into span: inout MutableRawSpan, at offset: UInt64) throws(DiskError) {
        try unsafe span.withUnsafeMutableBytes { (target) throws(DiskError) in
            unsafe try read(into: target, at: offset)
        }
    }

    private func read(
        into target: UnsafeMutableRawBufferPointer,
        at offset: UInt64
    ) throws(DiskError) {
        let size = UInt64(Self.place)
        var place = offset / size
        let end = (offset + UInt64(target.count) + size - 1) / size
        var opener = PlaceOpener(self)
        while place < end {
            let count = Int(min(end - place, UInt64(Self.piece)))
            let bytes = try file.read(at: place * UInt64(Self.stored), count: count * Self.stored)
            for index in 0..<count {
                let number = place + UInt64(index)
                // Where the place begins in the target; before it, for the first one perhaps.
                let start = Int(Int64(bitPattern: number * size) - Int64(bitPattern: offset))
                let isOpen = unsafe bytes.withUnsafeBytes { stored in
                    unsafe opener.open(
                        UnsafeRawBufferPointer(
                            rebasing: stored[index * Self.stored..<(index + 1) * Self.stored]
                        ),
                        number,
                        into: target,
                        at: start
                    )
                }
                if !isOpen {
                    throw .failed(call: SealedDisk.failure, path: path, code: 74)
                }
            }
            place += UInt64(count)
        }
    }

    /// Deciphers places into a part of memory.
    private struct PlaceOpener {
        private let file: SealedFile
        private var last: (salt: SessionSalt, cipher: Cipher)?

        init(_ file: SealedFile) { self.file = file }

        /// Puts a place where it belongs, as much as there is room for; false when it does not
        /// open.
        mutating func open(
            _ stored: UnsafeRawBufferPointer,
            _ number: UInt64,
            into target: UnsafeMutableRawBufferPointer,
            at start: Int
        ) -> Bool {
            if start >= 0, start + SealedFile.place <= target.count,
                let base = target.baseAddress
            {
                return unsafe open(stored, number, into: base + start)
            }
            return unsafe withUnsafeTemporaryAllocation(
                byteCount: SealedFile.place,
                alignment: 8
            ) { whole in
                guard let base = whole.baseAddress, unsafe open(stored, number, into: base) else {
                    return false
                }
                let first = max(start, 0)
                let end = min(start + SealedFile.place, target.count)
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[first..<end]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: whole[(first - start)..<(end - start)])
                )
                return true
            }
        }

        private mutating func open(
            _ stored: UnsafeRawBufferPointer,
            _ number: UInt64,
            into target: UnsafeMutableRawPointer
        ) -> Bool {
            guard let base = stored.baseAddress else { return false }
            let salt = unsafe SessionSalt(stored, at: SealedFile.place)
            if salt.isZero, unsafe stored.allSatisfy({ $0 == 0 }) {
                unsafe target.initializeMemory(
                    as: UInt8.self,
                    repeating: 0,
                    count: SealedFile.place
                )
                return true
            }
            let cipher = cipher(salt)
            let counter = unsafe UInt32(
                littleEndian: stored.loadUnaligned(
                    fromByteOffset: SealedFile.place + 12,
                    as: UInt32.self
                )
            )
            let isOpen = unsafe cipher.open(
                UnsafeRawBufferPointer(rebasing: stored[0..<SealedFile.place]),
                head: UnsafeRawBufferPointer(start: nil, count: 0),
                Nonce(number, counter),
                tag: base + SealedFile.tag,
                into: target
            )
            if isOpen { return true }
            guard number < SealedFile.rootPlaces else { return false }
            unsafe target.initializeMemory(as: UInt8.self, repeating: 0xff, count: SealedFile.place)
            return true
        }

        private mutating func cipher(_ salt: SessionSalt) -> Cipher {
            if let last, last.salt == salt { return last.cipher }
            let found = file.cipher(salt)
            last = (salt, found)
            return found
        }
    }

    /// The cipher of a session.
    private func cipher(_ salt: SessionSalt) -> Cipher {
        sessions.withLock { sessions in
            if let known = sessions[salt] { return known }
            // What is dropped is made again.
            if sessions.count >= Self.sessionLimit { sessions.removeAll() }
            let made = vault.session(salt: salt.bytes)
            sessions[salt] = made
            return made
        }
    }

    // MARK: Writing

    /// Writes whole places, the last one filled up with zeros: nothing is ever read for it.
    ///
    /// - Precondition: a place begins at the offset.
    func write(_ span: RawSpan, at offset: UInt64) throws(DiskError) {
        try unsafe span.withUnsafeBytes { (source) throws(DiskError) in
            unsafe try write(source, at: offset)
        }
    }

    private func write(_ source: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        let size = UInt64(Self.place)
        precondition(offset % size == 0, "no place begins here")
        var place = offset / size
        let end = (offset + UInt64(source.count) + size - 1) / size
        if end <= Self.rootPlaces, try unsafe holds(source, at: offset) {
            let first = place * UInt64(Self.stored)
            let there = try file.read(at: first, count: Int(end - place) * Self.stored)
            return try file.write(there, at: first)
        }
        while place < end {
            let count = Int(min(end - place, UInt64(Self.piece)))
            var bytes = [UInt8](repeating: 0, count: count * Self.stored)
            for index in 0..<count {
                let number = place + UInt64(index)
                let first = Int(number * size - offset)
                let last = min(first + Self.place, source.count)
                unsafe bytes.withUnsafeMutableBytes { target in
                    let to = index * Self.stored
                    unsafe UnsafeMutableRawBufferPointer(rebasing: target[to...]).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[first..<last])
                    )
                }
            }
            seal(&bytes, from: place, count)
            try file.write(bytes, at: place * UInt64(Self.stored))
            place += UInt64(count)
        }
    }

    /// Whether whole places hold these bytes already: a root block that is written once more, to be
    /// durable, must stay whole wherever the power is cut, so it is not enciphered anew.
    private func holds(
        _ source: UnsafeRawBufferPointer,
        at offset: UInt64
    ) throws(DiskError) -> Bool {
        guard source.count % Self.place == 0, try byteCount() >= offset + UInt64(source.count)
        else { return false }
        return unsafe try read(at: offset, count: source.count).elementsEqual(source)
    }

    /// Enciphers places where they stand, each with its trailer.
    private func seal(_ bytes: inout [UInt8], from place: UInt64, _ count: Int) {
        let session = writing.withLock { session in
            // A session's counter never comes round.
            if session.map({ $0.next + UInt64(count) > 1 << 32 }) ?? true {
                let salt = SessionSalt(vault.draw(), UInt32(truncatingIfNeeded: vault.draw()))
                session = Session(salt: salt, cipher: cipher(salt))
            }
            defer { session?.next += UInt64(count) }
            return session
        }
        guard let session else { return }
        unsafe bytes.withUnsafeMutableBytes { target in
            for index in 0..<count {
                let stored = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: target[index * Self.stored..<(index + 1) * Self.stored]
                )
                // Zeros are zeros: what is erased leaves nothing behind.
                guard let base = stored.baseAddress, unsafe stored.contains(where: { $0 != 0 })
                else { continue }
                let counter = UInt32(truncatingIfNeeded: session.next + UInt64(index))
                unsafe session.salt.store(to: stored, at: Self.place)
                unsafe stored.storeBytes(
                    of: counter.littleEndian,
                    toByteOffset: Self.place + 12,
                    as: UInt32.self
                )
                unsafe session.cipher.seal(
                    UnsafeMutableRawBufferPointer(rebasing: stored[0..<Self.place]),
                    head: UnsafeRawBufferPointer(start: nil, count: 0),
                    Nonce(place + UInt64(index), counter),
                    tag: base + Self.tag
                )
            }
        }
    }
}

/// The salt of a session: 12 bytes.
private struct SessionSalt: Hashable, Sendable {
    private let first: UInt64
    private let second: UInt32

    init(_ first: UInt64, _ second: UInt32) {
        self.first = first
        self.second = second
    }

    init(_ stored: UnsafeRawBufferPointer, at offset: Int) {
        first = unsafe UInt64(
            littleEndian: stored.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        )
        second = unsafe UInt32(
            littleEndian: stored.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)
        )
    }

    func store(to stored: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe stored.storeBytes(of: first.littleEndian, toByteOffset: offset, as: UInt64.self)
        unsafe stored.storeBytes(of: second.littleEndian, toByteOffset: offset + 8, as: UInt32.self)
    }

    var isZero: Bool { first == 0 && second == 0 }

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 12)
        writer.put(first)
        writer.put(second)
        return writer.bytes
    }
}
