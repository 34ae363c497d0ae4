-- Has a delivery made once more, at the operator's word: it is due now, with all its attempts before it.
-- KEYS  1 outbox  2 dead letters  3 due  4 meta  5 delivery  6 collation  then n further keys of the resource
-- ARGV  1 delivery id  2 generation  3 member of due  4 flow  5 highest index the keys were made for
--       6 the only status from which it is to be begun; '' from any
-- Gives {'BEGUN' | 'UNCHANGED' | 'GONE' | 'CHANGED' it grew past the declared keys: look again}.
--
-- What is pending and not in the outbox is in flight at somebody; that, and what is due, is left as it is. So of two who
-- ask for the same at once one changes nothing. When all that is pending is to be begun, only what has been tried is: the
-- others have the whole schedule before them, and wait for places that they would lose; and who goes through the outbox would
-- meet them there again and again.
local id, now = ARGV[1], milliseconds()
local delivery = call('HMGET', KEYS[5], 'status', 'attempts', 'before')
local status = delivery[1]
local collation = call('HMGET', KEYS[6], 'gen', 'max')
if not status or collation[1] ~= ARGV[2] then
  return {'GONE'}
end
if tonumber(collation[2]) > tonumber(ARGV[5]) then
  return {'CHANGED'}
end
local waits = call('ZSCORE', KEYS[1], id)
if (status == 'pending' and (not waits or tonumber(waits) <= now)) or (ARGV[6] ~= '' and status ~= ARGV[6]) then
  return {'UNCHANGED'}
end
if ARGV[6] == 'pending' and (delivery[2] or '0') == (delivery[3] or '0') then
  return {'UNCHANGED'}
end

local counted = delivery[3]
call('ZREM', KEYS[2], id)
call('ZREM', KEYS[3], ARGV[3])
call('HDEL', KEYS[5], 'delivered', 'died')
call('HDEL', KEYS[6], 'delivered', 'died')
-- Its attempts so far do not count any more: settled attempts are told from those before by this number.
call('HSET', KEYS[5], 'status', 'pending', 'before', delivery[2] or 0, 'begun', now)
for k = 5, #KEYS do
  call('PERSIST', KEYS[k])
end
if status == 'delivered' then
  call('HINCRBY', KEYS[4], 'undelivered:' .. ARGV[4], 1)
elseif not counted then
  -- A version before counted it in another place.
  call('HINCRBY', KEYS[4], 'pending', -1)
  call('HINCRBY', KEYS[4], 'undelivered:' .. ARGV[4], 1)
end
call('ZADD', KEYS[1], now, id)
return {'BEGUN'}
