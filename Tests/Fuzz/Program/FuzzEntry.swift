// The targets as libFuzzer calls them, one in a process: MNEME_FUZZ_TARGET names it. Built by
// tools/fuzz alone, as only under its sanitizer there is a `main` to link with. With
// MNEME_FUZZ_SEEDS the target's true inputs are written to that folder, and that is all.

internal import FuzzTargets
internal import Glibc

/// The target that is fuzzed.
private let target: FuzzTarget = {
    let name = environment("MNEME_FUZZ_TARGET") ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        print("MNEME_FUZZ_TARGET is \"\(name)\" and names no target. Name one of: \(known).")
        exit(2)
    }
    return target
}()

private func environment(_ name: String) -> String? {
    // SAFETY: the process has one thread, and nobody changes the environment.
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// Called once before the first input.
@_cdecl("LLVMFuzzerInitialize")
package func initializeFuzzer(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutableRawPointer?
) -> CInt {
    guard let folder = environment("MNEME_FUZZ_SEEDS") else { return 0 }
    for seed in target.seeds { write(seed.bytes, to: folder + "/" + seed.name) }
    print("\(target.seeds.count) inputs of \(target.rawValue) are in \(folder).")
    exit(0)
}

private func write(_ bytes: [UInt8], to path: String) {
    // SAFETY: the file is closed before its pointer goes, and the bytes outlive the call.
    guard let file = unsafe fopen(path, "w") else {
        print("\(path) cannot be written; see that its folder is there.")
        exit(2)
    }
    let written = unsafe fwrite(bytes, 1, bytes.count, file)
    guard unsafe fclose(file) == 0, written == bytes.count else {
        print("\(path) cannot be written; see that there is room on its disk.")
        exit(2)
    }
}

/// Runs one input; an answer that is wrong ends the process, which libFuzzer reports.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer lends `count` bytes for the length of the call.
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let broken = target.run(input) {
        print("what must hold does not: \(broken)")
        abort()
    }
    return 0
}
