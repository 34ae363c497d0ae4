-- This replica says good-bye: what it still holds may be taken over at once. Who holds nothing leaves no trace.
-- KEYS  1 replicas  2 its journal  3 its deliveries in flight  4 loads   ARGV  1 replica
-- A score of -1 marks who left, one of 0 who was declared dead.
local beat = redis.call('ZSCORE', KEYS[1], ARGV[1])
if beat and tonumber(beat) > 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  if redis.call('XLEN', KEYS[2]) > 0 or redis.call('EXISTS', KEYS[3]) == 1 then
    redis.call('ZADD', KEYS[1], -1, ARGV[1])
  else
    redis.call('UNLINK', KEYS[2])
  end
  redis.call('HDEL', KEYS[4], ARGV[1], ARGV[1] .. ' given')
end
return {}
