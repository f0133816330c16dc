// The wire's targets as libFuzzer calls them; built by tools/fuzz alone, as only under its
// sanitizer there is a `main` to link with.

internal import Glibc
internal import WireFuzz

/// Runs one input; an answer that is wrong ends the process, which libFuzzer reports.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer lends `count` bytes for the length of the call.
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let broken = WireFuzz.run(input) {
        print("what must hold does not: \(broken)")
        abort()
    }
    return 0
}
