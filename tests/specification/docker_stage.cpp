#include "tests/specification/docker_stage.h"

#include "core/remote/http/http_client.h"

namespace ratdeck {

std::pair<long long, long long> DockerStage::stopLoad() {
  const auto load = m_rig.stopLoad();
  return load ? std::pair(load->requests(), load->failed()) : std::pair(0LL, -1LL);
}

bool DockerStage::startRuns(int count, int milliseconds) {
  HttpClient http;
  for (int i = 0; i < count; ++i) {
    HttpRequest request;
    request.method = "POST";
    request.url = "http://" + m_rig.targets().ratd + "/api/v1/runs";
    request.body = dumpJson({{"pipeline", "orders"}, {"duration_ms", milliseconds}});
    const auto answer =
        await<HttpResponse>([&](Answer<HttpResponse> done) { http.send(std::move(request), done); });
    if (!answer || answer->status != 202) {
      qWarning("a run was not taken: %s",
               answer ? std::to_string(answer->status).append(" ").append(answer->body).c_str()
                      : answer.error().toString().c_str());
      return false;
    }
  }
  return QTest::qWaitFor([&] { return activeRuns() == count; }, 10000);
}

CliResult DockerStage::run(const QStringList& words, const QString& version, const QStringList& overlays) {
  QStringList paths;
  for (const QString& overlay : overlays)
    paths << QStringLiteral(SPECIFICATION_FOLDER "/") + overlay;
  m_rig.layOver(paths);
  auto result = m_rig.run(words, version);
  m_rig.layOver({});
  return result;
}

} // namespace ratdeck
