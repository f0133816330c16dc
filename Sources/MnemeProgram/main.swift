// The program mneme. Everything that it does is a verb, listed in Tool.swift.

internal import Glibc
internal import MnemeCommandLine

exit(Tool.program.run())
