-- Says how much this replica holds, and learns how much the others do.
-- KEYS  1 replicas  2 loads
-- ARGV  1 replica  2 not-after  3 how long a heartbeat is fresh, ms  4 what it holds, as it likes to put it
-- Gives {now, 'OK', 1 somebody gave it parts since | 0, per other live replica: name, what it said} |
--       {now, 'EXPELLED' | 'LATE'}.
--
-- Who was given parts has not counted them yet, and wants no more until it has.
-- HDEL before HSET: so it runs at maxmemory.
local now = milliseconds()
local refused = refusal(now, KEYS[1], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end

local reply = {now, 'OK', call('HDEL', KEYS[2], ARGV[1] .. ' given')}
call('HSET', KEYS[2], ARGV[1], reply[3] == 1 and '' or ARGV[4])
for _, other in ipairs(call('ZRANGEBYSCORE', KEYS[1], '(' .. now - tonumber(ARGV[3]), '+inf')) do
  local load = other ~= ARGV[1] and call('HGET', KEYS[2], other)
  if load then
    reply[#reply + 1] = other
    reply[#reply + 1] = load
  end
end
return reply
