#include "core/base/file.h"

#include "tests/support/text.h"

#include <QTemporaryDir>

#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace ratdeck;

namespace {

constexpr size_t limit = 1 << 20;

bool isWhole(const std::string& text) {
  return text.size() == limit && text.find_first_not_of(text.front()) == std::string::npos;
}

unsigned modeOf(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

} // namespace

class TestFile : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }
  void readsWhatWasWritten();
  void namesAFileThatIsNotThere();
  void refusesAFifoWithoutWaiting();
  void refusesDevicesAndFolders();
  void refusesALoopOfLinksAndFollowsALink();
  void refusesMoreThanTheLimit();
  void boundsAFileThatHidesItsSize();
  void replacesAsAWhole();
  void aWriteInPlaceIsSeenTorn();
  void leavesNothingBesideAfterAFailure();
  void givesTheModeThatWasAskedFor();
  void makesPrivateFoldersWithTheirParents();

private:
  std::string path(const std::string& name) const { return m_folder->path().toStdString() + "/" + name; }
  size_t entries() const {
    std::filesystem::directory_iterator it(m_folder->path().toStdString());
    return static_cast<size_t>(std::distance(begin(it), end(it)));
  }
  std::unique_ptr<QTemporaryDir> m_folder;
};

void TestFile::readsWhatWasWritten() {
  for (const auto& text :
       {std::string(), std::string("a\n"), std::string("\0\xff", 2), std::string(limit, 'x')}) {
    QVERIFY(writeFile(path("a"), text).has_value());
    auto read = readFile(path("a"), limit);
    QVERIFY(read.has_value());
    QVERIFY(*read == text);
  }
}

void TestFile::namesAFileThatIsNotThere() {
  auto read = readFile(path("none"), limit);
  QVERIFY(!read.has_value());
  QCOMPARE(read.error().kind, ErrorKind::NotFound);
  QCOMPARE(read.error().where.file, path("none"));
}

void TestFile::refusesAFifoWithoutWaiting() {
  QCOMPARE(::mkfifo(path("fifo").c_str(), 0600), 0);
  auto read = readFile(path("fifo"), limit); // nobody writes: a blocking open would stay here for ever
  QVERIFY(!read.has_value());
  QCOMPARE(read.error().kind, ErrorKind::Input);
  QCOMPARE(read.error().message, std::string("is not a regular file"));
}

void TestFile::refusesDevicesAndFolders() {
  for (const auto* device : {"/dev/zero", "/dev/null", "/dev/tty"})
    QVERIFY(!readFile(device, limit).has_value());
  QCOMPARE(readFile("/dev/zero", limit).error().kind, ErrorKind::Input);
  auto folder = readFile(m_folder->path().toStdString(), limit);
  QVERIFY(!folder.has_value());
  QCOMPARE(folder.error().kind, ErrorKind::Input);
  QCOMPARE(folder.error().message, std::string("is a directory, not a file"));
}

void TestFile::refusesALoopOfLinksAndFollowsALink() {
  std::filesystem::create_symlink("b", path("a"));
  std::filesystem::create_symlink("a", path("b"));
  auto read = readFile(path("a"), limit);
  QVERIFY(!read.has_value());
  QCOMPARE(read.error().kind, ErrorKind::Input);

  QVERIFY(writeFile(path("text"), "x").has_value());
  std::filesystem::create_symlink("text", path("link"));
  QCOMPARE(*readFile(path("link"), limit), std::string("x"));
}

void TestFile::refusesMoreThanTheLimit() {
  QVERIFY(writeFile(path("a"), std::string(limit, 'x')).has_value());
  QVERIFY(readFile(path("a"), limit).has_value());
  auto read = readFile(path("a"), limit - 1);
  QVERIFY(!read.has_value());
  QCOMPARE(read.error().kind, ErrorKind::Input);
  // 1 TiB that takes no room on the disk.
  QCOMPARE(::truncate(path("a").c_str(), off_t(1) << 40), 0);
  QVERIFY(!readFile(path("a"), limit).has_value());
}

void TestFile::boundsAFileThatHidesItsSize() {
  // Regular by its mode, of size 0 by its stat, and longer than the limit when it is read.
  QVERIFY(readFile("/proc/self/status", limit).has_value());
  QVERIFY(!readFile("/proc/self/status", 16).has_value());
}

void TestFile::replacesAsAWhole() {
  QVERIFY(writeFile(path("a"), std::string(limit, 'x')).has_value());
  std::atomic<bool> isDone = false;
  std::atomic<int> reads = 0, torn = 0;
  std::thread reader([&] {
    while (!isDone || reads < 50) {
      auto text = readFile(path("a"), limit);
      torn += !text || !isWhole(*text);
      ++reads;
    }
  });
  bool isWritten = true;
  for (int i = 0; i < 50; ++i)
    isWritten =
        isWritten && writeFile(path("a"), std::string(limit, static_cast<char>('a' + i % 26))).has_value();
  isDone = true;
  reader.join();
  QVERIFY(isWritten);
  QCOMPARE(torn.load(), 0);
  QCOMPARE(entries(), size_t(1));
}

void TestFile::aWriteInPlaceIsSeenTorn() {
  QVERIFY(writeFile(path("a"), std::string(limit, 'x')).has_value());
  int fd = ::open(path("a").c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  std::string half(limit / 2, 'y');
  auto written = ::write(fd, half.data(), half.size());
  auto seen = readFile(path("a"), limit);
  ::close(fd);
  QCOMPARE(size_t(written), half.size());
  QVERIFY(!isWhole(*seen)); // the control of replacesAsAWhole
}

void TestFile::leavesNothingBesideAfterAFailure() {
  QVERIFY(makePrivateFolder(path("folder/inside")).has_value());
  QVERIFY(!writeFile(path("folder"), "x").has_value());
  QCOMPARE(entries(), size_t(1));
  auto status = writeFile(path("none/a"), "x");
  QVERIFY(!status.has_value());
  QCOMPARE(status.error().kind, ErrorKind::NotFound);
}

void TestFile::givesTheModeThatWasAskedFor() {
  auto before = ::umask(022);
  QVERIFY(writeFile(path("open"), "x").has_value());
  QVERIFY(writeFile(path("private"), "x", 0600).has_value());
  // A file that was open to others is closed to them by its replacement.
  QVERIFY(writeFile(path("open-before"), "x", 0644).has_value());
  QVERIFY(writeFile(path("open-before"), "y", 0600).has_value());
  ::umask(before);
  QCOMPARE(modeOf(path("open")), 0644u);
  QCOMPARE(modeOf(path("private")), 0600u);
  QCOMPARE(modeOf(path("open-before")), 0600u);
}

void TestFile::makesPrivateFoldersWithTheirParents() {
  QVERIFY(makePrivateFolder(path("a/b/c")).has_value());
  QVERIFY(makePrivateFolder(path("a/b/c")).has_value());
  QVERIFY(makePrivateFolder(path("a/d/")).has_value());
  for (const auto* name : {"a", "a/b", "a/b/c", "a/d"})
    QCOMPARE(modeOf(path(name)), 0700u);
  QVERIFY(writeFile(path("file"), "x").has_value());
  auto status = makePrivateFolder(path("file/inside"));
  QVERIFY(!status.has_value());
  QCOMPARE(status.error().kind, ErrorKind::Conflict);
}

QTEST_APPLESS_MAIN(TestFile)
#include "tst_file.moc"
