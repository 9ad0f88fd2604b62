#include "app/ratdeck/options.h"

#include "core/base/plain_text.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QRegularExpression>

namespace ratdeck {

namespace {

constexpr int badUsage = 2;
constexpr double lowestRate = 1, highestRate = 5000;

struct Words {
  Q_DECLARE_TR_FUNCTIONS(WindowOptions)
};

// The first thing that is off; empty = nothing.
using Complaint = QString;

class WindowParser {
public:
  WindowParser();
  ParsedWindowOptions parse(QStringList arguments);

private:
  Complaint read(WindowOptions& options) const;
  Complaint readTarget(WindowOptions& options) const;
  Complaint readImages(StackChoice& choice) const;
  Complaint readTheme(WindowOptions& options) const;
  Complaint readLoad(WindowOptions& options) const;
  QString helpText() const;
  std::vector<std::string> textsOf(const QCommandLineOption& option) const;

  QCommandLineOption sandbox{
      QStringLiteral("sandbox"),
      Words::tr("The embedded stand-in stack, started where it is not up: --sandbox, or --sandbox=NAME."),
      QStringLiteral("NAME")};
  QCommandLineOption file{{QStringLiteral("f"), QStringLiteral("file")},
                          Words::tr("Compose file; several are merged in order."),
                          QStringLiteral("FILE")};
  QCommandLineOption envFile{QStringLiteral("env-file"), Words::tr("Variables for the Compose files."),
                             QStringLiteral("FILE")};
  QCommandLineOption profile{QStringLiteral("profile"), Words::tr("Compose profile to enable."),
                             QStringLiteral("NAME")};
  QCommandLineOption project{{QStringLiteral("p"), QStringLiteral("project-name")},
                             Words::tr("Name of the project."),
                             QStringLiteral("NAME")};
  QCommandLineOption set{QStringLiteral("set"),
                         Words::tr("SERVICE=IMAGE, SERVICE=:TAG or SERVICE=@DIGEST, for the next plan."),
                         QStringLiteral("SERVICE=IMAGE")};
  QCommandLineOption runtime{QStringLiteral("runtime"), Words::tr("Where the stack runs: sandbox or docker."),
                             QStringLiteral("RUNTIME")};
  QCommandLineOption context{
      QStringLiteral("context"),
      Words::tr("Docker context (default: DOCKER_HOST, DOCKER_CONTEXT, the current one)."),
      QStringLiteral("NAME")};
  QCommandLineOption journals{QStringLiteral("journal-dir"), Words::tr("Where journals are kept."),
                              QStringLiteral("FOLDER")};
  QCommandLineOption readOnly{QStringLiteral("read-only"), Words::tr("Watch only: nothing can be changed.")};
  QCommandLineOption theme{QStringLiteral("theme"), Words::tr("system, light or dark."),
                           QStringLiteral("THEME")};
  QCommandLineOption load{QStringLiteral("load"),
                          Words::tr("Load on the sandbox, in requests a second: 1 to 5000."),
                          QStringLiteral("RATE")};
  QCommandLineOption help{{QStringLiteral("h"), QStringLiteral("help")}, Words::tr("This text.")};
  QCommandLineOption version{QStringLiteral("version"), Words::tr("The version.")};
  QCommandLineParser m_parser;
};

WindowParser::WindowParser() {
  m_parser.setApplicationDescription(
      Words::tr("The console of ratdeck: watch and steer the deploy of a multi-service stack."));
  m_parser.addOptions({sandbox, file, envFile, profile, project, set, runtime, context, journals, readOnly,
                       theme, load, help, version});
}

std::vector<std::string> WindowParser::textsOf(const QCommandLineOption& option) const {
  std::vector<std::string> texts;
  for (const auto& value : m_parser.values(option))
    texts.push_back(value.toStdString());
  return texts;
}

Complaint WindowParser::readTarget(WindowOptions& options) const {
  auto& choice = options.choice;
  choice.isRuntimeNamed = m_parser.isSet(runtime);
  if (choice.isRuntimeNamed)
    choice.runtime = m_parser.value(runtime).toStdString();
  if (choice.runtime != "sandbox" && choice.runtime != "docker")
    return Words::tr("there is no runtime \"%1\": sandbox or docker").arg(m_parser.value(runtime));
  if (m_parser.isSet(sandbox) && choice.runtime != "sandbox")
    return Words::tr("--sandbox and --runtime %1 name two targets").arg(m_parser.value(runtime));
  if (m_parser.isSet(context) && choice.runtime != "docker")
    return Words::tr("--context is Docker's: add --runtime docker");
  if (m_parser.isSet(sandbox))
    choice.sandbox = m_parser.value(sandbox).toStdString();
  if (choice.sandbox.empty())
    return Words::tr("--sandbox= lacks the name");
  choice.context = m_parser.value(context).toStdString();
  options.isSandboxNamed = m_parser.isSet(sandbox);
  return {};
}

Complaint WindowParser::readImages(StackChoice& choice) const {
  for (const auto& item : m_parser.values(set)) {
    const auto equals = item.indexOf(QLatin1Char('='));
    if (equals <= 0 || equals + 1 == item.size())
      return Words::tr("--set: \"%1\" is not SERVICE=IMAGE, SERVICE=:TAG or SERVICE=@DIGEST").arg(item);
    choice.setImages[item.left(equals).toStdString()] = item.mid(equals + 1).toStdString();
  }
  return {};
}

Complaint WindowParser::readTheme(WindowOptions& options) const {
  const auto name = m_parser.isSet(theme) ? m_parser.value(theme) : QStringLiteral("system");
  if (name == QLatin1String("system"))
    options.theme = ThemeChoice::System;
  else if (name == QLatin1String("light"))
    options.theme = ThemeChoice::Light;
  else if (name == QLatin1String("dark"))
    options.theme = ThemeChoice::Dark;
  else
    return Words::tr("there is no theme \"%1\": system, light or dark").arg(name);
  return {};
}

Complaint WindowParser::readLoad(WindowOptions& options) const {
  if (!m_parser.isSet(load))
    return {};
  bool isNumber = false;
  const auto rate = m_parser.value(load).toDouble(&isNumber);
  if (!isNumber || !(rate >= lowestRate && rate <= highestRate))
    return Words::tr("--load: \"%1\" is not a rate of 1 to 5000 requests a second").arg(m_parser.value(load));
  if (options.choice.runtime != "sandbox")
    return Words::tr("--load is the sandbox's");
  if (m_parser.isSet(readOnly))
    return Words::tr("--load and --read-only contradict each other");
  options.load = rate;
  return {};
}

Complaint WindowParser::read(WindowOptions& options) const {
  if (!m_parser.positionalArguments().isEmpty())
    return Words::tr("\"%1\" is no option").arg(m_parser.positionalArguments().first());
  auto& choice = options.choice;
  choice.files = textsOf(file);
  choice.envFiles = textsOf(envFile);
  choice.profiles = textsOf(profile);
  if (m_parser.isSet(project))
    choice.projectName = m_parser.value(project).toStdString();
  choice.journalFolder = m_parser.value(journals).toStdString();
  options.isReadOnly = m_parser.isSet(readOnly);
  for (const auto& complaint :
       {readTarget(options), readImages(choice), readTheme(options), readLoad(options)})
    if (!complaint.isEmpty())
      return complaint;
  options.isTargetNamed = options.isSandboxNamed || choice.isRuntimeNamed || !choice.files.empty() ||
                          choice.projectName.has_value();
  return {};
}

// The parser's own first line names no program where there is no application yet.
QString WindowParser::helpText() const {
  const auto text = m_parser.helpText();
  return Words::tr("Usage: ratdeck [options]") + text.mid(text.indexOf(QLatin1Char('\n')));
}

ParsedWindowOptions WindowParser::parse(QStringList arguments) {
  ParsedWindowOptions parsed;
  // Without a name it is the default one; the parser knows no option that may do without its value.
  arguments.replaceInStrings(QRegularExpression(QStringLiteral("^--sandbox$")),
                             QStringLiteral("--sandbox=default"));
  auto complaint = m_parser.parse(arguments) ? QString() : m_parser.errorText();
  if (complaint.isEmpty() && m_parser.isSet(help)) {
    parsed.exitCode = 0;
    parsed.out = helpText().toStdString();
  } else if (complaint.isEmpty() && m_parser.isSet(version)) {
    parsed.exitCode = 0;
    parsed.out = "ratdeck " RATDECK_VERSION "\n";
  } else {
    if (complaint.isEmpty())
      complaint = read(parsed.options);
    if (!complaint.isEmpty()) {
      parsed.exitCode = badUsage;
      parsed.err = Words::tr("ratdeck: %1; `ratdeck --help` lists the options\n")
                       .arg(QString::fromStdString(plainText(complaint.toStdString())))
                       .toStdString();
    }
  }
  return parsed;
}

} // namespace

ParsedWindowOptions parseWindowOptions(const QStringList& arguments) {
  return WindowParser().parse(arguments);
}

} // namespace ratdeck
