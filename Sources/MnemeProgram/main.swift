// The program mneme. Everything that it does is a verb, listed in Tool.swift.

internal import Glibc
internal import MnemeCommandLine

// A write beyond the limit on the length of files fails, and ends nothing.
signal(SIGXFSZ, SIG_IGN)
exit(Tool.program.run())
