// The table as it is on disk, in the read-only part of the binary.
// XXH3-64 of the table: 5b705747d68b6120
    .section .rodata.mneme_token_table, "a", %progbits
    .balign 64
    .global mneme_token_table
    .hidden mneme_token_table
    .type mneme_token_table, %object
mneme_token_table:
    .incbin "token-table.bin"
    .size mneme_token_table, . - mneme_token_table
    .section .note.GNU-stack, "", %progbits
