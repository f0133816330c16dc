// A pseudo-terminal with the program in it, and somebody who types.

import Foundation
import Glibc

/// The program in a terminal of 80 columns.
final class TestTerminal {
    private let master: Int32
    private let process = Process()
    private(set) var screen = TestScreen()

    /// TIOCSPTLCK and TIOCGPTN of Linux.
    private static let unlock: UInt = 0x4004_5431
    private static let terminalNumber: UInt = 0x8004_5430

    struct Trouble: Error {
        var text: String
    }

    init(_ place: BuiltProgram, _ arguments: [String]) throws {
        // As posix_openpt, unlockpt and ptsname do it, which the toolchain's Glibc does not show.
        master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var lock: Int32 = 0
        var number: Int32 = 0
        guard master >= 0, unsafe ioctl(master, Self.unlock, &lock) == 0,
            unsafe ioctl(master, Self.terminalNumber, &number) == 0
        else { throw Trouble(text: "there is no pseudo-terminal") }
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        _ = unsafe ioctl(master, UInt(TIOCSWINSZ), &size)
        let path = "/dev/pts/\(number)"
        guard let terminal = FileHandle(forUpdatingAtPath: path) else {
            throw Trouble(text: "\(path) cannot be opened")
        }
        process.executableURL = URL(filePath: BuiltProgram.executable)
        process.arguments = arguments
        process.currentDirectoryURL = place.directory
        process.environment = [
            "HOME": place.directory.path, "TERM": "xterm", "PATH": "/usr/bin:/bin",
        ]
        process.standardInput = terminal
        process.standardOutput = terminal
        process.standardError = terminal
        try process.run()
        try terminal.close()
    }

    deinit {
        if process.isRunning { process.terminate() }
        close(master)
    }

    /// Types keys, and waits until the cursor stands behind a text.
    func type(_ keys: String, until text: String) throws {
        let bytes = Array(keys.utf8)
        guard
            unsafe bytes.withUnsafeBytes({ unsafe Glibc.write(master, $0.baseAddress, $0.count) })
                == bytes.count
        else { throw Trouble(text: "nothing can be typed") }
        // What ends a line leads to another one; the prompt before it is not the one that is meant.
        let ends = keys.contains { $0 == "\r" || $0 == "\u{3}" }
        try wait(until: text, below: ends ? screen.row : -1)
    }

    /// Waits until the cursor stands behind a text, and nothing more comes.
    func wait(until text: String, below row: Int = -1) throws {
        var patience = 400
        while true {
            if try read(atMost: 50) { continue }
            if screen.row > row, screen.current == text { return }
            patience -= 1
            guard patience > 0, process.isRunning else {
                throw Trouble(
                    text: "waited for \"\(text)\" and saw \"\(screen.current)\" under\n"
                        + screen.lines.joined(separator: "\n")
                )
            }
        }
    }

    /// Sends the signal of control-C.
    func interrupt() { process.interrupt() }

    /// Types keys and waits for the program to end; its status.
    func end(_ keys: String) throws -> Int32 {
        let bytes = Array(keys.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(master, $0.baseAddress, $0.count) }
        while process.isRunning { _ = try read(atMost: 50) }
        while try read(atMost: 10) {}
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Takes what the program wrote; false where nothing came within so many milliseconds.
    private func read(atMost milliseconds: Int32) throws -> Bool {
        var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, milliseconds) > 0 else { return false }
        var block = [UInt8](repeating: 0, count: 4096)
        let count = unsafe block.withUnsafeMutableBytes { buffer in
            unsafe Glibc.read(master, buffer.baseAddress, buffer.count)
        }
        guard count > 0 else {
            usleep(1000)
            return false
        }
        screen.write(Array(block[..<count]))
        return true
    }
}
