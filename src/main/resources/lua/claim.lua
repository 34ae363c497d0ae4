-- Takes deliveries that are due out of the outbox, in flight at this replica.
-- KEYS  1 outbox  2 replicas  3 deliveries in flight at this replica  4 meta  then per delivery: delivery
-- ARGV  1 replica  2 not-after  then per delivery: id
-- Gives {now, 'OK', per delivery: 1 claimed | 0 gone, or not due} | {now, 'EXPELLED' | 'LATE'}.
--
-- Two replicas find the same one: ZREM says who has it. One that a version before began is counted as it did, and has
-- made attempts by a schedule without end: from here on it is one like all others, with all attempts before it.
local now = milliseconds()
local refused = refusal(now, KEYS[2], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end

local reply = {now, 'OK'}
for i = 3, #ARGV do
  local due = call('ZSCORE', KEYS[1], ARGV[i])
  local claimed = due and tonumber(due) <= now and call('ZREM', KEYS[1], ARGV[i]) or 0
  local delivery = claimed == 1 and call('HMGET', KEYS[i + 2], 'status', 'before', 'attempts', 'flow')
  if delivery and delivery[1] ~= 'pending' then
    claimed = 0
  elseif delivery then
    call('SADD', KEYS[3], ARGV[i])
    if not delivery[2] then
      call('HSET', KEYS[i + 2], 'before', delivery[3] or 0, 'begun', now)
      call('HINCRBY', KEYS[4], 'pending', -1)
      call('HINCRBY', KEYS[4], 'undelivered:' .. delivery[4], 1)
    end
  end
  reply[#reply + 1] = claimed
end
return reply
