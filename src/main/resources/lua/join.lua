-- A replica takes its place in this partition under a name nobody had before.
-- KEYS  1 replicas  2 meta
-- ARGV  1 replica  2 format version  3 number of partitions  4 lease ms  5 a secret, if there is none yet
--       6 '1' may take over another number of partitions: partition 0 says that it is this one
-- Gives {now, 'OK', the secret that all share} | {now, 'FORMAT', format kept, partitions kept} when Redis holds
--       another layout.
local now = milliseconds()

local kept = kept_in(KEYS[2])
if kept.format and (kept.format ~= ARGV[2] or kept.partitions ~= ARGV[3]) then
  if kept.format ~= ARGV[2] or ARGV[6] ~= '1' or is_busy(kept, KEYS[1], now, ARGV[4]) then
    return {now, 'FORMAT', kept.format, kept.partitions}
  end
end
-- Frees nothing, but lets what follows run at maxmemory: who lost his name there must come back to make room.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'format', ARGV[2], 'partitions', ARGV[3])
redis.call('HSETNX', KEYS[2], 'secret', ARGV[5])
redis.call('ZADD', KEYS[1], now, ARGV[1])
return {now, 'OK', redis.call('HGET', KEYS[2], 'secret')}
