// What the files of a store have in them, whoever wrote it.

import MnemeBase
import SimulatedWorld

extension SimulatedDisk {
    /// The names of the files of a store that hold these bytes, in order.
    func files(of store: String = "store", with bytes: [UInt8]) throws -> [String] {
        var found: [String] = []
        for directory in [store, store + "/log"] {
            for name in try list(directory) {
                guard let file = try? open(directory + "/" + name, .read) else { continue }
                let all = try file.read(at: 0, count: Int(try file.byteCount()))
                if all.indices.contains(where: { all[$0...].starts(with: bytes) }) {
                    found.append(name)
                }
            }
        }
        return found.sorted()
    }
}
