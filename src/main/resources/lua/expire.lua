-- Acts on a collation whose time has come: closes it to new parts, ends it, or removes it.
-- KEYS  1 replicas  2 meta  3 due  4 recent of the flow  5 deliveries in flight at this replica
--       6 collation  7 outputs  8 delivery  then the resource's other keys
-- ARGV  1 replica  2 not-after  3 flow  4 resource  5 generation  6 delivery id
--       7 highest index the keys were made for
-- Gives {now, 'OK', 'NOTHING' | 'CLOSING' | 'REMOVED', ''} | {now, 'OK', 'ENDED', highest index} |
--       {now, 'EXPELLED' | 'LATE'}.
--
-- Found by a tick and judged again here: whoever answered, delivered or dropped in between has won. A result
-- and the deadline that race for one collation are two scripts, and Redis runs one of them first.
-- Every path begins with ZREM, which frees: it must run at maxmemory.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local flow, resource, generation = ARGV[3], ARGV[4], ARGV[5]

if now > tonumber(ARGV[2]) then
  return {now, 'LATE'}
end
local beat = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not beat or tonumber(beat) == 0 then
  return {now, 'EXPELLED'}
end

local member = flow .. ' ' .. generation .. ' ' .. resource
local due = redis.call('ZSCORE', KEYS[3], member)
if not due or tonumber(due) > now then
  return {now, 'OK', 'NOTHING', ''}
end
local state = redis.call('HMGET', KEYS[6],
  'state', 'gen', 'deadline', 'processed', 'failed', 'received', 'max', 'delivered')
redis.call('ZREM', KEYS[3], member)
if state[2] and state[2] ~= generation then
  return {now, 'OK', 'NOTHING', ''}
end

local open = state[1] == 'collecting' or state[1] == 'closing'
if not open then
  if state[1] and not state[8] then
    -- Ended, and still to be delivered: what comes next is the delivery's to say.
    return {now, 'OK', 'NOTHING', ''}
  end
  if state[7] and tonumber(state[7]) > tonumber(ARGV[7]) then
    redis.call('ZADD', KEYS[3], due, member)
    return {now, 'OK', 'NOTHING', ''}
  end
  redis.call('ZREM', KEYS[4], resource)
  redis.call('UNLINK', unpack(KEYS, 6))
  return {now, 'OK', 'REMOVED', ''}
end

local settled = tonumber(state[4] or 0) + tonumber(state[5] or 0) == tonumber(state[6])
local over = now >= tonumber(state[3])
if not over and not settled then
  redis.call('ZADD', KEYS[3], state[3], member)
  redis.call('HSET', KEYS[6], 'state', 'closing', 'updated', now)
  return {now, 'OK', 'CLOSING', ''}
end
redis.call('HSET', KEYS[6], 'state', 'incomplete', 'ended', now, 'updated', now, 'delivery', ARGV[6])
if over then
  redis.call('HSET', KEYS[6], 'expired', 1)
end
redis.call('HSET', KEYS[8], 'flow', flow, 'resource', resource, 'gen', generation, 'highest', state[7],
  'status', 'pending', 'attempts', 0, 'created', now)
redis.call('SADD', KEYS[5], ARGV[6])
redis.call('HINCRBY', KEYS[2], 'open:' .. flow, -1)
redis.call('HINCRBY', KEYS[2], 'pending', 1)
return {now, 'OK', 'ENDED', state[7]}
