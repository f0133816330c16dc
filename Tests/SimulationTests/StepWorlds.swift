// The worlds that a disk goes through, one after each of its steps.

import MnemeBase
import SimulatedWorld
import Synchronization

@testable import CrashHarness

/// Keeps a disk as it was after each of its steps.
final class StepWorlds: Sendable {
    typealias World = (step: String, disk: SimulatedDisk)

    private let below: SimulatedDisk
    private let worlds = Mutex<[World]>([])

    init(_ below: SimulatedDisk) { self.below = below }

    /// The disk whose steps are noted.
    var disk: any Disk {
        SteppingDisk(below) { [self] step in
            worlds.withLock { $0.append((step, below.crashKeepingAll())) }
        }
    }

    /// The worlds since the last time, oldest first.
    func take() -> [World] {
        worlds.withLock { worlds in
            defer { worlds = [] }
            return worlds
        }
    }
}
