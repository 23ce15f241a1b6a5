-- What wrk asks for, and what it tells. The paths of a file are asked for in turn, until the time is over; then what still waits for its answer is waited
-- for, and wrk ended. In the end one line of JSON. Every answer that is not 200 is counted.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds, nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
  int getpid(void);
  int kill(int process, int signal);
]]
local MONOTONIC, INTERRUPT, NEVER = 1, 2, 3600 * 1000
local moment = ffi.new("moment")
local paths, turn, threads, anew, limit = {}, 0, {}, false, 0
local first
-- global, so that `done` can read them
asked, answered, others, seconds = 0, 0, 0, 0

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

local function end_when_all_are_there()
  if asked == answered then
    ffi.C.kill(ffi.C.getpid(), INTERRUPT)
  end
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  limit, anew = tonumber(arguments[2]), arguments[3] == "anew"
  for line in io.lines(arguments[1]) do
    paths[#paths + 1] = anew and line or wrk.format("GET", line)
  end
end

-- wrk asks how many milliseconds to wait before the next request of a reader
function delay()
  local at = now()
  first = first or at
  if at - first < limit then
    asked = asked + 1
    return 0
  end
  end_when_all_are_there()
  return NEVER
end

function request()
  turn = turn + 1
  local path = paths[(turn - 1) % #paths + 1]
  return anew and wrk.format("GET", path, { Host = "reader-" .. turn .. "." .. ffi.C.getpid() .. ".example.org" }) or path
end

function response(status)
  answered = answered + 1
  seconds = now() - first
  if status ~= 200 then
    others = others + 1
  end
  if seconds >= limit then
    end_when_all_are_there()
  end
end

function done(summary, latency)
  local e, thread = summary.errors, threads[1]
  io.write(string.format('\n{"requests": %d, "seconds": %f, "bytes": %d, "p50": %f, "p99": %f, "not_200": %d, "failed": %d, "late": %d}\n',
    summary.requests, thread:get("seconds"), summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, thread:get("others"),
    e.connect + e.read + e.write + e.timeout, thread:get("asked") - thread:get("answered")))
end
