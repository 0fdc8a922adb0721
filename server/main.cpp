#include <cstdio>
#include <string>

#include "server/version.h"

int main() {
  std::printf("pileus %s\n", std::string(server::version()).c_str());
  return 0;
}
