#include <string>
#include <vector>

#include "server/commands/commands.h"

int main(int count, char** values) { return server::run_program(std::vector<std::string>(values + 1, values + count)); }
