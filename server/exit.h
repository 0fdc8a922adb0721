#pragma once

namespace server {

/// How `pileus` ends: 0, 1 where a command's answer is no, or a number of sysexits(3). `pileus --help` lists them.
enum Exit : int {
  exit_ok = 0,
  exit_no = 1,            ///< check found differences; import refused something
  exit_usage = 64,        ///< unknown command or option, missing argument
  exit_data = 65,         ///< what was given can't be used: a bad name, a damaged backup
  exit_no_input = 66,     ///< a file that can't be read
  exit_no_account = 67,   ///< no such account or credential
  exit_unavailable = 69,  ///< the store can't be reached
  exit_internal = 70,
  exit_exists = 73,  ///< the account is there already, or something can't be created
  exit_io = 74,      ///< the disk is full, or fails
  exit_try_again = 75,
  exit_refused = 77,  ///< a store of a later version, wrong permissions, a second writer
  exit_config = 78,   ///< the configuration has a fault
};

}  // namespace server
