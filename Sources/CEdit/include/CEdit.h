// A line editor for a terminal by libedit: its own functions take lists of arguments of any length,
// which Swift cannot call.
#ifndef MNEME_CEDIT_H
#define MNEME_CEDIT_H

#include <stddef.h>

/// A line editor with its history, for one thread.
typedef struct mneme_edit mneme_edit;

/// What goes on at the cursor of a line of `count` bytes, of which `cursor` stand before it. The text
/// is allocated by malloc: one that begins with a line end is shown below the line, another one is
/// put in at the cursor. Null where there is nothing.
typedef char *(*mneme_edit_complete)(void *context, const char *line, size_t count, size_t cursor);

/// What reading a line came to.
enum mneme_edit_end {
    /// The terminal is at its end: control-D on an empty line.
    mneme_edit_over = 0,
    /// A line was read.
    mneme_edit_line = 1,
    /// Control-C.
    mneme_edit_interrupted = 2,
};

/// Makes an editor on standard input and output, for a terminal that speaks UTF-8; null where there
/// is no memory or standard input is no terminal. `context` lives as long as the editor.
mneme_edit *mneme_edit_make(const char *name, mneme_edit_complete complete, void *context);

/// Gives everything back. The terminal is as it was.
void mneme_edit_free(mneme_edit *edit);

/// Reads a line behind a prompt. `*line` has `*count` bytes with the line end, and stays until the
/// next call.
enum mneme_edit_end mneme_edit_read(
    mneme_edit *edit, const char *prompt, const char **line, size_t *count);

/// Keeps a line in the history, but where it is the newest one already.
void mneme_edit_keep(mneme_edit *edit, const char *line);

/// Reads the history of a file; 0 where there is none, or it is no history.
int mneme_edit_load(mneme_edit *edit, const char *path);

/// Writes the history to a file that its owner alone reads; 0 where it cannot be written.
int mneme_edit_save(mneme_edit *edit, const char *path);

/// The columns of the terminal that standard output is, 0 where it is none.
int mneme_terminal_width(void);

#endif
