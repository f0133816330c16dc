// The keys of a terminal while a screen renews itself: each is heard at once, and none is shown.

internal import Glibc
internal import MnemeBase
internal import MnemeCommandLine

/// Keys of the terminal that is standard input, heard until this object goes.
///
/// Control-C is a key like others as long: whoever hears it gives the terminal back before ending.
final class TopKeys {
    /// How the terminal was.
    private let before: termios

    /// The keys; nil where standard input is no terminal.
    init?() {
        var settings = termios()
        guard StandardStreams.inputIsTerminal,
            unsafe tcgetattr(STDIN_FILENO, &settings) == 0
        else { return nil }
        before = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
    }

    deinit {
        var settings = before
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// Waits so long for q or Control-C; false where neither came.
    ///
    /// Where the terminal goes away, nobody looks any more either.
    func wantsEnd(within microseconds: Microseconds) -> Bool {
        let end = RealClock().elapsed() + microseconds
        while true {
            let rest = max(0, end - RealClock().elapsed())
            var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&entry, 1, Int32(clamping: (rest + 999) / 1000))
            if count == 0 { return false }
            if count < 0 {
                guard errno == EINTR else { return true }
                continue
            }
            var key: UInt8 = 0
            guard unsafe read(STDIN_FILENO, &key, 1) == 1 else { return true }
            // Control-C, control-D.
            if [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4].contains(key) { return true }
        }
    }
}
