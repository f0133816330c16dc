// The door to epoll and eventfd, and to two functions of glibc that its headers show only to those
// who ask for GNU extensions, which the toolchain's Glibc module does not. Names of their own keep
// these declarations apart from the headers'.
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// accept4: the address may be of any family.
extern int mneme_accept4(int, void *, unsigned int *, int) __asm__("accept4");
/// pthread_setname_np: at most 15 bytes and a zero.
extern int mneme_set_thread_name(unsigned long, const char *) __asm__("pthread_setname_np");
