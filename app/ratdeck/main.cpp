#include "app/ratdeck/console.h"
#include "app/ratdeck/options.h"

#include <curl/curl.h>
#include <QApplication>
#include <QIcon>

#include <csignal>
#include <cstdio>

int main(int argc, char** argv) {
  QStringList arguments;
  for (int i = 0; i < argc; ++i)
    arguments << QString::fromLocal8Bit(argv[i]);
  const auto parsed = ratdeck::parseWindowOptions(arguments);
  if (parsed.exitCode) {
    std::fputs(parsed.out.c_str(), stdout);
    std::fputs(parsed.err.c_str(), stderr);
    return *parsed.exitCode;
  }
  std::signal(SIGPIPE, SIG_IGN); // a connection that is gone is an error of its call
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("ratdeck"));
  QApplication::setDesktopFileName(QStringLiteral("ratdeck"));
  QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/ratdeck.svg")));
  ratdeck::applyTheme(application, parsed.options.theme);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int code = 0;
  {
    ratdeck::Console console(ratdeck::Environment::read(), parsed.options);
    console.open();
    code = QApplication::exec();
  }
  curl_global_cleanup();
  return code;
}
