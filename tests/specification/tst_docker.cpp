#include "tests/specification/docker_stage.h"
#include "tests/specification/specification.h"

#include <curl/curl.h>

using namespace ratdeck;

class SpecificationOnDocker : public Specification {
  Q_OBJECT

  QString whyNot() const override { return DockerRig::whyNot(); }
  std::unique_ptr<Stage> makeStage() const override {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return std::make_unique<DockerStage>();
  }
};

QTEST_GUILESS_MAIN(SpecificationOnDocker)
#include "tst_docker.moc"
