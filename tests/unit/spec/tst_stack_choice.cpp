// What a person is told to type names the same stack and folders again, and a shell reads it as it was meant.
#include <QtTest>

#include "core/spec/stack_choice.h"

using namespace ratdeck;

class TestStackChoice : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void whatWasNotGivenIsNotRepeated() {
    QCOMPARE(commandLine(StackChoice(), "resume-unfinished"), "ratdeckctl resume-unfinished");
  }

  void whatNamesTheStackIsRepeatedAsItWasGiven() {
    StackChoice options;
    options.isRuntimeNamed = true;
    options.sandbox = "two";
    options.journalFolder = "/tmp/j";
    options.files = {"a.yml", "b.yml"};
    options.envFiles = {".env"};
    options.profiles = {"pro"};
    options.projectName = "shop";
    QCOMPARE(commandLine(options, "history"),
             "ratdeckctl history --runtime sandbox --sandbox two --journal-dir /tmp/j -f a.yml -f b.yml "
             "--env-file .env --profile pro -p shop");
  }

  void whatAShellWouldTakeApartIsQuoted() {
    StackChoice options;
    options.files = {"my stack.yml", "it's;rm.yml"};
    QCOMPARE(commandLine(options, "history"), "ratdeckctl history -f 'my stack.yml' -f 'it'\\''s;rm.yml'");
  }
};

QTEST_GUILESS_MAIN(TestStackChoice)
#include "tst_stack_choice.moc"
