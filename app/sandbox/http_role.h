// The part that every HTTP stand-in shares: one server on all ports, identity on every reply, the health
// page's faults, and the traffic faults on everything else.
#pragma once

#include "app/sandbox/http_server.h"
#include "app/sandbox/role.h"

namespace ratdeck::sandbox {

class HttpRole : public Role {
public:
  explicit HttpRole(RoleContext& context);
  Status listen() override;
  void drain(std::function<void()> idle) override;

protected:
  // Called for what no fault has answered.
  virtual void handle(std::shared_ptr<Exchange> exchange) = 0;
  virtual bool isHealthPath(const std::string& path) const;

  RoleContext& m_context;

private:
  void dispatch(std::shared_ptr<Exchange> exchange);
  Duration timeOfNext();
  HttpServer m_server;
  int m_asked = 0;
};

} // namespace ratdeck::sandbox
