-- Gives a partition up to another number of partitions, if it is idle. Who changes the number calls it for partition 0
-- with 'announce', for all others that there were with 'leave', and for partition 0 with 'settle'.
-- KEYS  1 replicas  2 meta
-- ARGV  1 format version  2 number of partitions  3 lease ms  4 'announce' | 'leave' | 'settle'
-- Gives {'OK'} | {'BUSY'} | {'FORMAT'} Redis holds another format | {'CALLED_OFF'} a replica set to the number kept, or
--       to a third one, started meanwhile.
--
-- A replica of the number kept that starts meanwhile wins: wherever it joined, it asks partition 0 afterwards, before it
-- takes anything. If it asked before 'settle', that finds nothing announced; if after, it finds the new number. Who
-- joined after 'settle' of another is at work under the new number already. One that was silent is declared dead
-- here, and asks when it joins again.
-- ZREM before all: it must run at maxmemory, where a script may only begin by freeing.
local now = milliseconds()
local number, how = ARGV[2], ARGV[4]
local kept = kept_in(KEYS[2])
if kept.format and kept.format ~= ARGV[1] then
  return {'FORMAT'}
end
if kept.partitions == number then
  return {'OK'}
end
if how == 'settle' and kept.next ~= number then
  return {'CALLED_OFF'}
end
if is_busy(kept, KEYS[1], now, ARGV[3]) then
  return {'BUSY'}
end
redis.call('ZREM', KEYS[1], '')
if how == 'announce' then
  redis.call('HSET', KEYS[2], 'next', number)
  return {'OK'}
end
for _, silent in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  redis.call('ZADD', KEYS[1], 0, silent)
end
redis.call('HDEL', KEYS[2], 'next')
redis.call('HSET', KEYS[2], 'format', ARGV[1], 'partitions', number)
return {'OK'}
