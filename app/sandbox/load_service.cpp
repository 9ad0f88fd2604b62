#include "app/sandbox/load_service.h"

#include "app/sandbox/load_generator.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <cstdio>
#include <thread>
#include <utility>

namespace ratdeck::sandbox {

namespace net = boost::asio;

struct LoadService::Job {
  explicit Job(const LoadOptions& options) : generator(std::make_unique<LoadGenerator>(io, options, clock)) {}

  SystemClock clock;
  net::io_context io{1};
  net::executor_work_guard<net::io_context::executor_type> work{io.get_executor()};
  std::unique_ptr<LoadGenerator> generator; // used on the job's thread alone
  std::thread thread;
  bool isStopping = false;

  void end() {
    net::post(io, [this] {
      generator.reset();
      io.stop();
    });
    thread.join();
  }
};

namespace {

Error noLoad() {
  return {ErrorKind::NotFound, "no load runs", "start one with POST /v1/load", {}};
}

} // namespace

LoadService::LoadService(net::io_context& owner) : m_owner(owner) {}

LoadService::~LoadService() {
  abandon();
}

Status LoadService::start(const LoadOptions& options) {
  if (m_job)
    return failure(ErrorKind::Conflict, "a load runs already", "stop it with DELETE /v1/load");
  m_job = std::make_unique<Job>(options);
  m_job->thread = std::thread([job = m_job.get()] {
    job->generator->start();
    job->io.run();
  });
  return Done{};
}

int LoadService::keep(Reply reply) {
  m_waiting[m_nextNumber] = std::move(reply);
  return m_nextNumber++;
}

void LoadService::answer(int number, const Result<Json>& report) {
  if (auto waiting = m_waiting.extract(number))
    waiting.mapped()(report);
}

void LoadService::live(Reply reply) {
  if (!m_job)
    return reply(failure(noLoad()));
  auto number = keep(std::move(reply));
  net::post(m_job->io, [this, job = m_job.get(), number] {
    if (job->generator)
      net::post(m_owner, [this, number, json = job->generator->live()] { answer(number, json); });
  });
}

void LoadService::stop(Reply reply) {
  if (!m_job || m_job->isStopping)
    return reply(failure(noLoad()));
  m_job->isStopping = true;
  auto number = keep(std::move(reply));
  net::post(m_job->io, [this, job = m_job.get(), number] {
    job->generator->stop([this, number](Json report) {
      net::post(m_owner, [this, number, report = std::move(report)] {
        if (!m_waiting.contains(number))
          return; // abandoned
        answer(number, report);
        abandon();
      });
    });
  });
}

void LoadService::abandon() {
  if (auto job = std::exchange(m_job, nullptr))
    job->end();
  for (auto& [number, reply] : std::exchange(m_waiting, {}))
    reply(failure(noLoad()));
}

int runLoad(const LoadOptions& options, bool withSamples) {
  std::signal(SIGPIPE, SIG_IGN);
  net::io_context io(1);
  SystemClock clock;
  LoadGenerator generator(io, options, clock);
  net::steady_timer end(io);
  net::signal_set signals(io, SIGINT, SIGTERM);
  bool stopping = false;
  int code = 0;
  auto stop = [&](boost::system::error_code error) {
    if (error || std::exchange(stopping, true))
      return;
    generator.stop([&](Json report) {
      if (!withSamples)
        report.erase("samples");
      code = integerAt(report, "failed") == 0 ? 0 : 1;
      std::puts(dumpJson(report).c_str());
      io.stop();
    });
  };
  signals.async_wait([&](boost::system::error_code error, int) { stop(error); });
  if (options.duration > Duration::zero()) {
    end.expires_after(options.duration);
    end.async_wait(stop);
  }
  generator.start();
  io.run();
  return code;
}

} // namespace ratdeck::sandbox
