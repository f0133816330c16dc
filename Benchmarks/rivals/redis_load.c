// A client of Redis that asks as mneme-bench load does: one thread, a number of connections with a
// number of requests in flight each, answers looked for without sleeping. Prints requests a second.
//
// usage: redis_load PORT get|set CONNECTIONS DEPTH SECONDS
//
// Keys are key:0 … key:9999; values have 100 bytes. "get" puts all of them first.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 10000, VALUE = 100, MOST = 1024, ROOM = 1 << 16 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static uint64_t state = 1;
static uint64_t chance(void) {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int connection(int port) {
    int number = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (number < 0 || connect(number, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return number;
}

// Appends one request.
static int request(char *to, int sets, int key) {
    char name[16];
    int length = sprintf(name, "key:%d", key);
    if (!sets) return sprintf(to, "*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n", length, name);
    int count = sprintf(to, "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n", length, name, VALUE);
    for (int i = 0; i < VALUE; i++) to[count + i] = 'a' + chance() % 26;
    memcpy(to + count + VALUE, "\r\n", 2);
    return count + VALUE + 2;
}

static void send_all(int number, const char *bytes, int count) {
    while (count > 0) {
        ssize_t sent = send(number, bytes, count, MSG_NOSIGNAL);
        if (sent < 0) fail("send");
        bytes += sent;
        count -= sent;
    }
}

static void fill(int port) {
    int number = connection(port);
    char bytes[512], answer[5];
    for (int key = 0; key < KEYS; key++) {
        send_all(number, bytes, request(bytes, 1, key));
        if (recv(number, answer, 5, MSG_WAITALL) != 5 || memcmp(answer, "+OK\r\n", 5))
            fail("an answer to SET");
    }
    close(number);
}

int main(int count, char **words) {
    if (count != 6) {
        fprintf(stderr, "usage: redis_load PORT get|set CONNECTIONS DEPTH SECONDS\n");
        return 2;
    }
    int port = atoi(words[1]), sets = !strcmp(words[2], "set");
    int connections = atoi(words[3]), depth = atoi(words[4]);
    double seconds = atof(words[5]);
    if (connections < 1 || connections > MOST || depth < 1 || depth > 256) return 2;
    // An answer is "+OK" or "$100" and the value; both have a known length.
    int answer = sets ? 5 : 6 + VALUE + 2;
    if (!sets) fill(port);
    int epoll = epoll_create1(0), numbers[MOST], halves[MOST] = {0};
    static char bytes[ROOM];
    for (int i = 0; i < connections; i++) {
        numbers[i] = connection(port);
        fcntl(numbers[i], F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        epoll_ctl(epoll, EPOLL_CTL_ADD, numbers[i], &event);
        int length = 0;
        for (int k = 0; k < depth; k++) length += request(bytes + length, sets, chance() % KEYS);
        send_all(numbers[i], bytes, length);
    }
    double start = now(), end = start + 1 + seconds;
    uint64_t done = 0;
    int isWarm = 0;
    while (1) {
        struct epoll_event events[MOST];
        int ready = epoll_wait(epoll, events, MOST, 0);
        double time = now();
        if (!isWarm && time >= start + 1) {
            isWarm = 1;
            done = 0;
            start = time;
        }
        if (time >= end) break;
        for (int e = 0; e < ready; e++) {
            int i = events[e].data.u32;
            ssize_t got = recv(numbers[i], bytes, sizeof bytes, 0);
            if (got < 0 && errno == EAGAIN) continue;
            if (got <= 0) fail("recv");
            if (halves[i] == 0 && bytes[0] != (sets ? '+' : '$')) fail("an answer");
            halves[i] += got;
            int answers = halves[i] / answer, length = 0;
            halves[i] %= answer;
            done += answers;
            for (int k = 0; k < answers; k++)
                length += request(bytes + length, sets, chance() % KEYS);
            send_all(numbers[i], bytes, length);
        }
    }
    printf("%.1f\n", done / (now() - start));
    return 0;
}
