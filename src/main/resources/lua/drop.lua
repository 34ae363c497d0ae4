-- Drops a resource and its work at the operator's word. Parts of it that are still in a journal find no
-- resource of their generation when they are collated, and go.
-- KEYS  1 meta  2 recent  3 outbox  4 due  5 collation  6 outputs  7 delivery  then the resource's other keys
-- ARGV  1 flow  2 resource  3 generation  4 highest index the keys were made for  5 delivery id
--       6 member of due
-- Gives {'DROPPED' | 'GONE' | 'CHANGED' it grew past the declared keys: look again}.
local state = redis.call('HMGET', KEYS[5], 'state', 'gen', 'max')
if not state[1] or state[2] ~= ARGV[3] then
  return {'GONE'}
end
if tonumber(state[3]) > tonumber(ARGV[4]) then
  return {'CHANGED'}
end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[5])
redis.call('ZREM', KEYS[4], ARGV[6])
if redis.call('HGET', KEYS[7], 'status') == 'pending' then
  redis.call('HINCRBY', KEYS[1], 'pending', -1)
end
redis.call('UNLINK', unpack(KEYS, 5))
if state[1] == 'collecting' or state[1] == 'closing' then
  redis.call('HINCRBY', KEYS[1], 'open:' .. ARGV[1], -1)
end
return {'DROPPED'}
