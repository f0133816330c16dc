// The line editor. While a line is read the terminal sends no signals for its keys: control-C ends
// the line, and control-Z stops the process group as it should. While nothing is read the terminal
// is as it was found.

#include "CEdit.h"

#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/// How many statements a history keeps.
enum { history_count = 2000 };

struct mneme_edit {
    EditLine *line;
    History *history;
    const char *prompt;
    mneme_edit_complete complete;
    void *context;
    int is_interrupted;
};

static mneme_edit *of(EditLine *line) {
    mneme_edit *edit = NULL;
    el_get(line, EL_CLIENTDATA, (void **)&edit);
    return edit;
}

static char *prompt(EditLine *line) { return (char *)of(line)->prompt; }

static unsigned char complete(EditLine *line, int key) {
    (void)key;
    mneme_edit *edit = of(line);
    const LineInfo *info = el_line(line);
    char *text = edit->complete(
        edit->context, info->buffer, (size_t)(info->lastchar - info->buffer),
        (size_t)(info->cursor - info->buffer));
    if (text == NULL) return CC_REFRESH_BEEP;
    unsigned char end = CC_REFRESH;
    if (text[0] == '\n') {
        fputs(text, stdout);
        fputc('\n', stdout);
        fflush(stdout);
        end = CC_REDISPLAY;
    } else if (el_insertstr(line, text) != 0) {
        end = CC_ERROR;
    }
    free(text);
    return end;
}

static unsigned char interrupt(EditLine *line, int key) {
    (void)key;
    of(line)->is_interrupted = 1;
    return CC_EOF;
}

static unsigned char suspend(EditLine *line, int key) {
    (void)key;
    el_set(line, EL_PREP_TERM, 0);
    kill(0, SIGTSTP);
    el_set(line, EL_PREP_TERM, 1);
    return CC_REDISPLAY;
}

mneme_edit *mneme_edit_make(const char *name, mneme_edit_complete complete_line, void *context) {
    if (!isatty(STDIN_FILENO)) return NULL;
    setlocale(LC_CTYPE, "C.UTF-8");
    mneme_edit *edit = calloc(1, sizeof *edit);
    if (edit == NULL) return NULL;
    edit->complete = complete_line;
    edit->context = context;
    edit->prompt = "";
    edit->history = history_init();
    edit->line = el_init(name, stdin, stdout, stderr);
    if (edit->history == NULL || edit->line == NULL) {
        mneme_edit_free(edit);
        return NULL;
    }
    HistEvent event;
    history(edit->history, &event, H_SETSIZE, (int)history_count);
    history(edit->history, &event, H_SETUNIQUE, 1);
    el_set(edit->line, EL_CLIENTDATA, edit);
    el_set(edit->line, EL_HIST, history, edit->history);
    el_set(edit->line, EL_EDITOR, "emacs");
    el_set(edit->line, EL_PROMPT, prompt);
    el_set(edit->line, EL_SETTY, "-d", "-isig", NULL);
    el_set(edit->line, EL_ADDFN, "mneme-complete", "completes words", complete);
    el_set(edit->line, EL_ADDFN, "mneme-interrupt", "gives the line up", interrupt);
    el_set(edit->line, EL_ADDFN, "mneme-suspend", "stops the process", suspend);
    el_set(edit->line, EL_BIND, "^I", "mneme-complete", NULL);
    el_set(edit->line, EL_BIND, "^C", "mneme-interrupt", NULL);
    el_set(edit->line, EL_BIND, "^Z", "mneme-suspend", NULL);
    el_set(edit->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
    // Where the user has rules of his own, they count.
    el_source(edit->line, NULL);
    return edit;
}

void mneme_edit_free(mneme_edit *edit) {
    if (edit->line != NULL) el_end(edit->line);
    if (edit->history != NULL) history_end(edit->history);
    free(edit);
}

enum mneme_edit_end mneme_edit_read(
    mneme_edit *edit, const char *prompt_text, const char **line, size_t *count) {
    int read = 0;
    edit->prompt = prompt_text;
    edit->is_interrupted = 0;
    // The terminal may have another size by now.
    el_resize(edit->line);
    const char *text = el_gets(edit->line, &read);
    edit->prompt = "";
    if (edit->is_interrupted) {
        fputs("^C\n", stdout);
        fflush(stdout);
        return mneme_edit_interrupted;
    }
    if (text == NULL || read <= 0) return mneme_edit_over;
    *line = text;
    *count = (size_t)read;
    return mneme_edit_line;
}

void mneme_edit_keep(mneme_edit *edit, const char *line) {
    HistEvent event;
    history(edit->history, &event, H_ENTER, line);
}

int mneme_edit_load(mneme_edit *edit, const char *path) {
    HistEvent event;
    return history(edit->history, &event, H_LOAD, path) >= 0;
}

int mneme_edit_save(mneme_edit *edit, const char *path) {
    HistEvent event;
    return history(edit->history, &event, H_SAVE, path) >= 0;
}

int mneme_terminal_width(void) {
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}
