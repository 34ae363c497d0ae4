-- This replica's heartbeat, and a look at what is due. It only finds; other scripts act and check again.
-- KEYS  1 replicas  2 meta  3 outbox  4 due  5 wake
-- ARGV  1 replica  2 beat ms  3 lease ms  4 how many of each to find
-- Gives {now, 'OK', silent replicas, deliveries to retry, collations to look at, collations with parts to wake,
--       ms until more is due or ''} | {now, 'EXPELLED'}.
--
-- When nobody ticked for two beats, Redis was away, or everybody was: silence then proves nothing, so all
-- get a fresh lease first. A score of 0 or less marks a replica that left or was declared dead: nothing revives it.
-- ZREM before ZADD: it must run at maxmemory, where a script may only begin by freeing, or nobody finds the
-- clean-ups that make room.
local now = milliseconds()
local me, limit = ARGV[1], tonumber(ARGV[4])

local beat = call('ZSCORE', KEYS[1], me)
if not beat or tonumber(beat) <= 0 then
  return {now, 'EXPELLED'}
end

call('ZREM', KEYS[1], me)
local ticked = tonumber(call('HGET', KEYS[2], 'ticked') or 0)
if now - ticked > 2 * tonumber(ARGV[2]) then
  for _, replica in ipairs(call('ZRANGEBYSCORE', KEYS[1], '(0', '+inf')) do
    call('ZADD', KEYS[1], now, replica)
  end
end
call('ZADD', KEYS[1], now, me)
call('HSET', KEYS[2], 'ticked', now)

local next = ''
for _, schedule in ipairs({KEYS[3], KEYS[4], KEYS[5]}) do
  local first = call('ZRANGEBYSCORE', schedule, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if first[2] and (next == '' or tonumber(first[2]) - now < next) then
    next = tonumber(first[2]) - now
  end
end

return {now, 'OK',
  call('ZRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[3]), 'LIMIT', 0, limit),
  call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, limit),
  call('ZRANGEBYSCORE', KEYS[4], '-inf', now, 'LIMIT', 0, limit),
  call('ZRANGEBYSCORE', KEYS[5], '-inf', now, 'LIMIT', 0, limit),
  next}
