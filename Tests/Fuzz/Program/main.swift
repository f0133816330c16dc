// The wire's targets under libFuzzer; built by tools/fuzz alone, as only then there is a libFuzzer
// to link. Its driver is called as a function, so this stays a program like any other.

internal import Glibc
internal import WireFuzz

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

func start() -> Int32 {
    var count = CommandLine.argc
    var arguments = unsafe CommandLine.unsafeArgv
    return unsafe runDriver(&count, &arguments) { bytes, count in
        // SAFETY: libFuzzer lends `count` bytes for the length of the call.
        let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
        if let broken = WireFuzz.run(input) {
            print("what must hold does not: \(broken)")
            abort()
        }
        return 0
    }
}

exit(start())
