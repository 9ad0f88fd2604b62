/* The one program of the test images: static, and the only file in them. It carries out its arguments in
 * order: out TEXT, err TEXT    a line on stdout, stderr lines N               "line 1" … "line N" on stdout
 *   resolve NAME          asks Docker's name server and prints the address, or "unknown"
 *   stubborn              SIGTERM does nothing from now on
 *   no-env NAME=VALUE     exit 3 where the environment has that
 *   no-file PATH=TEXT     exit 3 where the file begins with that text
 *   wait                  until SIGTERM; then "bye", exit 0
 *   exit N
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void onTerm(int number) {
  (void)number;
  if (write(1, "bye\n", 4) == 4)
    _exit(0);
  _exit(1);
}

/* A question for one A record (RFC 1035), to the server that Docker puts into each container of a network. */
static void resolve(const char* name) {
  unsigned char packet[512] = {0x52, 0x44, 1, 0, 0, 1};
  size_t length = 12;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
  struct timeval patience = {.tv_sec = 2};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const size_t size = strlen(name);
  if (size > 60)
    exit(2);
  packet[length++] = (unsigned char)size;
  memcpy(packet + length, name, size);
  length += size;
  memcpy(packet + length, "\0\0\1\0\1", 5);
  length += 5;
  inet_pton(AF_INET, "127.0.0.11", &server.sin_addr);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (sendto(fd, packet, length, 0, (struct sockaddr*)&server, sizeof server) < 0) {
    puts("unreachable");
    return;
  }
  const ssize_t got = recv(fd, packet, sizeof packet, 0);
  close(fd);
  if (got < 16 || packet[7] == 0) /* no answer in it */
    puts("unknown");
  else
    printf("%d.%d.%d.%d\n", packet[got - 4], packet[got - 3], packet[got - 2], packet[got - 1]);
}

/* Exit 3 where what is at a name is, or begins with, what stands behind the first '='. */
static void refuse(const char* pair, int isFile) {
  char name[256] = "", there[256] = "";
  const char* value = strchr(pair, '=');
  if (!value || value - pair >= (long)sizeof name)
    exit(64);
  memcpy(name, pair, (size_t)(value++ - pair));
  if (isFile) {
    FILE* file = fopen(name, "r");
    if (file && fread(there, 1, sizeof there - 1, file) > 0 && strncmp(there, value, strlen(value)) == 0)
      exit(3);
    if (file)
      fclose(file);
  } else if (getenv(name) && strcmp(getenv(name), value) == 0) {
    exit(3);
  }
}

int main(int count, char** words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGTERM, onTerm); /* process 1 has no default actions */
  for (int i = 1; i < count; ++i) {
    const char* verb = words[i];
    const char* word = i + 1 < count ? words[i + 1] : "";
    if (strcmp(verb, "stubborn") == 0) {
      signal(SIGTERM, SIG_IGN);
      continue;
    }
    if (strcmp(verb, "wait") == 0)
      for (;;)
        pause();
    ++i;
    if (strcmp(verb, "out") == 0)
      puts(word);
    else if (strcmp(verb, "err") == 0)
      fprintf(stderr, "%s\n", word);
    else if (strcmp(verb, "lines") == 0)
      for (int line = 1; line <= atoi(word); ++line)
        printf("line %d\n", line);
    else if (strcmp(verb, "no-env") == 0 || strcmp(verb, "no-file") == 0)
      refuse(word, verb[3] == 'f');
    else if (strcmp(verb, "resolve") == 0)
      resolve(word);
    else if (strcmp(verb, "exit") == 0)
      return atoi(word);
    else
      return 64;
  }
  return 0;
}
