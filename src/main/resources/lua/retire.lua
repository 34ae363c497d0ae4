-- Takes a finished resource away, all its keys together, when its retention has ended.
-- KEYS  1 due  2 recent  3 collation  then the other keys of the resource
-- ARGV  1 member of due  2 resource  3 generation
-- Gives {1 | 0 not due, or not this life}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due or tonumber(due) > now then
  return {0}
end
redis.call('ZREM', KEYS[1], ARGV[1])
local generation = redis.call('HGET', KEYS[3], 'gen')
if generation and generation ~= ARGV[3] then
  return {0}
end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('UNLINK', unpack(KEYS, 3))
return {1}
