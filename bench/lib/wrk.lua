-- What wrk sends, in turn, and what it tells at the end: one line of JSON.
--
--   wrk ... -s bench/lib/wrk.lua URL -- requests.lua
--
-- requests.lua returns { {method, path, type, body} ... }.

local texts = {}
local at = 0

function init(args)
    for i, request in ipairs(dofile(args[1])) do
        local headers = { Host = "localhost" }
        if request[3] then
            headers["Content-Type"] = request[3]
        end
        texts[i] = wrk.format(request[1], request[2], headers, request[4])
    end
end

function request()
    at = at % #texts + 1
    return texts[at]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"seconds":%f,"status":%d,"socket":%d,"timeout":%d,' ..
        '"p50":%f,"p99":%f}\n',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write, errors.timeout,
        latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
