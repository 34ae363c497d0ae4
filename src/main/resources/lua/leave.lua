-- This replica says good-bye: what it still holds may be taken over at once. Who holds nothing leaves no trace.
-- KEYS  1 replicas  2 its journal  3 its deliveries in flight   ARGV  1 replica
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  if redis.call('XLEN', KEYS[2]) > 0 or redis.call('EXISTS', KEYS[3]) == 1 then
    redis.call('ZADD', KEYS[1], 0, ARGV[1])
  else
    redis.call('UNLINK', KEYS[2])
  end
end
return {}
