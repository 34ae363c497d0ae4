-- This replica says good-bye: what it still holds may be taken over at once.
-- KEYS  1 replicas   ARGV  1 replica
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('ZADD', KEYS[1], 0, ARGV[1])
end
return {}
