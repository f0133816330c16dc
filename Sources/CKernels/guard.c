// A fault on a mapping (a disk error, a file cut short by another hand) arrives as SIGBUS. The
// handler leaves by siglongjmp into the C frame below; no Swift frame is ever skipped. A SIGBUS
// from anywhere else goes to whoever was there before.
#include "guard.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static __thread sigjmp_buf *volatile guarded;
static struct sigaction previous;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

static void on_fault(int number, siginfo_t *info, void *context) {
    sigjmp_buf *place = guarded;
    if (place) {
        guarded = NULL;
        siglongjmp(*place, 1);
    }
    if (previous.sa_flags & SA_SIGINFO) {
        previous.sa_sigaction(number, info, context);
    } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
        signal(number, SIG_DFL);
        raise(number);
    } else {
        previous.sa_handler(number);
    }
}

static void install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

int mneme_guarded_copy(void *destination, const void *source, size_t count) {
    sigjmp_buf place;
    pthread_once(&installed, install);
    if (sigsetjmp(place, 0)) return -1;
    guarded = &place;
    memcpy(destination, source, count);
    guarded = NULL;
    return 0;
}

int mneme_guarded_touch(const void *source, size_t count) {
    return mneme_guarded_touch_all(&source, 1, count) == 1 ? 0 : -1;
}

size_t mneme_guarded_touch_all(const void *const *places, size_t place_count, size_t count) {
    sigjmp_buf jump;
    volatile size_t readable = 0;
    pthread_once(&installed, install);
    if (sigsetjmp(jump, 0)) return readable;
    guarded = &jump;
    for (size_t index = 0; index < place_count; index++) {
        const volatile uint8_t *bytes = places[index];
        readable = index;
        for (size_t offset = 0; offset < count; offset += 4096) (void)bytes[offset];
        if (count) (void)bytes[count - 1];
    }
    guarded = NULL;
    return place_count;
}
