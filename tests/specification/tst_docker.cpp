// What a bad version comes to on Docker is in the tests of the Docker label at every size; its scenes are
// played here at full size.
#include "tests/specification/docker_stage.h"
#include "tests/specification/scenes.h"
#include "tests/support/size.h"

#include <curl/curl.h>

using namespace ratdeck;

namespace {

template <class Sentences>
class OnDocker final : public Sentences {
  QString whyNot() const override { return DockerRig::whyNot(); }
  std::unique_ptr<Stage> makeStage() const override { return std::make_unique<DockerStage>(); }
};

template <class Sentences>
int run(int argc, char** argv) {
  OnDocker<Sentences> test;
  return QTest::qExec(&test, argc, argv);
}

} // namespace

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const QCoreApplication application(argc, argv);
  return isFullSize() ? run<SpecificationScenes>(argc, argv) : run<Specification>(argc, argv);
}
