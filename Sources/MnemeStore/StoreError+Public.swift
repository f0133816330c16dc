// The one place where what goes wrong inside becomes what a caller sees.

internal import Glibc
internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

extension MnemeError {
    init(_ error: StoreError) {
        switch error {
        case .pages(let error): self.init(error)
        case .log(let error): self.init(error)
        case .malformed(let place):
            self.init(
                .damagedLog,
                "the frame in \(LogFile.label(place.segment)) at \(place.offset) "
                    + "(log/\(LogFile.name(place.segment))) is whole but makes no sense; keep the "
                    + "store as it is, and report this; \(Self.bringOut)"
            )
        case .inconsistent(let what):
            self.init(
                .corrupt,
                "an index does not agree with the log; run \"mneme rebuild\" to derive it again",
                cause: what
            )
        case .olderState(let version):
            self.init(
                .corrupt,
                "the state of the page file has version \(version), which is not read any more; "
                    + "run \"mneme rebuild\" to derive the pages again from the log"
            )
        case .refused(let error): self = error
        case .long:
            // The commit queue takes it, so that nobody is told.
            self.init(
                .tooManyRequests,
                "the batch was left to a thread that has more time; nothing was changed, commit it "
                    + "again"
            )
        }
    }

    init(_ error: PageError) {
        switch error {
        case .corrupt(let id, let place, let reason):
            self.init(
                .corrupt,
                "page \(String(id, radix: 16)) at place \(place) of the page file is damaged; "
                    + "run \"mneme rebuild\" to derive the pages again from the log",
                cause: reason
            )
        case .newer(let version):
            self.init(
                .newerFormat,
                "the page file has format \(version), which is newer than this program; use a "
                    + "newer one"
            )
        case .older(let version):
            self.init(
                .corrupt,
                "the page file has format \(version), which is not read any more; run "
                    + "\"mneme rebuild\" to derive the pages again from the log"
            )
        case .foreign(let path):
            self.init(
                .notAStore,
                "\(path) belongs to another store; put back the file that was there"
            )
        case .disk(let error): self.init(error)
        case .noMemory:
            self.init(
                .outOfMemory,
                "the system has no memory for another page; try again, in smaller batches, or "
                    + "give the process more or the store less (pageCacheBytes)"
            )
        }
    }

    init(_ error: LogError) {
        switch error {
        case .corrupt(let place, let sequence, let reason):
            self.init(
                .damagedLog,
                "the log is damaged in \(LogFile.label(place.segment)) at \(place.offset) "
                    + "(log/\(LogFile.name(place.segment)))"
                    + (sequence > 0 ? ", where sequence \(sequence) is expected" : "")
                    + "; \(Self.put(place.segment)), and see with \"mneme verify\" whether all is "
                    + "well, or restore a backup; \(Self.bringOut); a rebuild does not mend a log",
                cause: reason
            )
        case .missing(let segments):
            self.init(
                .damagedLog,
                "the log lacks \(Self.names(of: segments)): gone, or without a header that can be "
                    + "read; put back what was there, from a copy of the store if you made one, or "
                    + "restore a backup; no rebuild can do without it; \(Self.bringOut)"
            )
        case .foreign(let path):
            self.init(
                .notAStore,
                "\(path) belongs to another store or is no segment; put back the file that was "
                    + "there"
            )
        case .newer(let path, let version):
            self.init(
                .newerFormat,
                "\(path) has format \(version), which is newer than this program; use a newer one"
            )
        case .newerFrame(let place, let what):
            self.init(
                .newerFormat,
                "the frame in \(LogFile.label(place.segment)) at \(place.offset) has \(what), "
                    + "which a newer program wrote; use a newer one"
            )
        case .forged(let place, let sequence):
            self.init(
                .damagedLog,
                "the frame in segment \(place.segment) at \(place.offset) "
                    + "(log/\(LogFile.name(place.segment)), sequence \(sequence)) was changed "
                    + "since it was written, by somebody without the store's key; "
                    + "\(Self.put(place.segment)), or restore a backup; \(Self.bringOut)",
                cause: "authentication failed"
            )
        case .tooLarge(let byteCount, let limit):
            self.init(
                .tooLarge,
                "the batch takes \(byteCount) bytes of the log, at most \(limit) are allowed; "
                    + "split it"
            )
        case .poisoned:
            self.init(
                .outcomeUnknown,
                "a write to the log failed, and whether the commit survives is unknown; open the "
                    + "store again to see"
            )
        case .disk(let error): self.init(error)
        }
    }

    private static let bringOut =
        "\(StoreOpening.salvage) brings what is whole out into a new store"

    private static func put(_ segment: UInt64) -> String {
        "put back log/\(LogFile.name(segment)) as it was, from a copy of the store if you made one"
    }

    /// Segments by number and by file.
    private static func names(of segments: [ClosedRange<UInt64>]) -> String {
        let names = segments.prefix(8).map { range in
            let (first, last) = (range.lowerBound, range.upperBound)
            return first == last
                ? "\(LogFile.label(first)) (log/\(LogFile.name(first)))"
                : "segments \(first) to \(last) (log/\(LogFile.name(first)) to "
                    + "log/\(LogFile.name(last)))"
        }
        return names.joined(separator: ", ") + (segments.count > 8 ? " and more" : "")
    }

    init(_ error: DiskError) {
        switch error {
        case .notFound(let path):
            self.init(
                .notAStore,
                "\(path) is not there; check the path, or put back what was there"
            )
        case .exists(let path): self.init(.exists, "\(path) is there already; use another path")
        case .denied(let path):
            self.init(.denied, "access to \(path) is denied; check its owner and permissions")
        case .full(let path):
            self.init(.diskFull, "there is no room for \(path); make room and try again")
        case .busy(let path):
            self.init(
                .busy,
                "the store is open already, in this process or in another (\(path) is locked); "
                    + "close it there first"
            )
        case .short(let path, let offset):
            // A segment is derived from nothing else; the page file is.
            let isSegment = path.hasSuffix(".log")
            self.init(
                isSegment ? .damagedLog : .corrupt,
                "\(path) ends before byte \(offset); "
                    + (isSegment
                        ? "put it back as it was, from a copy of the store if you made one, or "
                            + "restore a backup; \(Self.bringOut)"
                        : "run \"mneme rebuild\" to derive the pages again from the log")
            )
        case .failed(call: SealedDisk.failure, let path, _):
            self.init(
                .corrupt,
                "a part of \(path) was not written with the store's key; run \"mneme rebuild\" to "
                    + "derive the pages again from the log",
                cause: "authentication failed"
            )
        case .failed(call: GuardedDisk.call, let path, _):
            self.init(
                .disk,
                "another directory stands at \(path) than when the store was opened, and nothing "
                    + "is written there; close the store, and open it where it is now"
            )
        case .failed(_, let path, EMFILE), .failed(_, let path, ENFILE):
            self.init(
                .disk,
                "\(path) cannot be opened, as too many files are open; close stores that are not "
                    + "used, or raise the limit (ulimit -n)"
            )
        case .failed("open", let path, EISDIR), .failed("open", let path, ENOTSUP):
            self.init(
                .notAStore,
                "\(path) is a directory or a device, where a file of the store is to be; put back "
                    + "the file that was there"
            )
        case .failed(let call, let path, let code):
            self.init(
                .disk,
                "\(call) of \(path) failed; check the disk, then open the store again",
                cause: "error \(code)"
            )
        }
    }

    init(_ error: VectorIndexError) {
        switch error {
        case .pages(let error): self.init(error)
        case .vector(.unreadable(let address)):
            self.init(
                .damagedLog,
                "a vector in \(LogFile.label(VectorAddress.segment(address))) of the log "
                    + "cannot be read; " + Self.put(VectorAddress.segment(address)),
                cause: "address \(address)"
            )
        case .vector(let error):
            self.init(
                .badVector,
                "the vector of the question is refused; give one that a record could have",
                cause: "\(error)"
            )
        }
    }

    /// As the other, of a question about a field: what is refused for its components names it.
    ///
    /// No vector that `VectorType.check` has let pass comes to that.
    init(_ error: VectorIndexError, field: String, of collection: String) {
        self.init(error)
        guard code == .badVector else { return }
        self.init(
            code,
            "the question for \(collection).\(field) is refused; give a vector that a record "
                + "could have",
            cause: cause
        )
    }
}
