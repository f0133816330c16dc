// The crash harness as a program: more seeds than CI has time for, and one seed again.

internal import Glibc

exit(Program.run(Array(CommandLine.arguments.dropFirst())))
