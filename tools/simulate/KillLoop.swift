// Real kills of a real process.

enum KillLoop {
    static func run(_ arguments: [String]) -> Int32 { 2 }
}
