-- A replica takes its place in this partition under a name nobody had before.
-- KEYS  1 replicas  2 meta
-- ARGV  1 replica  2 format version  3 number of partitions  4 lease ms  5 a secret, if there is none yet
-- Gives {now, 'OK', the secret that all share} | {now, 'FORMAT', format kept, partitions kept} when Redis holds
--       another layout.
--
-- The number of partitions may change only while nobody works here and nothing is open or undelivered: then
-- what is left is finished work, which ends by its own TTL.
local now = milliseconds()

local meta = redis.call('HGETALL', KEYS[2])
local kept, open = {}, 0
for i = 1, #meta, 2 do
  kept[meta[i]] = meta[i + 1]
  if meta[i]:find('^journal:') or meta[i]:find('^open:') or meta[i] == 'pending' then
    open = open + tonumber(meta[i + 1])
  end
end
local other = kept.format and (kept.format ~= ARGV[2] or kept.partitions ~= ARGV[3])
if other then
  local live = redis.call('ZCOUNT', KEYS[1], '(' .. now - tonumber(ARGV[4]), '+inf')
  local busy = open > 0 or live > 0
  if busy or kept.format ~= ARGV[2] then
    return {now, 'FORMAT', kept.format, kept.partitions}
  end
end
-- Frees nothing, but lets what follows run at maxmemory: who lost his name there must come back to make room.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'format', ARGV[2], 'partitions', ARGV[3])
redis.call('HSETNX', KEYS[2], 'secret', ARGV[5])
redis.call('ZADD', KEYS[1], now, ARGV[1])
return {now, 'OK', redis.call('HGET', KEYS[2], 'secret')}
