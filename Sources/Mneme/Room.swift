// The room's first file; see Sources/README.md.
