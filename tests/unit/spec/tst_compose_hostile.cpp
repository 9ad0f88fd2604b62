#include "tests/unit/spec/compose_fixture.h"

#include "core/base/file.h"
#include "tests/support/seed.h"

#include <QElapsedTimer>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ratdeck;
using namespace ratdeck::compose;

namespace {

constexpr rlim_t mostBytes = 256UL << 20; // of memory
constexpr rlim_t mostSeconds = 5;         // of the processor; the worst takes well under one when optimised
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool hasMemoryLimit = false;
#else
constexpr bool hasMemoryLimit = true;
#endif
constexpr const char* web = "services:\n  web:\n    image: i\n";

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

// What `act` says in a child process under limits of memory and processor time, or how the child ended. A
// child of a sanitised build has no limit of memory: the sanitizer reserves more than that.
std::string inChild(const std::function<std::string()>& act) {
  int ends[2];
  if (::pipe(ends) != 0)
    return "no pipe";
  auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    // Without the test library's handlers, which would wait for a debugger.
    for (int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE})
      ::signal(signal, SIG_DFL);
    rlimit processor{mostSeconds, mostSeconds};
    ::setrlimit(RLIMIT_CPU, &processor);
    if (hasMemoryLimit) {
      rlimit memory{mostBytes, mostBytes};
      ::setrlimit(RLIMIT_DATA, &memory);
    }
    std::string said;
    try {
      said = act();
    } catch (const std::bad_alloc&) {
      said = "out of memory";
    }
    said.resize(std::min<size_t>(said.size(), 400));
    [[maybe_unused]] auto written = ::write(ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said(1000, '\0');
  auto length = ::read(ends[0], said.data(), said.size());
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  said.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return WIFSIGNALED(status) ? "killed by signal " + std::to_string(WTERMSIG(status)) : said;
}

std::string loadInChild(ComposeFolder& folder, const std::vector<std::string>& files) {
  return inChild([&] {
    auto loaded = folder.load(files);
    return loaded ? "loaded " + std::to_string(loaded->stack.services.size()) : loaded.error().toString();
  });
}

} // namespace

// Input made to hang, crash or fill the memory ends in an error with its place.
class TestComposeHostile : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void endsInAnError_data();
  void endsInAnError();
  void endsWell_data();
  void endsWell();
  void aLongVariableUnderManyNamesEnds();
  void includesThatDoubleEnd();
  void filesThatAreNoFilesAreRefused();
  void theLimitsOfTheChildHold();
  void mutationsNeverCrash();
};

void TestComposeHostile::endsInAnError_data() {
  QTest::addColumn<std::string>("text");
  QTest::addColumn<std::string>("error");
  auto row = [](const char* name, const std::string& text, const char* error) {
    QTest::newRow(name) << text << std::string(error);
  };
  const char* deep = "values are nested deeper than 60 levels";
  row("open brackets", web + ("x-a: " + repeat("[", 100000)), deep);
  row("closed brackets", web + ("x-a: " + repeat("[", 100000) + repeat("]", 100000)), deep);
  row("open braces", web + ("x-a: " + repeat("{a: ", 100000)), deep);
  row("dashes", web + ("x-a:\n  " + repeat("- ", 200000) + "a\n"), deep);
  row("question marks", web + ("x-a:\n  " + repeat("? ", 200000) + "a\n"), deep);
  std::string block = web + std::string("x-a:\n");
  for (int i = 1; i < 1300; ++i)
    block += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  row("indentation", block, deep);
  std::string bomb = web + std::string("x-a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
  for (int i = 1; i < 9; ++i) {
    auto name = "*a" + std::to_string(i - 1);
    bomb +=
        "x-a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + name + repeat("," + name, 8) + "]\n";
  }
  row("alias bomb", bomb, "the project unfolds to more than 250000 values");
  std::string merges = "x-0: &m {" + std::string("k: v");
  for (int i = 0; i < 3000; ++i)
    merges += ", k" + std::to_string(i) + ": v";
  merges += "}\n";
  for (int i = 1; i < 200; ++i)
    merges += "x-" + std::to_string(i) + ": {<<: *m}\n";
  row("merge bomb", merges + web, "the project unfolds to more than 250000 values");
  row("alias in itself", web + std::string("x-a: &x [*x]\n"),
      "an alias stands inside the value that it names");
  row("merge of itself", web + std::string("x-a: &x\n  <<: *x\n"),
      "an alias stands inside the value that it names");
  std::string texts = "x-a: &a " + std::string(900000, 'x') + "\n" + web + "    labels:\n";
  for (int i = 0; i < 300; ++i)
    texts += "      l" + std::to_string(i) + ": *a\n";
  row("a long text under many aliases", texts, "the project unfolds to more than 250000 values");
  row("many addresses of a host", web + ("    extra_hosts: ['a=" + repeat(",", 900000) + "']\n"),
      "the project unfolds to more than 250000 values");
  row("nested defaults",
      "services: {web: {image: \"" + repeat("${A:-", 20000) + repeat("}", 20000) + "\"}}\n",
      "variables are nested deeper than 100 levels");
  row("open defaults", "services: {web: {image: \"" + repeat("${A:-", 20000) + "\"}}\n",
      "invalid variable in");
  row("a megabyte and more", web + ("x-a: " + std::string(1 << 20, 'a')), "is larger than 1024 KiB");
  row("many entries", web + ("x-a: [" + repeat("a,", 300000) + "]\n"), "a list has more than 4000 entries");
  row("a port range", web + std::string("    ports: ['1-65535:1-65535']\n"),
      "publishes more than 20000 ports");
  row("copies", web + std::string("    deploy: {replicas: 1000000000}\n"),
      "more than 1000 copies of one service");
  std::string chain = "services:\n";
  for (int i = 0; i < 3000; ++i)
    chain += "  s" + std::to_string(i) + ": {extends: s" + std::to_string(i + 1) + "}\n";
  row("a chain of extends", chain + "  s3000: {image: i}\n", "a chain of extends is longer than 100");
  row("stars", web + ("x-a: " + repeat("*", 500000)), "an alias (*) needs a name");
  row("anchors", web + ("x-a: " + repeat("&a ", 200000)), "a value has two anchors or two tags");
  row("colons", web + ("x-a: " + repeat("a: ", 300000)), "a second value (:) stands on one line");
  row("percent signs", repeat("%", 500000), "this line does not fit the indentation");
  row("an open quote", repeat("'", 999999), "a quoted text does not end");
}

void TestComposeHostile::endsInAnError() {
  QFETCH(std::string, text);
  QFETCH(std::string, error);
  ComposeFolder folder;
  folder.write("compose.yaml", text);
  auto said = loadInChild(folder, {"compose.yaml"});
  QVERIFY2(said.find(error) != std::string::npos, said.c_str());
  QVERIFY2(said.rfind("compose.yaml:", 0) == 0, said.c_str());
}

void TestComposeHostile::endsWell_data() {
  QTest::addColumn<std::string>("text");
  auto row = [](const char* name, const std::string& text) {
    QTest::newRow(name) << text;
  };
  row("a long comment", web + ("#" + std::string(1000000, 'a')));
  row("many lines", web + std::string(900000, '\n'));
  row("a long text", web + ("x-a: |\n" + repeat("  a\n", 200000)));
  row("a long plain text", web + ("x-a: a\n" + repeat("  a\n", 200000)));
  row("many variables", "services: {web: {image: 'i" + repeat("$A", 400000) + "'}}\n");
  row("many defaults", "services: {web: {image: '" + repeat("${A:-x}", 140000) + "'}}\n");
  std::string wide = web;
  for (int i = 0; i < 100; ++i)
    wide += "x-" + std::to_string(i) + ": [" + repeat("a,", 2000) + "]\n";
  row("wide", wide);
}

void TestComposeHostile::endsWell() {
  QFETCH(std::string, text);
  ComposeFolder folder;
  folder.write("compose.yaml", text);
  QCOMPARE(loadInChild(folder, {"compose.yaml"}), std::string("loaded 1"));
}

void TestComposeHostile::aLongVariableUnderManyNamesEnds() {
  ComposeFolder folder;
  folder.write(".env", "BIG=" + std::string(900000, 'x') + "\n").write("names.env", "BIG\n");
  for (const std::string body :
       {"environment: [BIG]", "environment: {BIG: }", "build: {args: [BIG]}", "env_file: names.env"}) {
    std::string text = "services:\n";
    for (int i = 0; i < 400; ++i)
      text += "  s" + std::to_string(i) + ":\n    image: i\n    " + body + "\n";
    folder.write("compose.yaml", text);
    auto said = loadInChild(folder, {"compose.yaml"});
    QVERIFY2(said.find("values grow too large") != std::string::npos, (body + ": " + said).c_str());
  }
}

void TestComposeHostile::includesThatDoubleEnd() {
  ComposeFolder folder;
  for (int i = 0; i < 40; ++i) {
    auto next = std::to_string(i + 1) + ".yaml";
    folder.write(std::to_string(i) + ".yaml", "include: [" + next + ", " + next + "]\n");
  }
  folder.write("40.yaml", web);
  auto said = loadInChild(folder, {"0.yaml"});
  QVERIFY2(said.find("more than 500 files are read for one project") != std::string::npos, said.c_str());
}

void TestComposeHostile::filesThatAreNoFilesAreRefused() {
  ComposeFolder folder;
  folder.write("ok.yaml", web);
  QCOMPARE(::mkfifo(folder.path("fifo").c_str(), 0600), 0);
  std::filesystem::create_symlink("b", folder.path("a"));
  std::filesystem::create_symlink("a", folder.path("b"));
  for (const std::string name : {"fifo", "/dev/zero", "/dev/stdin", "a", "."}) {
    folder.write("include.yaml", "include: ['" + name + "']\n" + web);
    folder.write("extends.yaml", "services: {web: {extends: {service: a, file: '" + name + "'}}}\n");
    folder.write("env.yaml", std::string(web) + "    env_file: '" + name + "'\n");
    for (const std::string file : {"include.yaml", "extends.yaml", "env.yaml"}) {
      auto said = loadInChild(folder, {file});
      QVERIFY2(said.rfind(file + ":", 0) == 0, (name + ": " + said).c_str());
    }
    auto said = loadInChild(folder, {name});
    QVERIFY2(said.rfind(name + ": ", 0) == 0, said.c_str());
  }
  folder.write("out/x.yaml", web).write("in/compose.yaml", "include: [../out/x.yaml]\n");
  QCOMPARE(loadInChild(folder, {"in/compose.yaml"}), std::string("loaded 1"));
}

// The controls: what hangs or fills the memory is seen.
void TestComposeHostile::theLimitsOfTheChildHold() {
  QCOMPARE(inChild([] { return std::string("well"); }), std::string("well"));
  auto spin = [] {
    for (volatile bool isOn = true; isOn;) {
    }
    return std::string("ended");
  };
  auto ended = inChild(spin);
  QVERIFY2(ended == "killed by signal 9" || ended == "killed by signal 24", ended.c_str());
  if (hasMemoryLimit)
    QCOMPARE(inChild([] { return std::string(mostBytes, 'x').substr(0, 1); }), std::string("out of memory"));
}

void TestComposeHostile::mutationsNeverCrash() {
  std::mt19937_64 random(testSeed());
  auto pick = [&](size_t n) {
    return static_cast<size_t>(random() % n);
  };
  std::vector<std::string> sources;
  for (const char* name : {"docker-compose.yml", "docker-compose.pro.yml"})
    sources.push_back(readFile(RATDECK_SOURCE_FOLDER "/resources/" + std::string(name), 1 << 20).value());
  const std::vector<std::string> pieces{"\t",
                                        "\n",
                                        "  ",
                                        ":",
                                        ": ",
                                        "- ",
                                        "#",
                                        "'",
                                        "\"",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        ",",
                                        "&a ",
                                        "*a",
                                        "|",
                                        ">-\n",
                                        "? ",
                                        "!reset ",
                                        "!override ",
                                        "<<: *a\n",
                                        "~",
                                        "${",
                                        "}",
                                        "$$",
                                        "${A:-",
                                        "---\n",
                                        "include: [a]\n",
                                        "extends: ratd\n",
                                        "-1",
                                        "99999999999999999999",
                                        "0x",
                                        "1e999",
                                        "\xc3",
                                        "\r\n"};
  ComposeFolder folder;
  QElapsedTimer timer;
  timer.start();
  int tried = 0, understood = 0;
  for (; tried < 2000 && timer.elapsed() < 4000; ++tried) {
    auto text = sources[pick(sources.size())];
    for (size_t changes = 1 + pick(4); changes > 0; --changes) {
      auto at = pick(text.size());
      if (pick(3) == 0)
        text.erase(at, 1 + pick(40));
      else if (pick(2) == 0)
        text.insert(at, pieces[pick(pieces.size())]);
      else
        text.insert(at, text.substr(pick(text.size()), pick(200)));
    }
    folder.write("compose.yaml", text);
    auto loaded = folder.load();
    understood += loaded ? 1 : 0;
    if (!loaded)
      QVERIFY2(loaded.error().where.isKnown() || loaded.error().kind == ErrorKind::Usage,
               loaded.error().toString().c_str());
  }
  qInfo("%d mutations, %d of them still load", tried, understood);
  QVERIFY(tried > 20 && understood > 0 && understood < tried);
}

QTEST_APPLESS_MAIN(TestComposeHostile)
#include "tst_compose_hostile.moc"
