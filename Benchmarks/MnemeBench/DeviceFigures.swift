// What reached the disk under a path. The counter of a process (`write_bytes` of proc(5)) is no use
// here: a write of 4 KiB into a file whose pages the kernel keeps in large pieces counts as a whole
// piece, 1 MiB with ext4 on Linux 6.18. The device counts what it was really told to write, by
// everybody.

internal import Foundation

/// The block device that a directory lies on.
struct DeviceFigures {
    private let counters: String

    /// The device of a directory; nil where no block device stands behind it.
    init?(of directory: String) {
        let path = URL(fileURLWithPath: directory).resolvingSymlinksInPath().path
        guard let mounts = Self.text(of: "/proc/self/mountinfo"),
            let device = Self.device(of: path, mounts: mounts)
        else { return nil }
        counters = "/sys/dev/block/\(device)/stat"
        guard Self.text(of: counters) != nil else { return nil }
    }

    /// Bytes written to the device since the system started.
    var writtenBytes: Int {
        let fields = Self.text(of: counters)?.split(whereSeparator: \.isWhitespace) ?? []
        // The seventh field counts sectors of 512 bytes, whatever the device's own are.
        return fields.count > 6 ? (Int(fields[6]) ?? 0) * 512 : 0
    }

    /// The number `major:minor` of the mount with the longest path that leads to a path (proc(5)).
    static func device(of path: String, mounts: String) -> String? {
        var best: (length: Int, device: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 4 else { continue }
            let mount = String(fields[4])
            let leads = mount == "/" || path == mount || path.hasPrefix(mount + "/")
            if leads, mount.count >= best?.length ?? 0 { best = (mount.count, String(fields[2])) }
        }
        return best?.device
    }

    private static func text(of path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else {
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }
}
