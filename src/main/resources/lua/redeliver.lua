-- Has a delivery made once more, at the operator's word: it is due now, with all its attempts before it.
-- KEYS  1 outbox  2 dead letters  3 due  4 meta  5 delivery  6 collation  then n further keys of the resource
-- ARGV  1 delivery id  2 generation  3 member of due  4 flow  5 highest index the keys were made for
-- Gives {'BEGUN' | 'UNDER_WAY' | 'GONE' | 'CHANGED' it grew past the declared keys: look again}.
--
-- What is pending and not in the outbox is in flight at somebody. Of two who ask for the same at once, one finds it
-- pending already, and changes no more than when its next attempt is.
local id = ARGV[1]
local status = redis.call('HGET', KEYS[5], 'status')
local collation = redis.call('HMGET', KEYS[6], 'gen', 'max')
if not status or collation[1] ~= ARGV[2] then
  return {'GONE'}
end
if tonumber(collation[2]) > tonumber(ARGV[5]) then
  return {'CHANGED'}
end
if status == 'pending' and not redis.call('ZSCORE', KEYS[1], id) then
  return {'UNDER_WAY'}
end

redis.call('ZREM', KEYS[2], id)
redis.call('ZREM', KEYS[3], ARGV[3])
redis.call('HDEL', KEYS[5], 'delivered', 'died')
redis.call('HDEL', KEYS[6], 'delivered', 'died')
-- Its attempts so far do not count any more: settled attempts are told from those before by this number.
redis.call('HSET', KEYS[5], 'status', 'pending', 'before', redis.call('HGET', KEYS[5], 'attempts') or 0)
for k = 5, #KEYS do
  redis.call('PERSIST', KEYS[k])
end
if status == 'delivered' then
  redis.call('HINCRBY', KEYS[4], 'undelivered:' .. ARGV[4], 1)
end
redis.call('ZADD', KEYS[1], milliseconds(), id)
return {'BEGUN'}
