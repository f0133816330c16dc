// The time of what a pruning commits: that of the newest commit of the chain that it makes anew.
// Format: formats/backup.md#pruning.

internal import MnemeBase

/// A clock that stands at the newest commit of a backup; durations go on.
struct PastClock: Clock {
    private let real: any Clock
    private let instant: Microseconds?

    /// Of a backup without a commit it goes on as the other one does.
    init(_ real: any Clock, at manifest: BackupManifest) {
        self.real = real
        instant = manifest.commit > 0 ? manifest.time : nil
    }

    func now() -> Microseconds { instant ?? real.now() }

    func elapsed() -> Microseconds { real.elapsed() }
}
