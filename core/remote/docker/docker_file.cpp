#include "core/remote/docker/docker_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace ratdeck {

namespace {

// POSIX.1-1988 ustar: a head of 512 bytes, the content, zeros up to the next 512.
constexpr std::size_t block = 512;
constexpr std::size_t nameBytes = 100;
constexpr std::size_t folderAt = 345;
constexpr std::size_t folderBytes = 155;
constexpr std::size_t checksumAt = 148;
constexpr std::size_t checksumBytes = 8;

std::size_t padded(std::size_t size) {
  return (size + block - 1) / block * block;
}

unsigned checksumOf(std::string_view head) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < block; ++i)
    sum += i >= checksumAt && i < checksumAt + checksumBytes ? ' ' : static_cast<unsigned char>(head[i]);
  return sum;
}

void putOctal(std::string& head, std::size_t at, std::size_t width, unsigned long long value) {
  std::array<char, 24> digits{};
  std::snprintf(digits.data(), digits.size(), "%0*llo", static_cast<int>(width - 1), value);
  head.replace(at, width - 1, digits.data(), width - 1);
}

// Octal digits, with spaces or zeros around them; nothing for what is no octal number (base 256 included).
std::optional<unsigned long long> octalAt(std::string_view head, std::size_t at, std::size_t width) {
  unsigned long long value = 0;
  bool hasDigit = false;
  for (const char c : head.substr(at, width)) {
    if (c >= '0' && c <= '7') {
      value = value * 8 + static_cast<unsigned>(c - '0');
      hasDigit = true;
    } else if ((c == ' ' || c == '\0') && hasDigit)
      break;
    else if (c != ' ')
      return std::nullopt;
  }
  return hasDigit ? std::optional(value) : std::nullopt;
}

tl::unexpected<Error> broken(const std::string& why) {
  return failure(ErrorKind::Internal, "Docker's archive of the file cannot be read: " + why);
}

std::string baseName(std::string_view head) {
  const auto name = head.substr(0, nameBytes);
  const auto whole = name.substr(0, name.find('\0'));
  return std::string(whole.substr(whole.rfind('/') + 1)); // npos + 1 is 0
}

} // namespace

Result<std::string> writeDockerTar(const DockerFile& file, std::string_view folder) {
  const std::string& content = file.content.reveal();
  if (file.name.empty() || file.name.size() > nameBytes || file.name == "." || file.name == ".." ||
      file.name.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    return failure(ErrorKind::Input, "not a name for one file in a container");
  if (content.size() > largestDockerFile)
    return failure(ErrorKind::Input, "the file is larger than 1 MiB");
  if (file.isFolder && !content.empty())
    return failure(ErrorKind::Input, "a folder has no content of its own");
  if (folder.size() > folderBytes || folder.find('\0') != std::string_view::npos)
    return failure(ErrorKind::Input, "the folder's name does not fit into an archive", "use a shorter path");
  constexpr unsigned mostId = 07777777; // seven octal digits
  if (file.user > mostId || file.group > mostId)
    return failure(ErrorKind::Input, "the id of the file's owner does not fit into an archive");
  std::string head(block, '\0');
  head.replace(0, file.name.size(), file.name);
  putOctal(head, 100, 8, file.mode & 07777);
  putOctal(head, 108, 8, file.user);
  putOctal(head, 116, 8, file.group);
  putOctal(head, 124, 12, content.size());
  putOctal(head, 136, 12, 0); // the time of change: the same file gives the same archive
  head[156] = file.isFolder ? '5' : '0';
  head.replace(257, 8, std::string_view("ustar\00000", 8));
  head.replace(folderAt, folder.size(), folder);
  putOctal(head, checksumAt, 7, checksumOf(head));
  head[checksumAt + 7] = ' ';
  std::string archive = head + content;
  archive.resize(block + padded(content.size()) + 2 * block, '\0');
  return archive;
}

Result<DockerFile> readDockerTar(std::string_view archive) {
  while (archive.size() >= block && archive[0] != '\0') {
    const auto head = archive.substr(0, block);
    const auto size = octalAt(head, 124, 12);
    if (octalAt(head, checksumAt, checksumBytes) != checksumOf(head))
      return broken("a wrong checksum");
    if (!size || *size > largestDockerFile)
      return failure(ErrorKind::Input, "the file is larger than 1 MiB", "only smaller files are kept");
    archive.remove_prefix(block);
    if (archive.size() < *size)
      return broken("it is cut short");
    const char type = head[156];
    if (type == '0' || type == '\0')
      return DockerFile{baseName(head), Secret(std::string(archive.substr(0, *size))),
                        static_cast<unsigned>(octalAt(head, 100, 8).value_or(0)) & 07777,
                        static_cast<unsigned>(octalAt(head, 108, 8).value_or(0)),
                        static_cast<unsigned>(octalAt(head, 116, 8).value_or(0))};
    if (type != 'x' && type != 'g') // what pax says of the file that follows
      return failure(ErrorKind::Input, "the path in the container is no regular file");
    archive.remove_prefix(std::min(archive.size(), padded(*size)));
  }
  return broken("there is no file in it");
}

} // namespace ratdeck
