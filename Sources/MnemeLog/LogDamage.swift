// Damage that was found while the log was open: by whoever read a frame, or by a scrub. It is kept
// for whoever asks, and told once; reading the rest goes on.

internal import MnemeBase
internal import Synchronization

/// A place of the log that does not read back as it was written.
package struct LogDamage: Hashable, Sendable {
    /// Where; of a whole segment its first byte.
    package let place: LogPlace
    /// The sequence that is expected there, 0 where a reader does not know it.
    package let sequence: UInt64
    /// How many frames cannot be read, 0 where that is not known.
    package let frameCount: UInt64
    /// What is the matter, for people.
    package let reason: String
}

/// The damage that was found since a log was opened.
struct FoundDamage {
    /// More places are not listed.
    static let limit = 100

    var places: Set<LogPlace> = []
    var list: [LogDamage] = []
    var tell: (@Sendable (LogDamage) -> Void)?
}

extension Log {
    /// The damage that was found since the log was opened, the first hundred places.
    ///
    /// For any thread.
    package var damage: [LogDamage] { found.withLock { $0.list } }

    /// Has somebody told of every new damage, on the thread that finds it, which must not wait for
    /// anything there.
    package func onDamage(_ tell: @escaping @Sendable (LogDamage) -> Void) {
        found.withLock { $0.tell = tell }
    }

    /// Notes damage unless its place is known to be damaged.
    func note(_ damage: LogDamage) {
        let tell = found.withLock { found -> (@Sendable (LogDamage) -> Void)? in
            guard found.list.count < FoundDamage.limit, found.places.insert(damage.place).inserted
            else { return nil }
            found.list.append(damage)
            return found.tell
        }
        tell?(damage)
    }

    /// Runs a read of the frame at a place, and notes when that is damaged.
    func noting<Result>(
        _ place: LogPlace,
        _ read: () throws(LogError) -> Result
    ) throws(LogError) -> Result {
        do throws(LogError) {
            return try read()
        } catch {
            switch error {
            case .corrupt(let place, let sequence, let reason):
                note(LogDamage(place: place, sequence: sequence, frameCount: 0, reason: reason))
            case .forged(let place, let sequence):
                let reason = "it was not written with the store's key"
                note(LogDamage(place: place, sequence: sequence, frameCount: 0, reason: reason))
            case .disk(.failed(let call, _, let code)):
                let reason = "\(call) failed with error \(code)"
                note(LogDamage(place: place, sequence: 0, frameCount: 0, reason: reason))
            default: break
            }
            throw error
        }
    }
}
