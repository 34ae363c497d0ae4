-- Takes deliveries that are due out of the outbox, in flight at this replica.
-- KEYS  1 outbox  2 replicas  3 deliveries in flight at this replica  then per delivery: delivery
-- ARGV  1 replica  2 not-after  then per delivery: id
-- Gives {now, 'OK', per delivery: 1 claimed | 0 gone, or not due} | {now, 'EXPELLED' | 'LATE'}.
--
-- Two replicas find the same one: ZREM says who has it.
local now = milliseconds()
local refused = refusal(now, KEYS[2], ARGV[1], ARGV[2])
if refused then
  return {now, refused}
end

local reply = {now, 'OK'}
for i = 3, #ARGV do
  local due = redis.call('ZSCORE', KEYS[1], ARGV[i])
  local claimed = due and tonumber(due) <= now and redis.call('ZREM', KEYS[1], ARGV[i]) or 0
  if claimed == 1 and redis.call('HGET', KEYS[i + 1], 'status') ~= 'pending' then
    claimed = 0
  end
  if claimed == 1 then
    redis.call('SADD', KEYS[3], ARGV[i])
  end
  reply[#reply + 1] = claimed
end
return reply
