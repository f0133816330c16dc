// Of systemd/sd-daemon.h. The header itself takes in <sys/socket.h>, whose names would be this
// module's from then on and no more the Glibc module's.
#ifndef CSYSTEMD_SHIM_H
#define CSYSTEMD_SHIM_H

#include <stdint.h>

// The first of the descriptors that are passed.
#define SD_LISTEN_FDS_START 3

int sd_listen_fds(int unset_environment);
int sd_is_socket(int fd, int family, int type, int listening);
int sd_notify(int unset_environment, const char *state);

#endif
