-- What wrk asks for, and what it tells: the paths of a file in turn; in the end one line of JSON. Every answer that is not 200 is counted.
local paths, turn, threads = {}, 0, {}
others = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    paths[#paths + 1] = wrk.format("GET", line)
  end
end

function request()
  turn = turn % #paths + 1
  return paths[turn]
end

function response(status)
  if status ~= 200 then
    others = others + 1
  end
end

function done(summary, latency)
  local e, not_200 = summary.errors, 0
  for _, thread in ipairs(threads) do
    not_200 = not_200 + thread:get("others")
  end
  io.write(string.format('\n{"requests": %d, "seconds": %f, "bytes": %d, "p50": %f, "p99": %f, "not_200": %d, "failed": %d}\n', summary.requests,
    summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, not_200, e.connect + e.read + e.write + e.timeout))
end
